"""Five years of another city's cases, and what can be told of them without this program."""

import csv
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyproj
import pytest
from scipy.spatial import cKDTree
from sqlalchemy import text

from api.coordinates import read_position
from data.database import Database
from data.editions import GridIndexes
from data.files.rows import read_rows
from data.installation import Databases
from data.scope import Scope, Viewer
from data.sql import load_sql
from gis.crs import Crs
from patrol.cases.case import Actor, Source
from patrol.cases.duplicates import WITHIN
from patrol.cases.folding import fold
from patrol.cases.service import CaseService
from patrol.cases.store import lock_case, read_events
from patrol.categories.built_in import BUILT_IN
from patrol.categories.tree import Categories
from patrol.intake.importing import Intake, Outcome
from patrol.intake.pairs import duplicate_pairs
from patrol.intake.sheet import Sheet, read_tickets
from patrol.intake.ticket import Reading

KNOWN = Categories(BUILT_IN.values())

EASTERN = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
LONG_AGO = datetime(2013, 1, 1, tzinfo=UTC)
ACTOR = Actor(account_id=None, staff_id=None, name="x", role="admin", scope=Scope.everything())

READING = Reading(
    source=Source.HOTLINE,
    crs=Crs.WGS84,
    zone=EASTERN,
    history=True,
    categories=KNOWN,
    read_position=read_position,
    now=NOW,
)


@pytest.fixture(scope="module")
def file(real_data: Path) -> Path:
    path = real_data / "cases_baltimore311" / "311_sample.csv"
    if not path.exists():
        pytest.skip(f"the cases of Baltimore are not here ({path})")
    return path


@pytest.fixture(scope="module")
def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return [*csv.DictReader(stream)]


@pytest.fixture(scope="module")
def sheet(file: Path) -> Sheet:
    return read_tickets("311.csv", read_rows(file), READING, mapping={})


def take(database: Database, sheet: Sheet) -> Outcome:
    grid_indexes = GridIndexes(database)
    service = CaseService(database, grid_indexes, lambda: NOW)
    intake = Intake(database, grid_indexes, service, lambda: NOW)
    return intake.take(sheet.tickets, ACTOR, history=True)


def at(cell: str) -> datetime | None:
    if not cell:
        return None
    return datetime.strptime(cell, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=EASTERN).astimezone(UTC)


