"""Two divisions compared."""

from collections.abc import Sequence

import pytest

from gis.grid import Grid
from gis.redivision import (
    ChangeParent,
    Comparison,
    Merge,
    MoveBorder,
    Operation,
    Relation,
    Rename,
    Sheet,
    Split,
    compare,
    perform,
)
from tests.divisions import SOUTH, WEST, squares

SW, NW, NEW = "32072210120300101", "32072210120300102", "32072210120300103"
SE = "32072210120300201"
COLUMN_W, COLUMN_E = "320722101203001", "320722101203002"


def line(*places: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    return tuple((WEST + x * 0.01, SOUTH + y * 0.01) for x, y in places)


def compared(*operations: Operation, before: Sequence[Grid] | None = None) -> Comparison:
    before = before or squares()
    now = list(before)
    for operation in operations:
        change = perform(Sheet(now), operation)
        gone = {grid.code for grid in change.before}
        now = [*(grid for grid in now if grid.code not in gone), *change.after]
    return compare(before, now)


def links(comparison: Comparison) -> dict[tuple[str | None, str | None], Relation]:
    return {
        (each.old, each.new): each.relation
        for each in comparison.links
        if each.relation is not Relation.KEPT
    }


def test_the_same_division_is_kept() -> None:
    comparison = compared()
    assert set(comparison.relations.values()) == {Relation.KEPT}
    assert comparison.moved == ()
    assert comparison.changed_codes == set()


def test_a_moved_border_changes_both_and_says_what_ground_moves() -> None:
    comparison = compared(MoveBorder(grids=(SW, NW), line=line((0, 0.5), (1, 0.5))))
    assert comparison.relations[SW] is comparison.relations[NW] is Relation.CHANGED
    assert comparison.relations[SE] is Relation.KEPT  # though it has a new node on its border
    [moved] = comparison.moved
    assert (moved.old, moved.new, moved.level) == (SW, NW, 2)
    assert moved.area_m2 == pytest.approx(509_000, rel=0.01)
    assert moved.geometry.area == pytest.approx(0.5e-4)


def test_a_border_moved_over_half_a_grid_is_still_a_moved_border() -> None:
    comparison = compared(MoveBorder(grids=(SW, NW), line=line((0, 0.1), (1, 0.1))))
    assert set(links(comparison).values()) == {Relation.CHANGED}


def test_a_split_links_the_one_to_both_with_the_shares() -> None:
    comparison = compared(Split(grid=SW, line=line((0.25, 0), (0.25, 1))))
    assert links(comparison) == {(SW, SW): Relation.SPLIT, (SW, NEW): Relation.SPLIT}
    [new] = [each for each in comparison.links if each.new == NEW]
    assert new.share_of_old == pytest.approx(0.25, abs=1e-4)
    assert new.share_of_new == pytest.approx(1.0, abs=1e-4)


def test_a_merge_links_both_to_the_one() -> None:
    comparison = compared(Merge(grids=(SW, NW)))
    assert links(comparison) == {(SW, SW): Relation.MERGED, (NW, SW): Relation.MERGED}


def test_another_name_or_code_is_renamed_and_does_not_change_what_is_below() -> None:
    comparison = compared(Rename(grid=SW, name="新"), Rename(grid=COLUMN_E, code="N"))
    assert links(comparison) == {(SW, SW): Relation.RENAMED, (COLUMN_E, "N"): Relation.RENAMED}
    assert comparison.relations["N"] is comparison.relations[COLUMN_E] is Relation.RENAMED


def test_a_new_code_beside_a_split_neighbour_is_renamed_all_the_same() -> None:
    comparison = compared(Split(grid=SW, line=line((0.3, 0), (0.7, 1))), Rename(grid=NW, code="N"))
    assert links(comparison)[NW, "N"] is Relation.RENAMED


def test_another_parent_is_a_change_of_the_grid_and_of_both_parents() -> None:
    comparison = compared(ChangeParent(grid=SW, parent=COLUMN_E))
    assert comparison.relations[SW] is Relation.CHANGED
    assert comparison.relations[COLUMN_W] is comparison.relations[COLUMN_E] is Relation.CHANGED
    [moved] = comparison.moved
    assert (moved.old, moved.new, moved.level) == (COLUMN_W, COLUMN_E, 1)


def test_ground_that_nobody_had_or_has_is_new_or_gone() -> None:
    four, two = squares(), [grid for grid in squares() if grid.code.startswith(COLUMN_W)]
    shrunk = compare(four, two)
    assert shrunk.relations[SE] is Relation.GONE
    assert {(each.old, each.new) for each in shrunk.moved} == {
        (code, None) for code in (COLUMN_E, SE, "32072210120300202")
    }
    assert compare(two, four).relations[SE] is Relation.NEW
