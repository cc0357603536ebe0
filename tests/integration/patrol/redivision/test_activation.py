"""An edition put in force, with its lineage and the open cases."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from data.audit import Who
from data.database import Database
from data.editions import (
    GridIndexes,
    active_edition_id,
    change_draft,
    copy_to_draft,
    draft_edition,
    edition_id_at,
    find_edition,
)
from data.editions.lineage import read_lineage
from data.editions.scheduling import cancel, schedule
from data.installation import Databases
from data.schema import accounts, posts, staff
from data.scope import Scope, Viewer
from gis.errors import Conflict
from gis.redivision import Merge, Operation, Rename, Split
from patrol.cases.actions import Action
from patrol.cases.case import Actor, Case
from patrol.cases.folding import fold
from patrol.cases.order import Order
from patrol.cases.reader import CaseFile, CaseReader
from patrol.cases.report import read_report
from patrol.cases.service import CaseService
from patrol.notices import NoticeKind
from patrol.notices.notice import text_of
from patrol.redivision import DueEditions, PutInForce, put_in_force
from tests.divisions import SOUTH, WEST, squares

START = datetime(2026, 11, 22, 4, tzinfo=UTC)
LATER = START + timedelta(days=7)
WHO = Who(account_id=None, name="张三", role="admin", address=None)
SW, NW, NEW = "32072210120300101", "32072210120300102", "32072210120300103"
IN_NEW, IN_NW = (WEST + 0.002, SOUTH + 0.005), (WEST + 0.002, SOUTH + 0.015)
SPLIT = Split(grid=SW, line=((WEST + 0.004, SOUTH), (WEST + 0.004, SOUTH + 0.01)))


@dataclass
class Town:
    database: Database
    cases: CaseService
    reader: CaseReader
    desk: Actor
    now: datetime = START

    def draft(self, *operations: Operation) -> int:
        with self.database.begin() as conn:
            copy = copy_to_draft(conn, WHO, name="2027")
            for operation in operations:
                change_draft(conn, copy.id, operation, WHO, at=self.now)
            return copy.id

    def report(self, place: tuple[float, float], **more: Any) -> Case:
        lon, lat = place
        report = read_report(lon=lon, lat=lat, description="垃圾", role="grid_worker", **more)
        return self.cases.report(report, self.desk).case

    def look(self, case: Case) -> CaseFile:
        return self.reader.read(case.id, self.desk, positions_in=None)

    def put_in_force(self, edition_id: int, at: datetime = LATER) -> PutInForce:
        self.now = at
        with self.database.begin() as conn:
            return put_in_force(conn, edition_id, WHO, at=at)

    def hire(self, name: str, role: str, grid: str | None) -> int:
        with self.database.begin() as conn:
            person = conn.scalar(insert(staff).values(name=name).returning(staff.c.id))
            conn.execute(
                insert(posts).values(
                    staff_id=person, role=role, grid_code=grid, valid_from=START - timedelta(days=9)
                )
            )
            assert person is not None
            return person


@pytest.fixture
def town(database: Database) -> Town:
    """Four squares in force, and a chief of each column; nobody is on duty."""
    with database.begin() as conn:
        edition = draft_edition(conn, squares(), name="2026").edition
        put_in_force(conn, edition.id, WHO, at=START - timedelta(days=30))
        account = conn.scalar(
            insert(accounts).values(username="desk", role="dispatcher").returning(accounts.c.id)
        )
    desk = Actor(
        account_id=account, staff_id=None, name="desk", role="dispatcher", scope=Scope.everything()
    )
    service = CaseService(database, GridIndexes(database), lambda: town.now)
    reader = CaseReader(database, lambda: town.now)
    town = Town(database=database, cases=service, reader=reader, desk=desk)
    return town


def test_an_open_case_gets_its_grid_by_an_event_and_keeps_its_owner_and_state(town: Town) -> None:
    chief = town.hire("李", "grid_chief", "320722101203001")
    case = town.report(IN_NEW)
    assert case.assignment is not None
    assert case.assignment.staff_id == chief
    edition_id = town.draft(SPLIT)
    done = town.put_in_force(edition_id)
    assert (done.cases.cases, done.cases.moved, done.cases.reassigned) == (1, 1, 0)
    file = town.look(case)
    after = file.entry.case
    assert (after.placement.edition_id, after.placement.grid_code) == (edition_id, NEW)
    assert (after.state, after.assignment, after.due_at) == (
        case.state,
        case.assignment,
        case.due_at,
    )
    event = file.events[-1]
    assert (event.action, event.from_state, event.to_state) == (
        Action.REATTRIBUTE,
        case.state,
        case.state,
    )
    assert (event.actor, event.at) == ("system", LATER)
    assert fold(file.events) == after


def test_a_closed_case_keeps_its_grid(town: Town) -> None:
    town.hire("李", "grid_chief", "320722101203001")
    case = town.report(IN_NEW, category="dispute.neighbour")  # there is nothing to be photographed
    checker = Actor(
        account_id=None, staff_id=None, name="x", role="inspector", scope=Scope.everything()
    )
    for action in (Action.ACCEPT, Action.HANDLE):
        town.cases.act(case.id, Order(action=action, note="好"), town.desk)
    town.cases.act(case.id, Order(action=Action.CHECK, note="好"), checker)
    town.cases.act(case.id, Order(action=Action.CLOSE), town.desk)
    before = town.look(case).entry.case
    assert town.put_in_force(town.draft(SPLIT)).cases.cases == 0
    assert town.look(case).entry.case == before
    assert before.placement.grid_code == SW


def test_an_owner_whose_grid_is_gone_is_followed_by_the_one_of_the_rule(town: Town) -> None:
    gone = town.hire("王", "grid_chief", NW)
    chief = town.hire("李", "grid_chief", "320722101203001")
    case = town.report(IN_NW)
    assert case.assignment is not None
    assert case.assignment.staff_id == gone
    done = town.put_in_force(town.draft(Merge(grids=(SW, NW))))
    assert (done.cases.moved, done.cases.reassigned) == (1, 1)
    after = town.look(case).entry.case
    assert after.placement.grid_code == SW
    assert after.assignment is not None
    assert after.assignment.staff_id == chief


def test_whoever_gets_cases_by_new_grids_and_whoever_had_them_hear_of_it_once(town: Town) -> None:
    gone = town.hire("王", "grid_chief", NW)
    chief = town.hire("李", "grid_chief", "320722101203001")
    for _ in range(3):
        town.report(IN_NW)
    stays = town.report(IN_NEW)
    before = told(town)
    town.put_in_force(town.draft(Merge(grids=(SW, NW))))
    assert town.look(stays).entry.case.owner_id == chief
    assert told(town)[len(before) :] == [
        (gone, "cases_passed_on", "网格调整后，3 件案件不再由您负责。"),
        (chief, "cases_received", "网格调整后，3 件案件改由您负责，请查看案件列表。"),
    ]


def test_of_cases_that_nobody_owns_by_new_grids_the_desk_hears(town: Town) -> None:
    town.hire("王", "grid_chief", NW)
    desk = town.hire("赵", "dispatcher", None)
    town.report(IN_NW)
    before = told(town)
    town.put_in_force(town.draft(Merge(grids=(SW, NW))))
    assert (desk, "cases_received", "网格调整后，1 件案件改由调度台负责，请查看案件列表。") in (
        told(town)[len(before) :]
    )


def told(town: Town) -> list[tuple[int, str, str]]:
    """Whom, of which kind, and in which words, in their order."""
    with town.database.begin(Viewer.everything()) as conn:
        rows = conn.execute(text("SELECT staff_id, kind, words FROM notices ORDER BY id"))
        return [
            (row.staff_id, row.kind, text_of(NoticeKind(row.kind), row.words, "zh").text)
            for row in rows
        ]


def test_the_lineage_says_where_ground_went_and_as_of_keeps_working(town: Town) -> None:
    with town.database.begin() as conn:
        old = find_edition(conn, "2026").id
    new = town.draft(SPLIT, Rename(grid=NW, name="北组", code="N"))
    town.put_in_force(new)
    with town.database.begin() as conn:
        of_sw = {
            (each.link.old, each.link.new): each.link.relation for each in read_lineage(conn, SW)
        }
        [renamed] = read_lineage(conn, "N")
        assert edition_id_at(conn, LATER - timedelta(seconds=1)) == old
        assert edition_id_at(conn, LATER) == new
    assert of_sw == {(SW, SW): "split", (SW, NEW): "split"}
    assert (renamed.link.old, renamed.link.relation) == (NW, "renamed")
    assert (renamed.link.share_of_old, renamed.link.share_of_new) == (1.0, 1.0)
    assert (renamed.from_edition_id, renamed.to_edition_id, renamed.since) == (old, new, LATER)


def test_what_is_refused_leaves_everything_as_it_was(town: Town) -> None:
    case = town.report(IN_NEW)
    edition_id = town.draft(SPLIT)
    with pytest.raises(Conflict, match="must begin later"):
        town.put_in_force(edition_id, at=START - timedelta(days=40))
    town.now = START
    assert town.look(case).entry.case == case
    with town.database.begin() as conn:
        assert find_edition(conn, "2026").state == "active"
        assert conn.scalar(text("SELECT count(*) FROM grid_lineage")) == 0


def test_activation_is_on_the_audit_with_what_became_of_the_cases(town: Town) -> None:
    town.report(IN_NEW)
    town.put_in_force(town.draft(SPLIT))
    with town.database.begin() as conn:
        row = conn.execute(
            text(
                "SELECT actor, details FROM audit_events WHERE action = 'edition.activate'"
                " ORDER BY id DESC LIMIT 1"
            )
        ).one()
    assert row.actor == "张三"
    assert (row.details["cases"], row.details["moved"]) == (1, 1)


def due(databases: Databases, now: datetime) -> float:
    return DueEditions(databases.application, now=lambda: now)._look(lambda: None)


def test_a_scheduled_edition_takes_effect_when_it_is_due_and_not_before(town: Town) -> None:
    case = town.report(IN_NEW)
    edition_id = town.draft(SPLIT)
    with town.database.begin() as conn:
        schedule(conn, edition_id, WHO, at=LATER, now=START)
    with Databases.beside(town.database) as databases:
        assert due(databases, LATER - timedelta(seconds=3)) == 3
        with town.database.begin() as conn:
            assert active_edition_id(conn) != edition_id
        due(databases, LATER + timedelta(hours=1))  # nobody was at work when it was due
    with town.database.begin() as conn:
        edition = find_edition(conn, "2027")
    assert (edition.state, edition.valid_from, edition.due_at) == ("active", LATER, None)
    assert town.look(case).entry.case.placement.grid_code == NEW


def test_whose_cases_a_scheduled_edition_moves_is_told_as_well(town: Town) -> None:
    gone = town.hire("王", "grid_chief", NW)
    desk = town.hire("赵", "dispatcher", None)
    town.report(IN_NW)
    before = told(town)
    with town.database.begin() as conn:
        schedule(conn, town.draft(Merge(grids=(SW, NW))), WHO, at=LATER, now=START)
    with Databases.beside(town.database) as databases:
        due(databases, LATER)
    assert {(whom, kind) for whom, kind, _ in told(town)[len(before) :]} == {
        (gone, "cases_passed_on"),
        (desk, "cases_received"),
    }


def test_what_stops_it_when_it_is_due_is_kept_and_it_stays_a_draft(town: Town) -> None:
    scheduled, other = town.draft(SPLIT), town.draft(Rename(grid=NW, name="北组"))
    with town.database.begin() as conn:
        schedule(conn, scheduled, WHO, at=LATER, now=START)
    town.put_in_force(other, at=LATER + timedelta(hours=1))
    with Databases.beside(town.database) as databases:
        due(databases, LATER + timedelta(hours=2))
    with town.database.begin() as conn:
        edition = find_edition(conn, str(scheduled))
        last = conn.scalar(text("SELECT action FROM audit_events ORDER BY id DESC LIMIT 1"))
    assert (edition.state, edition.due_at) == ("draft", None)
    assert "must begin later" in (edition.due_failure or "")
    assert last == "edition.stop"


def test_one_that_was_cancelled_does_not_take_effect(town: Town) -> None:
    edition_id = town.draft(SPLIT)
    with town.database.begin() as conn:
        schedule(conn, edition_id, WHO, at=LATER, now=START)
        cancel(conn, edition_id, WHO)
    with Databases.beside(town.database) as databases:
        due(databases, LATER)
    with town.database.begin() as conn:
        assert active_edition_id(conn) != edition_id
