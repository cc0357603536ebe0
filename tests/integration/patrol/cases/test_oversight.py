import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from data.audit import Who
from data.editions import GridIndexes
from data.scope import Viewer
from patrol.cases import store
from patrol.cases.actions import Action
from patrol.cases.case import CITIZEN, Source, State
from patrol.cases.dispatch import NOWHERE
from patrol.cases.folding import fold
from patrol.cases.order import Order
from patrol.cases.oversight import CaseOversight
from patrol.categories.built_in import BUILT_IN, OTHER
from patrol.clocks.calendar import SpecialDay
from patrol.clocks.store import set_days
from patrol.intake.history import events_of
from patrol.intake.ticket import Ticket

Town = Any  # the fixture of conftest.py


def held(town: Town, *, days: int) -> int:
    worker, chief = town.actor("王", "grid_worker", "A1"), town.actor("李", "grid_chief", "A", "A1")
    case_id = town.service.report(town.report(), worker).case.id
    until = town.clock.now + timedelta(days=days)
    for actor, order in (
        (worker, Order(action=Action.ACCEPT)),
        (worker, Order(action=Action.ASK_HOLD, until=until, note="等材料")),
        (chief, Order(action=Action.GRANT_HOLD)),
    ):
        town.service.act(case_id, order, actor)
    return int(case_id)


async def look_twice_at_once(town: Town) -> None:
    """As two workers do."""

    def routine() -> CaseOversight:
        return CaseOversight(town.database, GridIndexes(town.database), now=town.clock)

    await asyncio.gather(*(asyncio.to_thread(routine()._look, lambda: None) for _ in range(2)))


def test_what_is_on_hold_goes_on_by_itself_when_the_hold_is_over(town: Town) -> None:
    short, long = held(town, days=1), held(town, days=3)
    town.clock.advance(days=1)
    asyncio.run(look_twice_at_once(town))
    desk = town.actor("调度", "dispatcher")
    files = [town.reader.read(case_id, desk, positions_in=None) for case_id in (short, long)]
    assert [file.entry.case.state for file in files] == [State.IN_PROGRESS, State.ON_HOLD]
    [resumed] = [event for event in files[0].events if event.action is Action.RESUME]
    assert (resumed.actor, resumed.at) == ("system", town.clock.now)


def test_what_is_due_in_a_year_that_was_announced_since_is_worked_out_again(
    town: Town,
) -> None:
    town.change_category("facility.road", term="5wd")
    town.clock.now = datetime(2099, 1, 5, 2, tzinfo=UTC)  # a Monday
    worker, desk = town.actor("王", "grid_worker", "A1"), town.actor("调度", "dispatcher")
    case = town.service.report(town.report(category="facility.road"), worker).case
    assert (case.provisional, case.due_at) == (True, datetime(2099, 1, 12, 10, tzinfo=UTC))
    asyncio.run(look_twice_at_once(town))
    assert town.reader.read(case.id, desk, positions_in=None).entry.case == case

    announced = [
        SpecialDay(day=date(2099, month, day), is_working=False, name="元旦")
        for month, day in ((1, 1), (1, 8), (10, 1))
    ]
    with town.database.begin() as conn:
        set_days(conn, Who(account_id=None, name="管理员", role=None, address=None), announced)
    asyncio.run(look_twice_at_once(town))
    file = town.reader.read(case.id, desk, positions_in=None)
    now = file.entry.case
    assert (now.provisional, now.due_at) == (False, datetime(2099, 1, 13, 10, tzinfo=UTC))
    assert [event.action for event in file.events].count(Action.RECOMPUTE) == 1


def kinds_told(town: Town, name: str) -> list[str]:
    with town.database.begin(Viewer.everything()) as conn:
        query = text("SELECT kind FROM notices WHERE staff_id = :id ORDER BY id")
        return list(conn.scalars(query, {"id": town.staff[name]}))


def test_who_has_a_case_is_reminded_once_and_what_stays_undone_is_supervised(town: Town) -> None:
    desk = town.actor("调度", "dispatcher")
    town.clock.now = datetime(2026, 11, 23, 2, tzinfo=UTC)  # a Monday, ten in the morning in China
    case = town.service.report(town.report(category="environment.garbage"), desk).case
    assert case.due_at == datetime(2026, 11, 24, 2, tzinfo=UTC)
    heard = []
    for hours in (19, 1, 3, 13, 2):  # 5, 4, 1 h before, late that day, and at midnight
        town.clock.advance(hours=hours)
        asyncio.run(look_twice_at_once(town))
        heard.append((len(kinds_told(town, "王")), len(kinds_told(town, "李"))))
    assert heard == [(1, 0), (2, 0), (2, 0), (2, 0), (3, 1)]
    assert kinds_told(town, "王") == ["case_dispatched", "case_due_soon", "case_overdue"]
    assert kinds_told(town, "李") == ["case_overdue"]

    # Five working days after Tuesday the 24th end on the next Tuesday at six in the evening.
    supervised = []
    for instant in (
        datetime(2026, 12, 1, 9, 59, tzinfo=UTC),
        datetime(2026, 12, 1, 10, tzinfo=UTC),
    ):
        town.clock.now = instant
        asyncio.run(look_twice_at_once(town))
        file = town.reader.read(case.id, desk, positions_in=None)
        supervised.append(file.entry.case.supervised_at)
    assert supervised == [None, town.clock.now]
    assert kinds_told(town, "王")[-1] == "case_supervised"


