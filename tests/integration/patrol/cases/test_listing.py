from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from data.schema import departments
from gis.errors import InvalidInput
from patrol.cases.actions import Action
from patrol.cases.case import Source, State
from patrol.cases.filtering import CaseFilter
from patrol.cases.listing import Bookmark, Sorting
from patrol.cases.order import Order

IN_A1, IN_A2, IN_B1, FAR_FROM_ALL = (
    (118.605, 34.51),
    (118.615, 34.51),
    (118.63, 34.51),
    (118.59, 34.51),
)

GRIDS = {"A": {"A", "A1", "A2"}, "A1": {"A1"}, "A2": {"A2"}, "B": {"B", "B1"}, "B1": {"B1"}}

Town = Any  # the fixture of conftest.py


@pytest.fixture
def busy_town(town: Town) -> Town:
    """23 cases, several of them reported at the very same time."""
    dispatcher = town.actor("调度", "dispatcher")
    for number in range(23):
        if number % 3 == 0:
            town.clock.advance(seconds=1)
        position = (IN_A1, IN_A2, IN_B1, FAR_FROM_ALL)[number % 4]
        source = Source.CITIZEN if number % 5 == 0 else Source.PATROL
        category = "facility.lamp" if number % 2 else None
        report = town.report(position, source=source, category=category)
        town.service.report(report, dispatcher)
    return town


def all_pages(
    town: Town, actor: Any, count: int, wanted: CaseFilter, sorting: Sorting = Sorting.NEWEST
) -> list[int]:
    found: list[int] = []
    after: Bookmark | None = None
    while True:
        page = town.reader.find(wanted, actor, sorting=sorting, after=after, count=count)
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
    first = busy_town.reader.find(CaseFilter(), dispatcher, count=10)
    busy_town.service.report(busy_town.report(), dispatcher)
    rest = busy_town.reader.find(CaseFilter(), dispatcher, after=first.next, count=100)
    assert [entry.case.id for entry in (*first.entries, *rest.entries)] == before


@settings(max_examples=10)
@given(count=st.integers(1, 25))
def test_by_deadline_the_nearest_comes_first_and_what_has_none_last(
    busy_town: Town, count: int
) -> None:
    dispatcher = busy_town.actor("调度", "dispatcher")
    due = {case.id: case.due_at for case in found(busy_town)}
    assert {due_at is None for due_at in due.values()} == {True, False}
    pages = all_pages(busy_town, dispatcher, count, CaseFilter(), Sorting.DUE)
    never = busy_town.clock.now + timedelta(days=999)
    assert pages == sorted(due, key=lambda case_id: (due[case_id] or never, case_id))


def found(town: Town, **wanted: Any) -> list[Any]:
    dispatcher = town.actor("调度", "dispatcher")
    page = town.reader.find(CaseFilter(**wanted), dispatcher, count=100)
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


def test_a_case_is_found_by_how_its_number_or_its_tickets_begins(town: Town) -> None:
    dispatcher = town.actor("调度", "dispatcher")
    first = town.report(external_number="Gd-20261122-07", source=Source.HOTLINE)
    for report in (first, town.report(), town.report(external_number="7/%_")):
        town.service.report(report, dispatcher)
    assert [case.number[-4:] for case in found(town)] == ["0003", "0002", "0001"]
    for text, numbers in [
        ("AH20261122-0002", [2]),
        ("ah20261122", [3, 2, 1]),
        ("Gd-20261122-07", [1]),
        ("Gd-2026", [1]),
        ("7/%", [3]),
        ("20261122", []),
        ("0%", []),
    ]:
        assert [int(case.number[-4:]) for case in found(town, text=text)] == numbers, text


def test_words_are_looked_for_in_the_names_of_categories(busy_town: Town) -> None:
    lamps = found(busy_town, category="facility.lamp")
    title = next(each for each in busy_town.reader.categories() if each.code == "facility.lamp")
    above = busy_town.reader.categories().of("facility")
    for text in (title.title_zh, title.title_en[1:].upper(), above.title_zh):
        assert found(busy_town, text=text) == lamps, text
    assert found(busy_town, text="没有这样的类别") == []
    assert found(busy_town, text=title.title_zh, category="other") == []


def test_a_filter_asks_for_source_time_urgency_and_department(town: Town) -> None:
    dispatcher = town.actor("调度", "dispatcher")
    with town.database.begin() as conn:
        conn.execute(
            insert(departments).values(code="power", name_zh="供电所", name_en="Power", active=True)
        )
    town.change_category("facility.lamp", department="power")
    for changes in (
        {"source": Source.HOTLINE},
        {"urgent": True},
        {"category": "facility.lamp", "source": Source.PATROL},
    ):
        town.clock.advance(hours=1)
        town.service.report(town.report(**changes), dispatcher)
    third, second, first = cases = found(town)
    asked: list[tuple[dict[str, Any], list[Any]]] = [
        ({"source": Source.PATROL}, [third, second]),
        ({"department": "power"}, [third]),
        ({"is_urgent": True}, [second]),
        ({"is_urgent": False}, [third, first]),
        ({"since": second.reported_at}, [third, second]),
        ({"until": second.reported_at}, [first]),
        ({"since": second.reported_at, "until": third.reported_at}, [second]),
        ({"is_supervised": False}, cases),
    ]
    for wanted, those in asked:
        assert found(town, **wanted) == those, wanted
    town.service.act(first.id, Order(action=Action.SUPERVISE, note="群众再次反映"), dispatcher)
    assert [case.id for case in found(town, is_supervised=True)] == [first.id]
    assert [case.id for case in found(town, is_supervised=False)] == [third.id, second.id]


def test_overdue_is_what_was_handled_late_or_is_late_now(town: Town) -> None:
    dispatcher, worker = town.actor("调度", "dispatcher"), town.actor("王", "grid_worker", "A1")

    def reported(*orders: Order, **changes: Any) -> int:
        case_id = town.service.report(town.report(**changes), dispatcher).case.id
        for order in orders:
            town.service.act(case_id, order, worker)
        return int(case_id)

    accept, handle = Order(action=Action.ACCEPT), Order(action=Action.HANDLE, note="已清理")
    in_time = reported(accept, handle)
    handled_late, late_now, held = reported(accept), reported(), reported(accept)
    voided = reported(source=Source.CITIZEN)
    town.service.act(voided, Order(action=Action.VOID, note="重复"), dispatcher)
    until = town.clock.now + timedelta(days=60)
    town.service.act(held, Order(action=Action.ASK_HOLD, note="等材料", until=until), worker)
    town.service.act(held, Order(action=Action.GRANT_HOLD), dispatcher)
    town.clock.advance(days=30)
    town.service.act(handled_late, handle, worker)
    town.clock.advance(days=1)
    on_time = reported()

    everything = {case.id: case for case in found(town)}
    overdue = [case.id for case in found(town, is_overdue=True)]
    assert overdue == [late_now, handled_late]
    assert overdue == [
        case_id for case_id, case in everything.items() if case.is_overdue(town.clock.now)
    ]
    others = {case.id for case in found(town, is_overdue=False)}
    assert others == {in_time, held, voided, on_time}


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
    for actor, grid in product(actors, GRIDS):
        inside = {
            case.id
            for case in cases
            if case.placement.grid_code in GRIDS[grid] and case.is_visible_to(actor)
        }
        assert set(all_pages(town, actor, 7, CaseFilter(grid_code=grid))) == inside
    for actor in actors:
        everything = set(all_pages(town, actor, 100, CaseFilter()))
        assert set(all_pages(town, actor, 100, CaseFilter(is_open=True))) <= everything
