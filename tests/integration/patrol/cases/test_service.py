import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from gis.errors import InvalidInput, NotFound, NotPermitted
from patrol.cases.actions import Action, ActionNotAllowed
from patrol.cases.case import State
from patrol.cases.folding import fold
from patrol.cases.order import Order

FAR_FROM_ALL = (118.59, 34.51)
IN_B1 = (118.63, 34.51)

Town = Any  # the fixture of conftest.py


def at_once(count: int, do: Callable[[int], Any]) -> list[Any]:
    """What `do(0)` to `do(count - 1)` return, or raise, when they all start together."""
    start = threading.Barrier(count)

    def run(index: int) -> Any:
        start.wait()
        try:
            return do(index)
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_of_twenty_who_act_at_once_exactly_one_is_first_at_every_step(town: Town) -> None:
    desk = [town.actor(f"调度{number}", "dispatcher") for number in range(20)]
    case_id = town.service.report(town.report(), desk[0]).case.id
    steps = [
        (Action.ACCEPT, State.IN_PROGRESS),
        (Action.HANDLE, State.POST_CHECK),
        (Action.CHECK, State.CALLBACK),
        (Action.CLOSE, State.CLOSED),
        (Action.REOPEN, State.DISPATCHED),
    ]
    version = 3
    for action, target in steps:
        order = Order(action=action, note="好")
        results = at_once(
            20, lambda index, order=order: town.service.act(case_id, order, desk[index])
        )
        won = [result for result in results if not isinstance(result, Exception)]
        lost = [result for result in results if isinstance(result, Exception)]
        version += 2 if action is Action.REOPEN else 1  # Wangge dispatches it again
        assert [(entry.case.state, entry.case.version) for entry in won] == [(target, version)]
        assert len(lost) == 19
        for error in lost:  # whoever handled it may not check it, and is told so if first to ask
            assert isinstance(error, ActionNotAllowed | NotPermitted)
        assert {error.state for error in lost if isinstance(error, ActionNotAllowed)} == {target}


def test_fifty_people_at_the_same_twenty_cases_lose_nothing_and_dispatch_nothing_twice(
    town: Town,
) -> None:
    """Each goes through all cases in an order of their own and does what may be done there next."""
    desk = [town.actor(f"调度{number}", "dispatcher") for number in range(50)]
    reporter = town.actor("上报人", "dispatcher")
    far = town.report(FAR_FROM_ALL)
    cases = [town.service.report(far, reporter).case for _ in range(20)]
    ways = (Action.DISPATCH, Action.ACCEPT, Action.HANDLE, Action.CHECK, Action.CLOSE)

    def work(index: int) -> list[tuple[int, Action]]:
        order = random.Random(index)
        done = []
        for case in order.sample(cases, 20) + order.sample(cases, 20):
            for action in ways:
                staff_id = town.staff["王"] if action is Action.DISPATCH else None
                wanted = Order(action=action, note="好", staff_id=staff_id)
                try:
                    town.service.act(case.id, wanted, desk[index])
                except (ActionNotAllowed, NotPermitted):
                    continue
                done.append((case.id, action))
        return done

    succeeded = [each for done in at_once(50, work) for each in done]
    assert sorted(succeeded) == sorted((case.id, action) for case in cases for action in ways)
    for case in cases:
        file = town.reader.read(case.id, reporter, positions_in=None)
        assert [event.action for event in file.events] == [Action.REPORT, Action.FILE, *ways]
        assert fold(file.events) == file.entry.case


def test_looking_at_an_old_version_changes_nothing(town: Town) -> None:
    dispatcher = town.actor("调度", "dispatcher")
    case = town.service.report(town.report(), dispatcher).case
    town.service.act(case.id, Order(action=Action.ACCEPT, version=case.version), dispatcher)
    handle = Order(action=Action.HANDLE, note="已清理", version=case.version)
    with pytest.raises(ActionNotAllowed, match="has changed since version 3") as refusal:
        town.service.act(case.id, handle, dispatcher)
    assert (refusal.value.code, refusal.value.state) == ("case_changed", State.IN_PROGRESS)


def test_what_is_refused_leaves_no_trace(town: Town) -> None:
    dispatcher = town.actor("调度", "dispatcher")
    before = town.service.report(town.report(), dispatcher)
    with pytest.raises(ActionNotAllowed):
        town.service.act(before.case.id, Order(action=Action.CLOSE), dispatcher)
    file = town.reader.read(before.case.id, dispatcher, positions_in=None)
    assert (file.entry, len(file.events)) == (before, 3)


def test_a_report_sent_again_under_its_key_is_the_same_case(town: Town) -> None:
    worker = town.actor("王", "grid_worker", "A1")
    first = town.service.report(town.report(), worker, idempotency_key="9b1d")
    town.service.act(first.case.id, Order(action=Action.ACCEPT), worker)
    desk = town.actor("调度", "dispatcher")
    put_right = Order(action=Action.CORRECT, category="facility.lamp")
    town.service.act(first.case.id, put_right, desk)
    again = town.service.report(town.report(), worker, idempotency_key="9b1d")
    assert (again.case.id, again.case.state) == (first.case.id, State.IN_PROGRESS)