def test_of_what_is_urgent_one_is_reminded_when_a_quarter_of_its_hour_is_left(town: Town) -> None:
    town.clock.now = datetime(2026, 11, 23, 2, tzinfo=UTC)
    town.service.report(town.report(category="safety.gas"), town.actor("调度", "dispatcher"))
    heard = []
    for minutes in (0, 44, 1):
        town.clock.advance(minutes=minutes)
        asyncio.run(look_twice_at_once(town))
        heard.append(kinds_told(town, "王"))
    assert heard == [["case_dispatched"]] * 2 + [["case_dispatched", "case_due_soon"]]


def test_over_a_weekend_one_is_reminded_in_working_time(town: Town) -> None:
    town.change_category("facility.lamp", term="1wdh")
    town.clock.now = datetime(2026, 11, 20, 6, tzinfo=UTC)  # a Friday, two o'clock in China
    desk = town.actor("调度", "dispatcher")
    case = town.service.report(town.report(category="facility.lamp"), desk).case
    assert case.due_at == datetime(2026, 11, 23, 4, tzinfo=UTC)
    heard = []
    for instant in (
        datetime(2026, 11, 23, 1, 59, tzinfo=UTC),
        datetime(2026, 11, 23, 2, tzinfo=UTC),
    ):
        town.clock.now = instant
        asyncio.run(look_twice_at_once(town))
        heard.append(kinds_told(town, "王"))
    assert heard == [["case_dispatched"], ["case_dispatched", "case_due_soon"]]


def test_of_the_time_of_what_nobody_owns_the_desk_is_reminded(town: Town) -> None:
    town.hire("夜班", "dispatcher", None)
    desk = town.actor("调度", "dispatcher")
    town.clock.now = datetime(2026, 11, 23, 2, tzinfo=UTC)
    case = town.service.report(town.report(category="environment.garbage"), desk).case
    for action in (Action.ACCEPT, *[Action.ESCALATE] * 2):
        town.service.act(case.id, Order(action=action, note="超出权限"), desk)
    heard = []
    for hours in (21, 20):  # 3 h before, and the day after
        town.clock.advance(hours=hours)
        asyncio.run(look_twice_at_once(town))
        heard.append((kinds_told(town, "夜班"), kinds_told(town, "李")[2:]))
    escalated = "case_escalated"
    assert heard == [
        ([escalated, "case_due_soon"], []),
        ([escalated, "case_due_soon", "case_overdue"], ["case_overdue"]),
    ]


def test_of_a_report_that_lies_the_desk_is_reminded_and_the_chief_on_the_day_after(
    town: Town,
) -> None:
    town.hire("夜班", "dispatcher", None)
    town.clock.now = datetime(
        2026, 11, 23, 8, tzinfo=UTC
    )  # a Monday, four in the afternoon in China
    town.service.report(town.report(source=Source.CITIZEN), CITIZEN)
    heard = []
    for instant in (
        datetime(2026, 11, 24, 1, 59, tzinfo=UTC),
        datetime(2026, 11, 24, 2, tzinfo=UTC),  # four working hours after
        datetime(2026, 11, 24, 15, 59, tzinfo=UTC),
        datetime(2026, 11, 24, 16, 1, tzinfo=UTC),  # after midnight
        datetime(2026, 11, 26, 2, tzinfo=UTC),
    ):
        town.clock.now = instant
        asyncio.run(look_twice_at_once(town))
        heard.append((kinds_told(town, "夜班").count("case_waiting"), kinds_told(town, "李")))
    assert heard == [(0, []), (1, []), (1, []), (2, ["case_waiting"]), (2, ["case_waiting"])]


def test_what_is_urgent_lies_half_an_hour_at_most_even_at_night_and_each_wait_is_its_own(
    town: Town,
) -> None:
    town.hire("夜班", "dispatcher", None)
    town.clock.now = datetime(2026, 11, 23, 15, tzinfo=UTC)  # eleven at night in China
    desk = town.actor("调度", "dispatcher")
    report = town.report(category="safety.gas", source=Source.CITIZEN)
    case_id = town.service.report(report, CITIZEN).case.id
    town.clock.advance(minutes=29)
    asyncio.run(look_twice_at_once(town))
    assert kinds_told(town, "夜班") == ["case_to_file"]
    town.service.act(case_id, Order(action=Action.PRE_CHECK), desk)
    waiting = []
    for minutes in (29, 1):
        town.clock.advance(minutes=minutes)
        asyncio.run(look_twice_at_once(town))
        waiting.append((kinds_told(town, "夜班"), kinds_told(town, "王")))
    assert waiting == [
        (["case_to_file"], ["case_to_verify"]),
        (["case_to_file", "case_waiting"], ["case_to_verify", "case_waiting"]),
    ]
    with town.database.begin(Viewer.everything()) as conn:
        said = conn.scalars(
            text("SELECT words->>'detail' FROM notices WHERE kind = 'case_waiting'")
        )
        assert {*said} == {"pre_check"}


