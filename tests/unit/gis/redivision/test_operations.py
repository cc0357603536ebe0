"""Operations on a division: each keeps the topology."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from gis.errors import Conflict, InvalidInput, NotFound
from gis.grid import Grid
from gis.polygons import polygonal
from gis.redivision import (
    Change,
    ChangeParent,
    Merge,
    MoveBorder,
    Operation,
    Rename,
    Sheet,
    Snap,
    Split,
    perform,
    recheck,
)
from gis.redivision.edges import edges_of, vertices_of
from gis.redivision.splitting import Keeps
from gis.topology import check
from tests.divisions import SOUTH, WEST, squares, voronoi

# The south-west, north-west, south-east and north-east square, and the columns above them.
SW, NW = "32072210120300101", "32072210120300102"
SE, NE = "32072210120300201", "32072210120300202"
COLUMN_W, COLUMN_E = "320722101203001", "320722101203002"


def at(column: float, row: float) -> tuple[float, float]:
    return WEST + column * 0.01, SOUTH + row * 0.01


def after(grids: Sequence[Grid], *operations: Operation) -> dict[str, Grid]:
    now = list(grids)
    for operation in operations:
        now = applied(now, perform(Sheet(now), operation))
    return {grid.code: grid for grid in now}


def applied(grids: Sequence[Grid], change: Change) -> list[Grid]:
    gone = {grid.code for grid in change.before}
    return [*(grid for grid in grids if grid.code not in gone), *change.after]


def require_coverage(grids: Sequence[Grid]) -> None:
    for level in {grid.level for grid in grids}:
        assert shapely.coverage_is_valid([g.geometry for g in grids if g.level == level])
    assert check(grids).ok, check(grids).counts


def test_a_border_is_moved_for_both_at_once() -> None:
    now = after(squares(), MoveBorder(grids=(SW, NW), line=(at(0, 0.5), at(1, 0.5))))
    require_coverage(list(now.values()))
    assert now[SW].geometry.area == pytest.approx(0.5e-4)
    assert now[NW].geometry.area == pytest.approx(1.5e-4)


def test_a_third_grid_gets_the_node_where_the_new_border_ends_on_its_border() -> None:
    now = after(squares(), MoveBorder(grids=(SW, NW), line=(at(0, 0.5), at(1, 0.5))))
    [node] = vertices_of(now[SE].geometry) - vertices_of(squares()[-2].geometry)
    assert node == pytest.approx(at(1, 0.5))
    assert node in vertices_of(now[NW].geometry) & vertices_of(now[COLUMN_E].geometry)


def test_only_the_piece_between_the_ends_of_a_line_is_replaced() -> None:
    bulge = (at(0.25, 1), at(0.25, 1.2), at(0.75, 1.2), at(0.75, 1))
    now = after(squares(), MoveBorder(grids=(SW, NW), line=bulge))
    require_coverage(list(now.values()))
    assert now[SW].geometry.area == pytest.approx(1.1e-4)
    assert at(0, 1) in {(round(x, 9), round(y, 9)) for x, y in vertices_of(now[SW].geometry)}


def test_a_border_between_two_parents_takes_theirs_with_it() -> None:
    now = after(squares(), MoveBorder(grids=(SW, SE), line=(at(0.5, 0), at(0.5, 1))))
    require_coverage(list(now.values()))
    assert now[COLUMN_W].geometry.area == pytest.approx(1.5e-4)
    assert now[COLUMN_E].geometry.area == pytest.approx(2.5e-4)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ((at(0.2, 0.2), at(0.8, 0.8)), "meets no border|does not part"),
        ((at(0, 1), at(1, 1)), "is the border already"),
        ((at(0, 0.5), at(1, 0.6), at(0.5, 0), at(0.5, 0.9)), "crosses itself"),
        ((at(0, 0.5),), "two or more|from 2"),
    ],
)
def test_a_line_that_is_no_border_is_refused_and_says_why(
    line: tuple[tuple[float, float], ...], says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        after(squares(), MoveBorder(grids=(SW, NW), line=line))
    assert refused.value.field == "line"


def test_borders_that_do_not_match_are_refused_and_not_guessed_at() -> None:
    grids = squares(2, 1)
    east = grids[-1]
    (west, south), (_, north) = at(1, 0), at(2, 1)
    right = east.geometry.bounds[2]
    ring = [
        (west, south),
        (right, south),
        (right, north),
        (west, north),
        (west - 2e-3, south + 5e-3),
    ]
    spoilt = replace(east, geometry=shapely.MultiPolygon([shapely.Polygon(ring)]))
    for line in ((at(0.5, 0), at(0.5, 1)), (at(1, 0), at(0.5, 0.5), at(1, 1))):
        with pytest.raises(InvalidInput):
            after([*grids[:-1], spoilt], MoveBorder(grids=(SW, east.code), line=line))


def test_grids_without_a_common_border_have_none_to_move() -> None:
    with pytest.raises(InvalidInput, match="no border"):
        after(squares(), MoveBorder(grids=(SW, NE), line=(at(0, 0.5), at(1, 0.5))))


def test_the_border_of_a_grid_with_grids_below_is_moved_through_those() -> None:
    with pytest.raises(InvalidInput, match="move their borders"):
        after(squares(), MoveBorder(grids=(COLUMN_W, COLUMN_E), line=(at(0.5, 0), at(0.5, 2))))


def test_a_split_gives_the_next_free_code_and_name_to_the_smaller_side() -> None:
    now = after(squares(), Split(grid=SW, line=(at(0.25, 0), at(0.25, 1))))
    require_coverage(list(now.values()))
    new = now["32072210120300103"]
    assert (new.name, new.parent_code, new.level) == ("1-3网格", COLUMN_W, 2)
    assert new.geometry.area == pytest.approx(0.25e-4)


@pytest.mark.parametrize(
    ("keeps", "west_of_it"), [(Keeps.LEFT, SW), (Keeps.RIGHT, "new"), (Keeps.SMALLER, SW)]
)
def test_which_side_keeps_the_code_may_be_said(keeps: Keeps, west_of_it: str) -> None:
    line = (at(0.25, 0), at(0.25, 1))  # to the north: the west is on its left
    now = after(squares(), Split(grid=SW, line=line, keeps=keeps, new_codes=("new",)))
    assert now[west_of_it].geometry.bounds[0] == WEST


def test_a_split_may_give_both_sides_new_codes_and_names() -> None:
    line = (at(0.25, 0), at(0.25, 1))
    split = Split(grid=SW, line=line, keeps=Keeps.NEITHER, new_codes=("A", "B"), names=("西", "东"))
    now = after(squares(), split)
    assert SW not in now
    assert (now["A"].name, now["B"].name) == ("西", "东")


def test_a_split_of_a_parent_parts_what_is_below_it() -> None:
    now = after(squares(2, 3), Split(grid=COLUMN_W, line=(at(0, 1), at(1, 1)), new_codes=("N",)))
    require_coverage(list(now.values()))
    assert now[SW].parent_code == "N"
    assert now[NW].parent_code == COLUMN_W


def test_a_split_that_crosses_a_grid_below_is_refused_unless_that_may_be_cut() -> None:
    line = (at(0, 1.5), at(1, 1.5))
    with pytest.raises(InvalidInput, match=f"crosses .*{NW}"):
        after(squares(), Split(grid=COLUMN_W, line=line))
    now = after(squares(), Split(grid=COLUMN_W, line=line, cut_children=True))
    require_coverage(list(now.values()))
    assert len(now) == 6 + 2


def test_a_code_is_never_given_again() -> None:
    with pytest.raises(InvalidInput, match="never used again"):
        perform(Sheet(squares(), used_codes=["old"]), Rename(grid=SW, code="old"))
    sheet = Sheet(squares(), used_codes=["32072210120300103"])
    change = perform(sheet, Split(grid=SW, line=(at(0.25, 0), at(0.25, 1))))
    assert {grid.code for grid in change.after} > {SW, "32072210120300104"}


def test_a_merge_keeps_the_first_code_and_needs_a_parent_when_there_are_two() -> None:
    now = after(squares(), Merge(grids=(SW, NW)))
    require_coverage(list(now.values()))
    assert NW not in now
    assert now[SW].geometry.area == pytest.approx(2e-4)
    with pytest.raises(InvalidInput, match="different parents") as refused:
        after(squares(), Merge(grids=(SW, SE)))
    assert refused.value.field == "parent"
    now = after(squares(), Merge(grids=(SW, SE), parent=COLUMN_E))
    require_coverage(list(now.values()))
    assert now[COLUMN_E].geometry.area == pytest.approx(3e-4)


def test_grids_that_do_not_touch_are_not_merged() -> None:
    with pytest.raises(InvalidInput, match="no border with the others"):
        after(squares(1, 3), Merge(grids=(SW, "32072210120300103")))


def test_parents_are_merged_with_what_is_below_them() -> None:
    now = after(squares(), Merge(grids=(COLUMN_W, COLUMN_E)))
    require_coverage(list(now.values()))
    assert {grid.parent_code for grid in now.values()} == {None, COLUMN_W}


def test_a_new_code_is_known_below() -> None:
    now = after(squares(), Rename(grid=COLUMN_W, code="新", name="新网格"))
    require_coverage(list(now.values()))
    assert now[SW].parent_code == "新"


def test_another_parent_changes_both_outlines_and_leaves_none_empty() -> None:
    grids = after(squares(), ChangeParent(grid=SW, parent=COLUMN_E))
    require_coverage(list(grids.values()))
    assert grids[COLUMN_E].geometry.area == pytest.approx(3e-4)
    with pytest.raises(Conflict, match="left without a grid"):
        after(list(grids.values()), ChangeParent(grid=NW, parent=COLUMN_E))


def test_a_grid_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        after(squares(), Rename(grid="X", name="Y"))


def test_slivers_and_gaps_within_the_tolerance_are_closed_and_wider_ones_left() -> None:
    def shifted(by_deg: float) -> list[Grid]:
        grids = squares()
        far = shapely.transform(grids[2].geometry, lambda xy: xy + np.array([by_deg, 0]))
        assert grids[2].code == SW
        return [
            *grids[:2],
            Grid(code=SW, name="1", level=2, parent_code=COLUMN_W, geometry=far),
            *grids[3:],
        ]

    assert not check(shifted(-1e-5)).ok
    snapped = after(shifted(-1e-5), Snap(tolerance_m=2))
    require_coverage(list(snapped.values()))
    assert not check(list(after(shifted(-1e-4), Snap(tolerance_m=2)).values())).ok


@cache
def division(seed: int) -> tuple[Grid, ...]:
    return tuple(voronoi(24, parents=4, seed=seed))


def place_on(area: BaseGeometry, rnd: random.Random) -> tuple[float, float]:
    point = area.boundary.interpolate(rnd.random(), normalized=True)
    return point.x, point.y


def place_in(area: BaseGeometry, rnd: random.Random) -> tuple[float, float]:
    west, south, east, north = area.bounds
    return rnd.uniform(west, east), rnd.uniform(south, north)


def any_operation(grids: Sequence[Grid], rnd: random.Random) -> Operation:
    level = rnd.choice([1, 2, 2, 2])
    peers = [grid for grid in grids if grid.level == level]
    one = rnd.choice(peers)
    beside = [
        grid
        for grid in peers
        if grid is not one and edges_of(grid.geometry) & edges_of(one.geometry)
    ]
    other = rnd.choice(beside or peers)
    match rnd.randrange(6):
        case 0 | 1 if level == 2:
            both = one.geometry.union(other.geometry)
            ends = (both, both) if rnd.random() < 0.5 else (one.geometry, other.geometry)
            line = (place_on(ends[0], rnd), place_in(both, rnd), place_on(ends[1], rnd))
            return MoveBorder(grids=(one.code, other.code), line=line)
        case 0 | 1 | 2:
            line = (
                place_on(one.geometry, rnd),
                place_in(one.geometry, rnd),
                place_on(one.geometry, rnd),
            )
            return Split(grid=one.code, line=line, keeps=rnd.choice([*Keeps]), cut_children=True)
        case 3:
            return Merge(grids=(one.code, other.code), parent=one.parent_code)
        case 4 if level == 2:
            return ChangeParent(grid=one.code, parent=other.parent_code or "")
    return Rename(grid=one.code, name=f"改名{rnd.random()}", code=f"N{rnd.random()}")


@settings(max_examples=25)
@given(seed=st.integers(0, 3), dice=st.integers(0, 2**32), count=st.integers(1, 10))
def test_whatever_is_done_leaves_a_coverage_and_can_be_undone_to_the_last_byte(
    seed: int, dice: int, count: int
) -> None:
    original, rnd = division(seed), random.Random(dice)
    grids = list(original)
    done: list[Change] = []
    for _ in range(count):
        try:
            change = perform(Sheet(grids), any_operation(grids, rnd))
        except (InvalidInput, Conflict):
            continue
        done.append(change)
        grids = applied(grids, change)
        require_coverage(grids)
    # In degrees: a node on a straight border bends it, as a geodesic, by next to nothing.
    leaves = [grid.geometry.area for grid in grids if grid.level == 2]
    was = [grid.geometry.area for grid in original if grid.level == 2]
    assert sum(leaves) == pytest.approx(sum(was), rel=1e-12)
    for change in reversed(done):
        grids = applied(grids, Change(before=change.after, after=change.before))
    assert {g.code: (g.name, g.level, g.parent_code, g.geometry.wkb) for g in grids} == {
        g.code: (g.name, g.level, g.parent_code, g.geometry.wkb) for g in original
    }


def with_findings(grids: Sequence[Grid]) -> list[Grid]:
    """The same with a grid that is too large and one that is too small."""
    spoilt = list(grids)
    for index, distance in ((-1, 2e-4), (-7, -2e-4)):
        grid = spoilt[index]
        area = polygonal(grid.geometry.buffer(distance, join_style="mitre"))
        spoilt[index] = Grid(
            code=grid.code,
            name=grid.name,
            level=grid.level,
            parent_code=grid.parent_code,
            geometry=area,
        )
    return spoilt


@settings(max_examples=15)
@given(seed=st.integers(0, 3), dice=st.integers(0, 2**32))
def test_what_is_checked_again_after_a_change_is_what_a_whole_check_would_find(
    seed: int, dice: int
) -> None:
    grids, rnd = with_findings(division(seed)), random.Random(dice)
    findings = check(grids).to_geojson()["features"]
    for _ in range(6):
        sheet = Sheet(grids)
        try:
            change = perform(sheet, any_operation(grids, rnd))
        except (InvalidInput, Conflict):
            continue
        findings = recheck(change, grids, sheet.grids).merged(findings)
        grids = applied(grids, change)
        whole = check(grids).to_geojson()["features"]
        assert said(findings) == said(whole)


def said(findings: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """Without the areas, which a node on a border of 10 km makes some m² smaller or larger."""
    return sorted((each["properties"]["kind"], each["properties"]["codes"]) for each in findings)