def test_a_report_sent_ten_times_at_once_is_one_case_and_uses_one_number(town: Town) -> None:
    worker = town.actor("王", "grid_worker", "A1")
    entries = at_once(
        10, lambda _: town.service.report(town.report(), worker, idempotency_key="9b1d")
    )
    assert {entry.case.number for entry in entries} == {"AH20261122-0001"}
    assert town.service.report(town.report(), worker).case.number == "AH20261122-0002"


def test_a_key_belongs_to_one_account(town: Town) -> None:
    desk = [town.actor(name, "dispatcher") for name in ("甲", "乙")]
    entries = [town.service.report(town.report(), one, idempotency_key="1") for one in desk]
    assert entries[0].case.id != entries[1].case.id


def test_a_key_belongs_to_one_report(town: Town) -> None:
    dispatcher = town.actor("调度", "dispatcher")
    town.service.report(town.report(), dispatcher, idempotency_key="1")
    for other in (town.report(IN_B1), town.report(description="别的事")):
        with pytest.raises(InvalidInput, match="was used for case AH20261122-0001") as refusal:
            town.service.report(other, dispatcher, idempotency_key="1")
        assert refusal.value.code == "idempotency_key_reused"


def test_an_endless_key_is_refused(town: Town) -> None:
    dispatcher = town.actor("调度", "dispatcher")
    with pytest.raises(InvalidInput, match="must be 1 to 200 printable"):
        town.service.report(town.report(), dispatcher, idempotency_key="k" * 201)


def test_twenty_reports_at_once_get_the_numbers_one_to_twenty(town: Town) -> None:
    dispatcher = town.actor("调度", "dispatcher")
    entries = at_once(20, lambda _: town.service.report(town.report(), dispatcher))
    numbers = sorted(entry.case.number for entry in entries)
    assert numbers == [f"AH20261122-{count:04d}" for count in range(1, 21)]


def test_the_day_of_the_number_is_the_local_one(town: Town) -> None:
    dispatcher = town.actor("调度", "dispatcher")
    midnight = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    numbers = []
    for now in (midnight - timedelta(microseconds=1), midnight):
        town.clock.now = now
        numbers.append(town.service.report(town.report(), dispatcher).case.number)
    assert numbers == ["AH20261122-0001", "AH20261123-0001"]


def test_a_case_outside_ones_grids_does_not_exist(town: Town) -> None:
    dispatcher, chief_of_b = (
        town.actor("调度", "dispatcher"),
        town.actor("周", "grid_chief", "B", "B1"),
    )
    hidden = town.service.report(town.report(), dispatcher).case.id
    for case_id in (hidden, 10**9):
        with pytest.raises(NotFound, match=f"There is no case {case_id} in your grids"):
            town.reader.read(case_id, chief_of_b, positions_in=None)
        with pytest.raises(NotFound, match=f"There is no case {case_id} in your grids"):
            town.service.act(case_id, Order(action=Action.ACCEPT), chief_of_b)


def test_whoever_reports_next_door_sees_the_case_and_may_only_urge_and_add(town: Town) -> None:
    worker = town.actor("王", "grid_worker", "A1")
    entry = town.service.report(town.report(IN_B1), worker)
    assert entry.owner_name == "周"
    assert town.reader.read(entry.case.id, worker, positions_in=None).entry == entry
    assert town.reader.actions(entry.case, worker) == (Action.URGE, Action.COMMENT)
    with pytest.raises(NotPermitted):
        town.service.act(entry.case.id, Order(action=Action.ACCEPT), worker)


def test_a_change_is_announced_once_and_a_refusal_never(town: Town) -> None:
    dispatcher = town.actor("调度", "dispatcher")
    with psycopg.connect(town.database.conninfo, autocommit=True) as listener:
        listener.execute("LISTEN cases")
        case_id = town.service.report(town.report(), dispatcher).case.id
        town.service.act(case_id, Order(action=Action.ACCEPT), dispatcher)
        with pytest.raises(ActionNotAllowed):
            town.service.act(case_id, Order(action=Action.ACCEPT), dispatcher)
        heard = [notify.payload for notify in listener.notifies(timeout=5, stop_after=2)]
        assert heard == [f'{{"id": {case_id}}}'] * 2
        assert list(listener.notifies(timeout=0)) == []


def test_the_record_keeps_who_did_what_when_and_why(town: Town) -> None:
    dispatcher, worker = town.actor("调度", "dispatcher"), town.actor("王", "grid_worker", "A1")
    case_id = town.service.report(town.report(FAR_FROM_ALL), dispatcher).case.id
    town.clock.advance(minutes=5)
    to_wang = Order(action=Action.DISPATCH, staff_id=town.staff["王"], note="  你最近\n")
    town.service.act(case_id, to_wang, dispatcher)
    event = town.reader.read(case_id, worker, positions_in=None).events[-1]
    assert (event.seq, event.action, event.actor, event.note) == (3, "dispatch", "调度", "你最近")
    assert (event.from_state, event.to_state, event.at) == ("filed", "dispatched", town.clock.now)
    assert event.details.assignment.staff_id == town.staff["王"]
