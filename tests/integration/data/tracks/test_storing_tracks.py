from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, box
from sqlalchemy import text

from data.database import Database
from data.editions import GridIndexes, activate, draft_edition
from data.tracks import StoredTrack, Track, store_track, unit_ids
from data.tracks.measured import Measured
from gis.crs import Crs, to_wgs84
from gis.errors import InvalidInput, NotFound
from gis.grid import Grid

MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)


def track(*fixes: tuple[float, float], repeats: int = 0) -> Track:
    """Of (seconds after midnight, lon), at 34.505 north."""
    seconds, lons = zip(*fixes, strict=True)
    count = len(fixes)
    return Track(
        at=np.datetime64("2026-11-22", "us") + (np.array(seconds) * 1e6).astype("m8[us]"),
        lon=np.array(lons, float),
        lat=np.full(count, 34.505),
        measured=np.array([Measured(altitude_m=10.0)] + [Measured()] * (count - 1), np.float32),
        number=np.arange(7, 7 + count, dtype=np.int32),
        repeats=repeats,
        refused=(),
    )


@pytest.fixture
def unit_id(database: Database) -> int:
    with database.begin() as conn:
        return unit_ids(conn, ["GW-001"], create=True)["GW-001"]


def store(database: Database, track: Track, unit_id: int) -> StoredTrack:
    with database.begin() as conn:
        index = GridIndexes(database).active(conn)
        return store_track(conn, track, unit_id=unit_id, index=index)


def rows(database: Database, statement: str) -> list[tuple[object, ...]]:
    with database.begin() as conn:
        return [tuple(row) for row in conn.execute(text(statement))]


def test_fixes_are_stored_as_they_were_read(database: Database, unit_id: int) -> None:
    stored = store(database, track((0, 118.6), (1.5, 118.7)), unit_id)
    assert stored == StoredTrack(stored=2, duplicates=0, conflicts=())
    assert rows(
        database, "SELECT unit_id, at, lon, lat, altitude_m, grid_id, flags FROM fixes ORDER BY at"
    ) == [
        (unit_id, MIDNIGHT, 118.6, 34.505, 10.0, None, 0),
        (unit_id, MIDNIGHT + timedelta(seconds=1.5), 118.7, 34.505, None, None, 0),
    ]


def test_what_a_device_measured_is_stored_and_shown_at_the_units_position(
    database: Database, unit_id: int
) -> None:
    walked = track((0, 118.6))
    measured = Measured(
        accuracy_m=8.5, speed_mps=1.25, heading_deg=90.0, altitude_m=27.0, battery_pct=80.0
    )
    store(database, replace(walked, measured=np.array([measured], np.float32)), unit_id)
    columns = ", ".join(Measured._fields)
    for table in ("fixes", "positions"):
        assert rows(database, f"SELECT {columns} FROM {table}") == [tuple(measured)]


def test_a_track_in_another_system_is_converted_and_kept_as_it_was(
    database: Database, unit_id: int
) -> None:
    lon, lat = to_wgs84(118.6, 34.505, Crs.GCJ02)
    with database.begin() as conn:
        store_track(conn, track((0, 118.6)), unit_id=unit_id, index=None, crs=Crs.GCJ02)
    columns = "lon, lat, source_crs, source_lon, source_lat"
    assert rows(database, f"SELECT {columns} FROM fixes") == [(lon, lat, "gcj02", 118.6, 34.505)]
    assert rows(database, "SELECT lon, lat FROM positions") == [(lon, lat)]
    with database.begin() as conn:
        again = store_track(conn, track((0, 118.6)), unit_id=unit_id, index=None, crs=Crs.GCJ02)
    assert again == StoredTrack(stored=0, duplicates=1, conflicts=())


def test_storing_a_track_twice_stores_it_once(database: Database, unit_id: int) -> None:
    walked = track((0, 118.6), (1, 118.7), repeats=3)
    store(database, walked, unit_id)
    again = store(database, walked, unit_id)
    assert again == StoredTrack(stored=0, duplicates=5, conflicts=())


def test_a_time_spent_elsewhere_is_a_conflict_and_the_first_stays(
    database: Database, unit_id: int
) -> None:
    store(database, track((0, 118.6)), unit_id)
    other = store(database, track((0, 118.7), (1, 118.8)), unit_id)
    assert other == StoredTrack(stored=1, duplicates=0, conflicts=(7,))
    assert rows(database, "SELECT lon FROM fixes ORDER BY at") == [(118.6,), (118.8,)]


def test_a_track_over_midnight_gets_a_partition_for_each_day(
    database: Database, unit_id: int
) -> None:
    store(database, track((-1, 118.6), (0, 118.6)), unit_id)
    assert rows(database, "SELECT tableoid::regclass::text FROM fixes ORDER BY at") == [
        ("fixes_20261121",),
        ("fixes_20261122",),
    ]


