from datetime import UTC, datetime, timedelta

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import Connection, text

from data.database import Database
from data.editions import (
    EditionState,
    activate,
    active_edition_id,
    draft_edition,
    edition_id_at,
    find_edition,
    read_editions,
    read_findings,
    read_grids,
)
from gis.errors import Conflict, InvalidInput, NotFound
from gis.grid import Grid

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def grid(code: str, west: float, east: float, *, level: int = 1, parent: str | None = None) -> Grid:
    area = MultiPolygon([box(west, 34, east, 34.01)])
    return Grid(code=code, name=f"网格{code}", level=level, parent_code=parent, geometry=area)


TOWN = grid("T", 118, 118.02)
SOUND = [
    TOWN,
    grid("1", 118, 118.01, level=2, parent="T"),
    grid("2", 118.01, 118.02, level=2, parent="T"),
]
OVERLAPPING = [TOWN, grid("1", 118, 118.015, level=2, parent="T"), SOUND[2]]


def draft(conn: Connection, grids: list[Grid], name: str = "2026") -> int:
    return draft_edition(conn, grids, name=name).edition.id


def test_a_draft_holds_the_grids_as_they_were_given(database: Database) -> None:
    with database.begin() as conn:
        made = draft_edition(conn, SOUND, name="2026", source_crs="gcj02")
        stored = read_grids(conn, made.edition.id)
    assert made.is_new
    assert made.edition.state is EditionState.DRAFT
    assert (made.edition.grids, made.edition.findings) == (3, 0)
    assert made.edition.source_crs == "gcj02"
    assert [row.grid for row in stored] == SOUND
    assert stored[0].area_m2 == pytest.approx(1_848_000 * 1.109, rel=0.01)


def test_the_same_grids_in_another_order_are_the_same_edition(database: Database) -> None:
    with database.begin() as conn:
        first = draft_edition(conn, SOUND, name="2026")
    with database.begin() as conn:
        again = draft_edition(conn, SOUND[::-1], name="again")
        other = draft_edition(conn, SOUND[:1], name="other")
    assert not again.is_new
    assert again.edition == first.edition
    assert other.is_new


def test_an_edition_without_grids_is_refused(database: Database) -> None:
    with database.begin() as conn, pytest.raises(InvalidInput, match="at least one grid"):
        draft_edition(conn, [], name="empty")


def test_findings_are_kept_with_the_edition_as_geojson(database: Database) -> None:
    with database.begin() as conn:
        edition_id = draft(conn, OVERLAPPING)
        [finding] = read_findings(conn, edition_id)
    assert finding["properties"]["kind"] == "overlap"
    assert finding["properties"]["codes"] == ["1", "2"]
    assert finding["geometry"]["type"] == "MultiPolygon"


def test_a_child_outside_its_parent_is_a_finding_with_its_area(database: Database) -> None:
    with database.begin() as conn:
        edition_id = draft(conn, [*SOUND, grid("3", 118.02, 118.03, level=2, parent="T")])
        [finding] = read_findings(conn, edition_id)
    assert finding["properties"]["kind"] == "outside_parent"
    assert finding["properties"]["codes"] == ["3", "T"]
    assert finding["properties"]["area_m2"] == pytest.approx(1_025_000, rel=0.01)


def test_activation_is_refused_while_there_are_findings_and_no_reason(database: Database) -> None:
    with database.begin() as conn:
        edition_id = draft(conn, OVERLAPPING)
    for reason in (None, "", "  "):
        with database.begin() as conn, pytest.raises(Conflict, match=r"1 finding.*accept_reason"):
            activate(conn, edition_id, at=NOON, accept_reason=reason)
    with database.begin() as conn:
        active = activate(conn, edition_id, at=NOON, accept_reason="surveyed again next year")
    assert active.state is EditionState.ACTIVE
    assert active.accepted_reason == "surveyed again next year"


def test_activation_retires_the_edition_before_at_the_same_instant(database: Database) -> None:
    with database.begin() as conn:
        first = draft(conn, SOUND)
        activate(conn, first, at=NOON)
        second = draft(conn, SOUND[:1])
    with database.begin() as conn:
        activate(conn, second, at=NOON + timedelta(days=1))
        old, new = find_edition(conn, str(first)), find_edition(conn, str(second))
    assert (old.state, old.valid_from, old.valid_to) == (
        EditionState.RETIRED,
        NOON,
        NOON + timedelta(days=1),
    )
    assert (new.state, new.valid_from, new.valid_to) == (
        EditionState.ACTIVE,
        NOON + timedelta(days=1),
        None,
    )


