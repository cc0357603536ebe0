"""Real people in a real city, against counts that were made by other means (shapely, `intersects`)."""

import csv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from shapely import STRtree, points
from sqlalchemy import Connection, text

from data.database import Database
from data.editions import (
    GridIndexes,
    Source,
    activate,
    draft_edition,
    find_edition,
    grids_from_files,
    read_findings,
)
from data.files import find_files, read_features
from data.tracks import find_track_files, read_plt, store_track, unit_ids, unit_of_folder
from gis.grid import Grid
from gis.track import flags
from gis.visits import VisitParameters, find_visits
from patrol.tracks.fixes import read_fixes
from patrol.tracks.grids import VisitedGrids

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def grids(real_data: Path) -> tuple[Grid, ...]:
    folder = real_data / "beijing_admin"
    intake = grids_from_files(
        (
            Source(file=read_features(file), level=level)
            for level, name in ((1, "district"), (2, "subdistrict"))
            for file in find_files(folder / name)
        ),
        sliver_m=None,  # the oracle has the files as they are
    )
    assert {note.split(", ")[0].rpartition("/")[2] for note in intake.notes} == {
        "fengtai-outline.geojson"  # the one with degenerate rings
    }
    return intake.grids


@pytest.fixture
def beijing(database: Database, grids: tuple[Grid, ...]) -> Database:
    with database.begin() as conn:
        draft = draft_edition(conn, grids, name="北京")
        activate(conn, draft.edition.id, at=NOW, accept_reason="the files are as they are")
    return database


def ids_of(conn: Connection) -> list[int]:
    return list(conn.scalars(text("SELECT id FROM units")))


def import_tracks(database: Database, folder: Path) -> Counter[str]:
    files = find_track_files([folder])
    totals: Counter[str] = Counter()
    with database.begin() as conn:
        ids = unit_ids(conn, map(unit_of_folder, files), create=True)
        index = GridIndexes(database).active(conn)
    for file in files:
        track = read_plt(file, now=NOW)
        with database.begin() as conn:
            stored = store_track(conn, track, unit_id=ids[unit_of_folder(file)], index=index)
        totals += Counter(
            read=track.read,
            stored=stored.stored,
            duplicates=stored.duplicates,
            refused=len(track.refused) + len(stored.conflicts),
        )
    return totals


def test_the_edition_has_every_district_and_its_parents(beijing: Database) -> None:
    with beijing.begin() as conn:
        edition = find_edition(conn)
        kinds = Counter(f["properties"]["kind"] for f in read_findings(conn, edition.id))
        levels = conn.execute(
            text("SELECT level, count(*), count(parent_code) FROM grids GROUP BY 1 ORDER BY 1")
        )
        assert [tuple(row) for row in levels] == [(1, 16, 0), (2, 248, 248)]
    assert kinds["overlap"] > 0
    assert kinds["outside_parent"] > 0
    assert not kinds.keys() & {"missing_parent", "invalid_geometry", "duplicate_code"}


def test_the_fixes_of_each_sub_district_are_those_of_the_oracle(
    beijing: Database, grids: tuple[Grid, ...], real_data: Path
) -> None:
    folder = real_data / "geolife_dev"
    assert import_tracks(beijing, folder) == Counter(read=164_531, stored=164_523, duplicates=8)

    areas = [grid for grid in grids if grid.level == 2]
    codes = {grid.code for grid in areas}
    with (real_data / "oracles" / "geolife_dev_points_per_subdistrict.csv").open() as file:
        expected = Counter({row["code"]: int(row["points"]) for row in csv.DictReader(file)})
    expected = Counter({code: expected[code] for code in codes})

    # The oracle counts a line that repeats an earlier one again; a fix is stored once.
    lines = [
        [file, *line.split(",")]
        for file in find_track_files([folder])
        for line in file.read_text().splitlines()[6:]
    ]
    seen: set[tuple[object, ...]] = set()
    repeated: list[tuple[float, float]] = []
    places: list[tuple[float, float]] = []
    for file, lat, lon, _, _, _, date, time in lines:
        fix = (unit_of_folder(Path(file)), date, time, lon, lat)
        (repeated if fix in seen else places).append((float(lon), float(lat)))
        seen.add(fix)
    assert len(repeated) == 8
    tree = STRtree([grid.geometry for grid in areas])
    _, of_repeated = tree.query(points(repeated), predicate="intersects")
    expected -= Counter(areas[index].code for index in of_repeated)

    # It counts a fix on an overlap of two in both; here the lower code owns it.
    of_place, area = tree.query(points(places), predicate="intersects")
    times = Counter(of_place.tolist())
    [twice] = [place for place, count in times.items() if count > 1]
    owner, other = sorted(areas[index].code for index in area[of_place == twice])
    assert (owner, other) == ("110108011000", "110108012000")
    expected[other] -= 1

    # It counts a fix in a sliver between two in neither; here the nearest owns it, if one of the
    # district that covers it is within 50 m.
    index = GridIndexes(beijing)
    with beijing.begin() as conn:
        active = index.active(conn)
    assert active is not None
    in_slivers: Counter[str] = Counter()
    for number, (lon, lat) in enumerate(places):
        if number not in times:
            place = active.tree.place(lon, lat)
            if place is not None and place.grid.level == 2:
                assert place.snapped
                assert place.distance_m < 1
                in_slivers[place.grid.code] += 1
    assert in_slivers == {"110108011000": 8, "110108024000": 3}
    expected += in_slivers

    with beijing.begin() as conn:
        stored = conn.execute(
            text(
                "SELECT code, count(*) AS fixes FROM fixes JOIN grids ON grids.id = grid_id "
                "WHERE level = 2 GROUP BY code"
            )
        )
        assert {row.code: row.fixes for row in stored} == {c: n for c, n in expected.items() if n}
        assert conn.scalar(text("SELECT count(*) FROM positions")) == 11
        newest = conn.execute(
            text(
                "SELECT unit_id, max(at) FROM fixes GROUP BY 1 EXCEPT SELECT unit_id, at FROM positions"
            )
        )
        assert newest.all() == []

    # Without a dwell a visit is nothing but the fixes inside: those believed of the stored ones.
    visited: Counter[str] = Counter()
    believed: Counter[str] = Counter()
    grids_of = VisitedGrids(GridIndexes(beijing))
    with beijing.begin() as conn:
        codes = dict(conn.execute(text("SELECT id, code FROM grids WHERE level = 2")).all())
        for fixes in read_fixes(conn, ids_of(conn), datetime(2000, 1, 1, tzinfo=UTC), NOW):
            kept = flags(fixes.track) == 0
            where = grids_of.of(conn, fixes.track).grid_id[kept]
            visits = find_visits(
                fixes.track.t_s[kept], where, parameters=VisitParameters(dwell_s=0.0)
            )
            for grid_id, count in zip(visits.place.tolist(), visits.fixes.tolist(), strict=True):
                visited[codes[grid_id]] += count
            believed.update(codes[each] for each in fixes.grid_id[kept].tolist() if each in codes)
    assert visited == believed
    assert believed.total() > 0.99 * expected.total()

    again = import_tracks(beijing, folder)
    assert (again["stored"], again["duplicates"], again["refused"]) == (0, 164_531, 0)