@pytest.mark.parametrize(
    ("handled_by", "first", "next_day"),
    [
        ("王", {"李", "督"}, {"李", "督", "夜班"}),
        ("李", {"夜班", "督"}, {"夜班", "督"}),
        ("夜班", {"李", "督"}, {"李", "督"}),
    ],
)
def test_of_what_nobody_checks_those_who_may_are_reminded_and_the_desk_on_the_day_after(
    town: Town, handled_by: str, first: set[str], next_day: set[str]
) -> None:
    town.hire("夜班", "dispatcher", None)
    town.hire("督", "inspector", "A")
    roles = {"王": "grid_worker", "李": "grid_chief", "夜班": "dispatcher"}
    town.clock.now = datetime(2026, 11, 23, 8, tzinfo=UTC)  # a Monday, 16:00 in China
    desk = town.actor("调度", "dispatcher")
    case_id = town.service.report(town.report(), desk).case.id
    handler = town.actor(handled_by, roles[handled_by])
    for action in (Action.ACCEPT, Action.HANDLE):
        town.service.act(case_id, Order(action=action, note="好"), handler)
    reminded = []
    for instant in (
        datetime(2026, 11, 24, 1, 59, tzinfo=UTC),
        datetime(2026, 11, 24, 2, tzinfo=UTC),  # four working hours after
        datetime(2026, 11, 24, 16, 1, tzinfo=UTC),  # after midnight
    ):
        before = {name: kinds_told(town, name).count("case_waiting") for name in town.staff}
        town.clock.now = instant
        asyncio.run(look_twice_at_once(town))
        after = {name: kinds_told(town, name).count("case_waiting") for name in town.staff}
        reminded.append({name for name in town.staff if after[name] == before[name] + 1})
    assert reminded == [set(), first, next_day]


def test_of_what_was_taken_over_as_it_was_elsewhere_nobody_is_reminded(town: Town) -> None:
    town.hire("夜班", "dispatcher", None)
    old = town.report(external_number="18-1", told_at=town.clock.now - timedelta(days=900))
    events = events_of(
        Ticket(row=2, report=old),
        BUILT_IN[OTHER],
        case_id=1000,
        number="AH1",
        placement=NOWHERE,
        told_at=town.clock.now - timedelta(days=900),
    )
    with town.database.begin(Viewer.everything()) as conn:
        store.insert_cases(conn, [fold(events)])
        store.insert_events(conn, events)
    asyncio.run(look_twice_at_once(town))
    assert kinds_told(town, "夜班") == []
    town.clock.advance(days=1)
    town.service.report(town.report(source=Source.CITIZEN), CITIZEN)
    town.clock.advance(days=3)
    asyncio.run(look_twice_at_once(town))
    assert kinds_told(town, "夜班") == ["case_to_file", "case_waiting"]


def called_back(town: Town) -> int:
    """A case that was handled and checked, and waits for what its reporter says."""
    worker, desk = town.actor("王", "grid_worker", "A1"), town.actor("调度", "dispatcher")
    case_id = town.service.report(town.report(), worker).case.id
    for actor, order in (
        (worker, Order(action=Action.ACCEPT)),
        (worker, Order(action=Action.HANDLE, note="已清运")),
        (desk, Order(action=Action.CHECK)),
    ):
        town.service.act(case_id, order, actor)
    return int(case_id)


def test_a_callback_that_nobody_answers_ends_after_five_working_days(town: Town) -> None:
    town.clock.now = datetime(2026, 11, 23, 2, tzinfo=UTC)  # a Monday
    desk = town.actor("调度", "dispatcher")
    case_id = called_back(town)
    town.clock.advance(days=3)
    town.service.act(case_id, Order(action=Action.COMMENT, note="电话无人接听"), desk)
    states = []
    for instant in (
        datetime(2026, 11, 30, 9, 59, tzinfo=UTC),
        datetime(2026, 11, 30, 10, tzinfo=UTC),
    ):
        town.clock.now = instant
        asyncio.run(look_twice_at_once(town))
        states.append(town.reader.read(case_id, desk, positions_in=None).entry.case.state)
    assert states == [State.CALLBACK, State.CLOSED]
    file = town.reader.read(case_id, desk, positions_in=None)
    assert file.entry.case.rating is None
    assert [event.action for event in file.events].count(Action.CLOSE) == 1
