import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from data.audit import Who
from data.editions import GridIndexes
from data.scope import Viewer
from patrol.cases.actions import Action
from patrol.cases.case import State
from patrol.cases.categories import CATEGORIES
from patrol.cases.order import Order
from patrol.cases.oversight import CaseOversight
from patrol.clocks.calendar import SpecialDay
from patrol.clocks.store import set_days

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
    files = [town.service.read(case_id, desk, positions_in=None) for case_id in (short, long)]
    assert [file.entry.case.state for file in files] == [State.IN_PROGRESS, State.ON_HOLD]
    [resumed] = [event for event in files[0].events if event.action is Action.RESUME]
    assert (resumed.actor, resumed.at) == ("system", town.clock.now)


def test_what_is_due_in_a_year_that_was_announced_since_is_worked_out_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    working_days = replace(CATEGORIES["facility.road"], term="5wd")
    monkeypatch.setattr(
        "patrol.cases.categories.CATEGORIES", {**CATEGORIES, "facility.road": working_days}
    )
    town.clock.now = datetime(2099, 1, 5, 2, tzinfo=UTC)  # a Monday
    worker, desk = town.actor("王", "grid_worker", "A1"), town.actor("调度", "dispatcher")
    case = town.service.report(town.report(category="facility.road"), worker).case
    assert (case.provisional, case.due_at) == (True, datetime(2099, 1, 12, 10, tzinfo=UTC))
    asyncio.run(look_twice_at_once(town))
    assert town.service.read(case.id, desk, positions_in=None).entry.case == case

    announced = [
        SpecialDay(day=date(2099, month, day), is_working=False, name="元旦")
        for month, day in ((1, 1), (1, 8), (10, 1))
    ]
    with town.database.begin() as conn:
        set_days(conn, Who(account_id=None, name="管理员", role=None, address=None), announced)
    asyncio.run(look_twice_at_once(town))
    file = town.service.read(case.id, desk, positions_in=None)
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
        file = town.service.read(case.id, desk, positions_in=None)
        supervised.append(file.entry.case.supervised_at)
    assert supervised == [None, town.clock.now]
    assert kinds_told(town, "王")[-1] == "case_supervised"