def test_activating_twice_is_once(database: Database) -> None:
    with database.begin() as conn:
        edition_id = draft(conn, SOUND)
        first = activate(conn, edition_id, at=NOON)
        assert activate(conn, edition_id, at=NOON + timedelta(days=1)) == first


def test_an_edition_cannot_begin_before_the_one_it_replaces(database: Database) -> None:
    with database.begin() as conn:
        first = draft(conn, SOUND)
        activate(conn, first, at=NOON)
        second = draft(conn, SOUND[:1])
        with pytest.raises(Conflict, match="must begin later"):
            activate(conn, second, at=NOON)


def test_a_retired_edition_keeps_its_dates_and_its_grids_may_be_drafted_anew(
    database: Database,
) -> None:
    with database.begin() as conn:
        first = draft(conn, SOUND)
        activate(conn, first, at=NOON)
        second = draft(conn, SOUND[:1])
        activate(conn, second, at=NOON + timedelta(days=1))
        with pytest.raises(Conflict, match="has been retired"):
            activate(conn, first, at=NOON + timedelta(days=2))
        third = draft_edition(conn, SOUND, name="back")
        assert third.is_new
        activate(conn, third.edition.id, at=NOON + timedelta(days=2))
        assert active_edition_id(conn) == third.edition.id


def test_the_edition_of_an_instant_is_the_one_in_force_then(database: Database) -> None:
    with database.begin() as conn:
        first = draft(conn, SOUND)
        activate(conn, first, at=NOON)
        second = draft(conn, SOUND[:1])
        activate(conn, second, at=NOON + timedelta(days=1))
        assert edition_id_at(conn, NOON - timedelta(seconds=1)) is None
        assert edition_id_at(conn, NOON) == first
        assert edition_id_at(conn, NOON + timedelta(days=1)) == second
        assert edition_id_at(conn, NOON + timedelta(days=99)) == second


def test_grids_are_read_by_level_and_by_what_meets_a_box(database: Database) -> None:
    with database.begin() as conn:
        edition_id = draft(conn, SOUND)

        def codes(**filters: object) -> list[str]:
            return [row.grid.code for row in read_grids(conn, edition_id, **filters)]  # type: ignore[arg-type]

        assert codes() == ["T", "1", "2"]
        assert codes(level=2) == ["1", "2"]
        assert codes(bbox=(118.011, 34, 118.012, 34.001)) == ["T", "2"]
        assert codes(level=2, bbox=(118.01, 34, 118.01, 34.001)) == ["1", "2"]
        assert codes(bbox=(0, 0, 1, 1)) == []


def test_the_box_asks_for_the_area_not_its_bounds(database: Database) -> None:
    apart = MultiPolygon([box(118, 34, 118.01, 34.01), box(118.09, 34, 118.1, 34.01)])
    exclave = Grid(code="X", name="X", level=1, parent_code=None, geometry=apart)
    with database.begin() as conn:
        edition_id = draft(conn, [exclave])
        assert read_grids(conn, edition_id, bbox=(118.04, 34, 118.05, 34.01)) == []


def test_an_edition_is_found_by_number_or_name_and_is_the_newest_otherwise(
    database: Database,
) -> None:
    with database.begin() as conn:
        with pytest.raises(NotFound, match="no grid edition yet"):
            find_edition(conn)
        first = draft(conn, SOUND, name="spring")
        second = draft(conn, SOUND[:1], name="autumn")
        assert find_edition(conn).id == second
        assert find_edition(conn, "spring").id == first
        assert find_edition(conn, str(first)).id == first
        with pytest.raises(NotFound, match="no edition 'winter'"):
            find_edition(conn, "winter")
        draft(conn, SOUND[:2], name="spring")
        with pytest.raises(Conflict, match="Several editions are called 'spring'"):
            find_edition(conn, "spring")
        assert [edition.name for edition in read_editions(conn)] == ["spring", "autumn", "spring"]


def test_unknown_editions_are_said_to_be_unknown(database: Database) -> None:
    with database.begin() as conn, pytest.raises(NotFound, match="no edition 12"):
        activate(conn, 12, at=NOON)


def test_a_failure_leaves_no_half_edition(database: Database) -> None:
    def interrupted() -> None:
        with database.begin() as conn:
            draft(conn, SOUND)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with database.begin() as conn:
        assert read_editions(conn) == []
        assert conn.scalar(text("SELECT count(*) FROM grids")) == 0
