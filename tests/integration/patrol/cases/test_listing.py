from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InvalidInput
from patrol.cases.actions import Action
from patrol.cases.case import Source, State
from patrol.cases.listing import Bookmark, CaseFilter
from patrol.cases.order import Order

IN_A1, IN_A2, IN_B1, FAR_FROM_ALL = (
    (118.605, 34.51),
    (118.615, 34.51),
    (118.63, 34.51),
    (118.59, 34.51),
)

Town = Any  # the fixture of conftest.py


@pytest.fixture
def busy_town(town: Town) -> Town:
    """23 cases, several of them reported at the very same time."""
    dispatcher = town.actor("调度", "dispatcher")
    for number in range(23):
        if number % 3 == 0:
            town.clock.advance(seconds=1)
        position = (IN_A1, IN_A2, IN_B1, FAR_FROM_ALL)[number % 4]
        source = Source.CITIZEN if number % 5 == 0 else Source.HOTLINE
        category = "facility.lamp" if number % 2 else None
        report = town.report(position, source=source, category=category)
        town.service.report(report, dispatcher)
    return town


def all_pages(town: Town, actor: Any, count: int, wanted: CaseFilter) -> list[int]:
    found: list[int] = []
    after: Bookmark | None = None
    while True:
        page = town.service.find(wanted, actor, after=after, count=count)
        assert 0 < len(page.entries) <= count or not found
        found += [entry.case.id for entry in page.entries]
        if page.next is None:
            return found
        after = page.next


@settings(max_examples=25)
@given(count=st.integers(1, 25))
def test_the_pages_hold_every_case_once_the_newest_first(busy_town: Town, count: int) -> None:
    found = all_pages(busy_town, busy_town.actor("调度", "dispatcher"), count, CaseFilter())
    assert found == sorted(found, reverse=True)
    assert len(found) == len(set(found)) == 23


def test_a_case_that_arrives_meanwhile_neither_repeats_nor_hides_one(busy_town: Town) -> None:
    dispatcher = busy_town.actor("调度", "dispatcher")
    before = all_pages(busy_town, dispatcher, 100, CaseFilter())
    first = busy_town.service.find(CaseFilter(), dispatcher, count=10)
    busy_town.service.report(busy_town.report(), dispatcher)
    rest = busy_town.service.find(CaseFilter(), dispatcher, after=first.next, count=100)
    assert [entry.case.id for entry in (*first.entries, *rest.entries)] == before


def found(town: Town, **wanted: Any) -> list[Any]:
    dispatcher = town.actor("调度", "dispatcher")
    page = town.service.find(CaseFilter(**wanted), dispatcher, count=100)
    return [entry.case for entry in page.entries]


def test_a_filter_asks_for_states_category_owner_and_openness(busy_town: Town) -> None:
    cases = found(busy_town)
    waiting = frozenset({State.REPORTED, State.FILED})
    wang = busy_town.staff["王"]
    expected = {
        ("states", waiting): [case for case in cases if case.state in waiting],
        ("category", "facility.lamp"): [c for c in cases if c.category == "facility.lamp"],
        ("owner_staff_id", wang): [
            c for c in cases if c.assignment and c.assignment.staff_id == wang
        ],
    }
    for (name, value), those in expected.items():
        assert 0 < len(those) < len(cases)
        assert found(busy_town, **{name: value}) == those

    dispatcher = busy_town.actor("调度", "dispatcher")
    reported = next(case for case in cases if case.state is State.REPORTED)
    busy_town.service.act(reported.id, Order(action=Action.VOID, note="重复"), dispatcher)
    assert [case.id for case in found(busy_town, is_open=False)] == [reported.id]
    assert len(found(busy_town, is_open=True)) == len(cases) - 1


def test_a_grid_means_everything_under_it(busy_town: Town) -> None:
    def codes(grid_code: str) -> set[str | None]:
        return {case.placement.grid_code for case in found(busy_town, grid_code=grid_code)}

    assert codes("A") == {"A1", "A2"}
    assert codes("A2") == {"A2"}
    assert codes("B") == {"B1"}
    with pytest.raises(InvalidInput, match="no grid 'Z' in any edition") as refusal:
        codes("Z")
    assert refusal.value.field == "grid"


def test_a_box_holds_what_lies_in_it_or_on_its_edge(busy_town: Town) -> None:
    inside = found(busy_town, box=(118.60, 34.50, 118.615, 34.51))
    assert {(case.lon, case.lat) for case in inside} == {IN_A1, IN_A2}
    assert found(busy_town, box=(118.6051, 34.50, 118.6149, 34.52)) == []


def test_the_list_shows_exactly_what_may_be_read(busy_town: Town) -> None:
    town = busy_town
    actors = [
        town.actor("调度", "dispatcher"),
        town.actor("李", "grid_chief", "A", "A1", "A2"),
        town.actor("周", "grid_chief", "B", "B1"),
        town.actor("王", "grid_worker", "A1"),
        town.actor("孙", "liaison", "A2"),
    ]
    cases = found(town)
    far = next(case for case in cases if case.placement.grid_code is None and case.state == "filed")
    to_wang = Order(action=Action.DISPATCH, staff_id=town.staff["王"])
    town.service.act(far.id, to_wang, actors[0])
    town.service.report(town.report(IN_B1), actors[4])
    cases = found(town)
    assert all(case.is_visible_to(actors[0]) for case in cases)
    for actor in actors:
        visible = {case.id for case in cases if case.is_visible_to(actor)}
        assert set(all_pages(town, actor, 7, CaseFilter())) == visible
    assert far.id in all_pages(town, actors[3], 7, CaseFilter())
    for actor, wanted in product(actors, [CaseFilter(grid_code="A"), CaseFilter(is_open=True)]):
        everything = set(all_pages(town, actor, 100, CaseFilter()))
        assert set(all_pages(town, actor, 100, wanted)) <= everything