def useable(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Those with a position that nobody rounded to whole degrees, not closed before they were opened."""
    found: list[dict[str, Any]] = []
    for row in rows:
        if not row["Latitude"] or not row["Longitude"]:
            continue
        lon, lat = float(row["Longitude"]), float(row["Latitude"])
        opened, closed = at(row["CreatedDate"]), at(row["CloseDate"])
        assert opened is not None
        if (lon == int(lon) and lat == int(lat)) or (closed is not None and closed < opened):
            continue
        found.append({**row, "lon": lon, "lat": lat, "opened": opened, "closed": closed})
    return found


def test_its_columns_are_recognised(sheet: Sheet) -> None:
    assert {field.value: name for field, name in sheet.columns.items()} == {
        "number": "ServiceRequestNum",
        "category": "SRType",
        "lon": "Longitude",
        "lat": "Latitude",
        "address": "Address",
        "told_at": "CreatedDate",
        "due_at": "DueDate",
        "closed_at": "CloseDate",
        "status": "SRStatus",
    }


def test_what_cannot_be_used_is_refused_with_the_reason(
    sheet: Sheet, rows: list[dict[str, str]]
) -> None:
    good = useable(rows)
    assert {ticket.number for ticket in sheet.tickets} == {row["ServiceRequestNum"] for row in good}
    assert len(sheet.refused) == len(rows) - len(good)
    reasons = Counter(each.reason for each in sheet.refused)
    without = sum(not row["Latitude"] or not row["Longitude"] for row in rows)
    assert reasons["It has no position: find the place, and give lon and lat."] == without
    assert sum(count for reason, count in reasons.items() if "whole degrees" in reason) == sum(
        bool(row["Latitude"])
        and float(row["Latitude"]) == int(float(row["Latitude"]))
        and float(row["Longitude"]) == int(float(row["Longitude"]))
        for row in rows
    )


def test_every_old_case_is_kept_as_it_was_and_once(
    database: Database, sheet: Sheet, rows: list[dict[str, str]]
) -> None:
    good = useable(rows)
    outcome = take(database, sheet)
    assert (outcome.new, outcome.kept, outcome.outside) == (len(good),) * 3
    assert outcome.unknown == Counter(row["SRType"] for row in good)
    again = take(database, sheet)
    assert (again.new, again.unchanged) == (0, len(good))
    with database.begin() as conn:
        stored = {
            row.external_number: row
            for row in conn.execute(
                text(
                    "SELECT external_number, external_category, state, reported_at, closed_at, due_at, "
                    "handled_at > due_at AS late, dispatched_at FROM cases"
                )
            )
        }
        assert conn.scalar(text("SELECT count(*) FROM notices")) == 0
        numbers = conn.scalars(text("SELECT number FROM cases ORDER BY number")).all()
        assert (numbers[0], len({*numbers})) == ("AH20261127-0001", len(good))
    assert len(stored) == len(good)
    for row in good:
        kept = stored[row["ServiceRequestNum"]]
        assert kept.external_category == row["SRType"]
        assert kept.reported_at == row["opened"]
        assert kept.closed_at == row["closed"]
        assert kept.due_at == at(row["DueDate"])
        assert kept.state == ("filed" if row["closed"] is None else "closed")
        assert kept.dispatched_at is None
    due = [(row["closed"], at(row["DueDate"])) for row in good]
    late = sum(closed is not None and end is not None and closed > end for closed, end in due)
    assert sum(bool(row.late) for row in stored.values()) == late > 0


def test_the_row_of_every_case_is_what_its_events_add_up_to(
    database: Database, sheet: Sheet
) -> None:
    take(database, sheet)
    with database.begin() as conn:
        ids = conn.scalars(text("SELECT id FROM cases WHERE id % 20 = 0")).all()
        for case_id in ids:
            case = lock_case(conn, case_id)
            assert case is not None
            assert fold(read_events(conn, case)) == case
    assert len(ids) > 50


def test_an_import_that_was_interrupted_goes_on_where_it_ended(
    database: Database, sheet: Sheet
) -> None:
    grid_indexes = GridIndexes(database)
    service = CaseService(database, grid_indexes, lambda: NOW)
    intake = Intake(database, grid_indexes, service, lambda: NOW)

    def interrupt(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        intake.take(sheet.tickets, ACTOR, history=True, progress=interrupt)
    with database.begin() as conn:
        first = conn.scalar(text("SELECT count(*) FROM cases"))
    rest = intake.take(sheet.tickets, ACTOR, history=True)
    assert (first, rest.unchanged, rest.new) == (500, 500, len(sheet.tickets) - 500)


def test_duplicates_are_those_that_a_tree_finds(
    database: Database, sheet: Sheet, rows: list[dict[str, str]]
) -> None:
    take(database, sheet)
    good = useable(rows)
    expected = pairs_by_tree(good)
    with database.begin() as conn:
        found = duplicate_pairs(conn, LONG_AGO, NOW, count=10**6)
        few = duplicate_pairs(conn, LONG_AGO, NOW, count=2)
    assert {
        frozenset((str(pair.first.external_number), str(pair.second.external_number)))
        for pair in found
    } == expected
    assert len(found) == len(expected) > 0
    assert few == found[:2]
    for pair in found:
        assert pair.first.reported_at <= pair.second.reported_at
        assert pair.distance_m <= 50
        assert pair.gap_s <= 24 * 3600


def test_in_a_crowd_duplicates_are_those_that_a_tree_finds(database: Database) -> None:
    """Nine hundred cases of three kinds in three days, on a square of 300 m."""
    random = np.random.default_rng(311)
    good = [
        {
            "ServiceRequestNum": str(n),
            "SRType": f"type {random.integers(3)}",
            "lon": -76.6 + float(random.uniform(0, 0.0035)),
            "lat": 39.3 + float(random.uniform(0, 0.0027)),
            "opened": NOW - timedelta(seconds=int(random.integers(3 * 86_400))),
        }
        for n in range(900)
    ]
    header = ["number", "category", "lon", "lat", "told_at"]
    rows = [
        [str(row[name]) for name in ("ServiceRequestNum", "SRType", "lon", "lat", "opened")]
        for row in good
    ]
    take(database, read_tickets("x", [header, *rows], READING, mapping={}))
    with database.begin() as conn:
        found = duplicate_pairs(conn, NOW - timedelta(days=9), NOW, count=10**6)
    assert len(found) > 1000
    assert {
        frozenset((str(pair.first.external_number), str(pair.second.external_number)))
        for pair in found
    } == pairs_by_tree(good)


def pairs_by_tree(good: list[dict[str, Any]]) -> set[frozenset[str]]:
    """In UTM 18N the nearest by a k-d tree, a little wider, and then measured on the ellipsoid."""
    lon = np.array([row["lon"] for row in good])
    lat = np.array([row["lat"] for row in good])
    to_utm = pyproj.Transformer.from_crs(4326, 32618, always_xy=True)
    near = np.array([*cKDTree(np.column_stack(to_utm.transform(lon, lat))).query_pairs(60.0)])
    one, other = near[:, 0], near[:, 1]
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(lon[one], lat[one], lon[other], lat[other])
    return {
        frozenset((good[a]["ServiceRequestNum"], good[b]["ServiceRequestNum"]))
        for a, b, distance_m in zip(one, other, metres, strict=True)
        if distance_m <= 50.0
        and good[a]["SRType"] == good[b]["SRType"]
        and abs(good[a]["opened"] - good[b]["opened"]) <= timedelta(hours=24)
    }


def test_duplicates_are_walked_to_and_looked_up_by_an_index_also_for_a_viewer(
    database: Database, sheet: Sheet
) -> None:
    take(database, sheet)
    with database.begin() as conn:
        conn.execute(text("ANALYZE cases"))
    asked = {"since": LONG_AGO, "until": NOW, "within": WITHIN, "near_m": 50, "near_lat": 0.0005}
    asked |= {"after_first": 0, "after_second": 0}
    statement = load_sql("patrol.intake", "intake.sql")["duplicate_pairs"]
    with (
        Databases.beside(database) as databases,
        databases.application.begin(Viewer.everything()) as conn,
    ):
        plan = conn.scalars(text(f"EXPLAIN {statement}"), {**asked, "count": 1000}).all()
    assert any("Presorted Key" in line for line in plan)  # a page ends with its last pair
    look_up = next(line for line in plan if "cases_category_reported_at_idx on cases" in line)
    bounds = plan[plan.index(look_up) + 1]
    assert "reported_at <=" in bounds
    assert "lat <=" in bounds
