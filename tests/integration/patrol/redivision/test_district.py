"""The model: a district of 1,030 grids is re-divided into 1,024."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import shapely
from sqlalchemy import Connection, insert, select

from data.audit import Who
from data.database import Database
from data.editions import (
    GridIndexes,
    change_draft,
    copy_to_draft,
    draft_edition,
    read_findings,
    read_grids,
    undo,
)
from data.schema import accounts, case_events, cases, grid_lineage
from data.scope import Scope
from gis.redivision import Operation, Relation, compare
from gis.topology import check
from patrol.cases.case import Actor
from patrol.cases.report import read_report
from patrol.cases.service import CaseService
from patrol.redivision import put_in_force
from tests.redivision import AFTER, BEFORE, MERGES, MOVES, RENAMES, SPLITS, district, redivide

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
WHO = Who(account_id=None, name="张三", role="admin", address=None)


def test_a_district_is_redivided_from_1030_to_1024_grids(database: Database) -> None:
    with database.begin() as conn:
        first = draft_edition(conn, district(), name="2026").edition
        assert (first.grids - 24, first.findings) == (BEFORE, 0)
        put_in_force(conn, first.id, WHO, at=NOW - timedelta(days=1))
        account_id = conn.scalar(
            insert(accounts).values(username="desk", role="dispatcher").returning(accounts.c.id)
        )
        draft = copy_to_draft(conn, WHO, name="2027")
        original = [row.grid for row in read_grids(conn, draft.id)]
    with database.begin() as conn:
        redivide(
            lambda: original,
            lambda operation: _within(conn, draft.id, operation),
        )
        now = [row.grid for row in read_grids(conn, draft.id)]
        assert read_findings(conn, draft.id) == []
    assert sum(grid.level == 2 for grid in now) == AFTER
    assert check(now).ok
    for level in (1, 2):
        areas = [grid.geometry for grid in now if grid.level == level]
        assert shapely.coverage_is_valid(areas)

    comparison = compare(original, now)
    counts = Counter(comparison.relations.values())
    assert counts[Relation.SPLIT] == 2 * SPLITS
    assert counts[Relation.MERGED] == 2 * MERGES
    assert counts[Relation.RENAMED] == RENAMES
    assert counts[Relation.CHANGED] == 2 * MOVES
    # A new border may cross the old one: then ground moves both ways.
    between = {frozenset((move.old, move.new)) for move in comparison.moved}
    assert len(between) == MOVES + SPLITS + MERGES

    # All of it can be taken back, and done again, before it takes effect.
    steps = MOVES + SPLITS + MERGES + RENAMES
    with database.begin() as conn:
        undo(conn, draft.id, WHO, steps=steps)
        back = [row.grid for row in read_grids(conn, draft.id)]
        assert [(g, g.geometry.wkb) for g in back] == [(g, g.geometry.wkb) for g in original]
        conn.rollback()

    desk = Actor(
        account_id=account_id,
        staff_id=None,
        name="desk",
        role="dispatcher",
        scope=Scope.everything(),
    )
    service = CaseService(database, GridIndexes(database), lambda: NOW)
    for move in comparison.moved:
        place = move.geometry.representative_point()
        report = read_report(lon=place.x, lat=place.y, description="垃圾", role="dispatcher")
        service.report(report, desk)
    with database.begin() as conn:
        done = put_in_force(conn, draft.id, WHO, at=NOW + timedelta(days=1))
        lineage = Counter(conn.scalars(select(grid_lineage.c.relation)))
        where = list(conn.scalars(select(cases.c.grid_code).order_by(cases.c.id)))
        events = list(
            conn.scalars(select(case_events.c.case_id).where(case_events.c.action == "reattribute"))
        )
    assert done.cases.cases == done.cases.moved == len(comparison.moved)
    assert where == [move.new for move in comparison.moved]
    assert len(events) == len(set(events)) == len(where)
    assert lineage["split"] == 2 * SPLITS
    assert lineage["merged"] == 2 * MERGES
    assert lineage["renamed"] == RENAMES


def _within(conn: Connection, edition_id: int, operation: Operation) -> None:
    with conn.begin_nested():
        change_draft(conn, edition_id, operation, WHO, at=NOW)