def test_each_fix_gets_the_deepest_grid_around_it(database: Database, unit_id: int) -> None:
    def grid(code: str, west: float, level: int, parent: str | None) -> Grid:
        area = MultiPolygon([box(west, 34.5, 118.62, 34.51)])
        return Grid(code=code, name=code, level=level, parent_code=parent, geometry=area)

    grids = [grid("T", 118.6, 1, None), grid("V", 118.61, 2, "T")]
    with database.begin() as conn:
        edition = draft_edition(conn, grids, name="2026").edition
        activate(conn, edition.id, at=MIDNIGHT, accept_reason="the west has no village")
    store(database, track((0, 118.605), (1, 118.615), (2, 119)), unit_id)
    codes = "SELECT code FROM fixes LEFT JOIN grids ON grids.id = grid_id ORDER BY at"
    assert rows(database, codes) == [("T",), ("V",), (None,)]


def test_the_unit_stands_at_its_newest_fix_whatever_came_first(
    database: Database, unit_id: int
) -> None:
    position = "SELECT at, lon, altitude_m, moved_at, seq FROM positions"
    store(database, track((10, 118.7), (0, 118.6)), unit_id)
    at = MIDNIGHT + timedelta(seconds=10)
    assert rows(database, position) == [(at, 118.7, 10.0, at - timedelta(hours=1), 1)]
    store(database, track((5, 118.65)), unit_id)
    assert rows(database, position)[0][:2] == (at, 118.7)
    store(database, track((20, 118.8)), unit_id)
    [(newer, lon, _, _, seq)] = rows(database, position)
    assert (newer, lon) == (MIDNIGHT + timedelta(seconds=20), 118.8)
    assert isinstance(seq, int)
    assert seq > 1


def test_an_empty_track_stores_nothing(database: Database, unit_id: int) -> None:
    empty = track((0, 118.6))
    nothing = Track(
        at=empty.at[:0],
        lon=empty.lon[:0],
        lat=empty.lat[:0],
        measured=empty.measured[:0],
        number=empty.number[:0],
        repeats=0,
        refused=(),
    )
    assert store(database, nothing, unit_id).stored == 0


def sessions(database: Database) -> list[tuple[object, ...]]:
    """From and to, in seconds after midnight."""
    statement = (
        "SELECT extract(epoch FROM began_at - '2026-11-22Z')::int, "
        "extract(epoch FROM ended_at - '2026-11-22Z')::int FROM duty_sessions ORDER BY began_at"
    )
    return rows(database, statement)


def test_whoever_walked_a_track_was_on_duty_all_the_way(database: Database, unit_id: int) -> None:
    walked = track((0.5, 118.6), (60, 118.7))
    for _ in range(2):
        store(database, walked, unit_id)
        assert sessions(database) == [(0, 61)]
    store(database, track((100, 118.6), (200, 118.7)), unit_id)
    assert sessions(database) == [(0, 61), (100, 201)]
    store(database, track((50, 118.65), (150, 118.7)), unit_id)
    assert sessions(database) == [(0, 201)]


def test_a_session_that_is_open_stays_open_and_begins_with_the_track(
    database: Database, unit_id: int
) -> None:
    opened = text(
        "INSERT INTO duty_sessions (unit_id, began_at) VALUES (:unit, '2026-11-22 00:01Z')"
    )
    with database.begin() as conn:
        conn.execute(opened, {"unit": unit_id})
    store(database, track((30, 118.6), (90, 118.7)), unit_id)
    assert sessions(database) == [(30, None)]
    store(database, track((40, 118.6), (900, 118.7)), unit_id)
    assert sessions(database) == [(30, None)]


@settings(max_examples=25)
@given(
    walks=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), min_size=1, max_size=6),
    data=st.data(),
)
def test_the_order_of_tracks_does_not_change_who_was_on_duty(
    database: Database, unit_id: int, walks: list[tuple[int, int]], data: st.DataObject
) -> None:
    found = []
    for order in (walks, data.draw(st.permutations(walks))):
        for began, lasts in order:
            store(database, track((began, 118.6), (began + lasts, 118.6)), unit_id)
        found.append(sessions(database))
        with database.begin() as conn:
            conn.execute(text("DELETE FROM duty_sessions"))
    assert found[0] == found[1]
    assert all(
        any(from_ <= began and began + lasts < to for from_, to in found[0])  # type: ignore[operator]
        for began, lasts in walks
    )


def test_a_vehicle_that_is_always_on_duty_gets_no_session(database: Database) -> None:
    with database.begin() as conn:
        car = unit_ids(conn, ["CAR-1"], create=True, kind="vehicle")["CAR-1"]
    store(database, track((0, 118.6), (60, 118.7)), car)
    assert sessions(database) == []


def test_missing_units_are_made_only_when_asked(database: Database) -> None:
    with database.begin() as conn:
        with pytest.raises(NotFound, match=r"no unit 000, 001\. Add --create-units"):
            unit_ids(conn, ["001", "000", "001"])
        made = unit_ids(conn, ["000"], create=True, kind="vehicle")
        assert unit_ids(conn, ["000"]) == made
    assert rows(database, "SELECT code, name, kind, role, always_on_duty FROM units") == [
        ("000", "000", "vehicle", "patroller", True)
    ]


@pytest.mark.parametrize("code", ["", " ", "x" * 65, "a\nb"])
def test_what_cannot_be_a_unit_s_code_is_refused(database: Database, code: str) -> None:
    with database.begin() as conn, pytest.raises(InvalidInput, match="is not a unit"):
        unit_ids(conn, [code], create=True)
