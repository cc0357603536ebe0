import asyncio
from datetime import timedelta
from typing import Any

from data.editions import GridIndexes
from patrol.cases.actions import Action
from patrol.cases.case import State
from patrol.cases.order import Order
from patrol.cases.oversight import CaseOversight

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
