"""The row of a case is what its events add up to, whatever has been done or tried."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import WanggeError
from patrol.cases.case import Actor, Source
from patrol.cases.events import fold
from patrol.cases.service import Order
from patrol.cases.workflow import Action

POSITIONS = [(118.605, 34.51), (118.615, 34.51), (118.63, 34.51), (118.61, 34.51), (118.59, 34.51)]

Town = Any  # the fixture of conftest.py

# A step: what is tried, by whom, after how many hours, and whether to a chosen member of staff.
steps = st.lists(
    st.tuples(
        st.sampled_from(Action),
        st.integers(0, 4),
        st.integers(0, 60),
        st.booleans(),
    ),
    max_size=25,
)


def able(town: Town, actors: list[Actor], case: Any, action: Action) -> list[Actor]:
    """Those who may, so that a random walk gets somewhere; all of them when nobody may."""
    return [actor for actor in actors if action in town.service.actions(case, actor)] or actors


@settings(max_examples=40)
@given(
    position=st.sampled_from(POSITIONS), source=st.sampled_from(Source), walk=steps, data=st.data()
)
def test_a_case_is_what_its_events_add_up_to(
    town: Town, position: tuple[float, float], source: Source, walk: Any, data: st.DataObject
) -> None:
    actors = [
        town.actor("调度", "dispatcher"),
        town.actor("王", "grid_worker", "A1"),
        town.actor("李", "grid_chief", "A", "A1", "A2"),
        town.actor("周", "grid_chief", "B", "B1"),
        town.actor("督查", "inspector", "A", "A1", "A2", "B", "B1"),
    ]
    dispatcher = actors[0]
    case = town.service.report(town.report(position, source=source), dispatcher).case
    for tried, who, hours, chosen in walk:
        town.clock.advance(hours=hours)
        possible = sorted({a for actor in actors for a in town.service.actions(case, actor)})
        action = data.draw(st.sampled_from(possible)) if possible else tried
        ways = able(town, actors, case, action)
        staff_id = town.staff["王"] if chosen and action is Action.DISPATCH else None
        order = Order(action=action, note="好", staff_id=staff_id)
        try:
            case = town.service.act(case.id, order, ways[who % len(ways)]).case
        except WanggeError:
            continue
        file = town.service.read(case.id, dispatcher, positions_in=None)
        assert fold(file.events) == file.entry.case == case
    file = town.service.read(case.id, dispatcher, positions_in=None)
    assert fold(file.events) == file.entry.case
    assert [event.seq for event in file.events] == list(range(1, case.version + 1))
