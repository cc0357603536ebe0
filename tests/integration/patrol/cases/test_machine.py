"""A case and its holds are what its events add up to, whatever has been done or tried, by whomever.

What can be chosen depends on the town, which remembers the runs before: choices come from one
drawn seed, so that two runs of the same rules always draw alike.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import text

from gis.errors import WanggeError
from patrol.cases.actions import Action, ActionNotAllowed
from patrol.cases.case import SYSTEM, Actor, Case, Rating, Source, State
from patrol.cases.events import Event
from patrol.cases.folding import fold
from patrol.cases.order import Order
from patrol.cases.workflow import TRANSITIONS

Town = Any  # the fixture of conftest.py

POSITIONS = [(118.605, 34.51), (118.615, 34.51), (118.63, 34.51), (118.61, 34.51), (118.59, 34.51)]
CATEGORIES = ["other", "facility.manhole", "order.construction"]
CONSEQUENCES = (
    *(Action.REPEAT, Action.RECOMPUTE, Action.REATTRIBUTE, Action.IMPORT, Action.RESTATE),
    Action.RESCHEDULE,
)
"""Of what happens to something else: nobody orders them."""


def machine_of(town: Town) -> type[RuleBasedStateMachine]:
    """People of a town who report cases and act on them, as they may and as they may not."""
    actors = [
        town.actor("调度", "dispatcher"),
        town.actor("王", "grid_worker", "A1"),
        town.actor("李", "grid_chief", "A", "A1", "A2"),
        town.actor("周", "grid_chief", "B", "B1"),
        town.actor("督查", "inspector", "A", "A1", "A2", "B", "B1"),
        SYSTEM,
    ]
    dispatcher = actors[0]

    town.change_category("other", photos=frozenset())

    class Cases(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            town.clock.advance(days=31)  # complaints of other runs no longer count
            self.ids = [
                town.service.report(town.report(source=source), dispatcher).case.id
                for source in (Source.PATROL, Source.CITIZEN)
            ]

        def read(self, case_id: int) -> Case:
            return town.reader.read(case_id, dispatcher, positions_in=None).entry.case

        @rule(
            position=st.sampled_from(POSITIONS),
            source=st.sampled_from(Source),
            who=st.sampled_from(actors),
            handled=st.sampled_from([None, None, None, "清了"]),
        )
        def report(self, position: Any, source: Source, who: Any, handled: str | None) -> None:
            report = town.report(position, source=source, handled=handled)
            try:
                self.ids.append(town.service.report(report, who).case.id)
            except WanggeError:
                return
            self.check(self.ids[-1])

        @rule(
            position=st.sampled_from(POSITIONS),
            number=st.sampled_from(["T1", "T2"]),
            called=st.sampled_from([None, "井盖", "垃圾"]),
            category=st.sampled_from(CATEGORIES),
            words=st.sampled_from(["缺了", "又缺了"]),
            due_in=st.sampled_from([None, -30, 50]),
        )
        def tell(
            self,
            position: Any,
            number: str,
            called: str | None,
            category: str,
            words: str,
            due_in: int | None,
        ) -> None:
            """A ticket of another system, which may be a case already."""
            ticket = town.report(
                position,
                source=Source.HOTLINE,
                category=category,
                description=words,
                external_number=f"{self.ids[0]}-{number}",  # no other run's
                external_category=called,
                external_due_at=due_in and town.clock.now + timedelta(hours=due_in),
            )
            try:
                told = town.service.report(ticket, dispatcher).case
            except ActionNotAllowed:
                return
            if told.id not in self.ids:
                self.ids.append(told.id)
            self.check(told.id)
            assert town.service.report(ticket, dispatcher).case == told  # the same again is nothing

        @rule(
            chance=st.randoms(use_true_random=True),
            nonsense=st.sampled_from([False, False, False, True]),
            hours=st.sampled_from([0, 1, 20, 60, 800]),
        )
        def act(self, chance: Random, nonsense: bool, hours: int) -> None:
            town.clock.advance(hours=hours)
            case = self.read(chance.choice(self.ids[-6:]))
            if nonsense:
                who, action = chance.choice(actors[:-1]), chance.choice(list(Action))
            else:
                who, action = self.a_way_on(chance, case)
            correct = action is Action.CORRECT
            order = Order(
                action=action,
                note="好",
                staff_id=chance.choice([None, town.staff["王"]])
                if action is Action.DISPATCH
                else None,
                until=town.clock.now + timedelta(days=3) if action is Action.ASK_HOLD else None,
                into=chance.choice(self.ids) if action is Action.MERGE else None,
                category=chance.choice(CATEGORIES) if correct else None,
                place=chance.choice([None, *POSITIONS]) if correct else None,
                as_told=correct and case.restated is not None,
                rating=Rating.NEUTRAL if action in (Action.RATE, Action.CLOSE) else None,
            )
            try:
                entry = town.service.act(case.id, order, who)
            except WanggeError:
                assert self.read(case.id) == case  # what is refused leaves no trace
                return
            assert entry.case.version > case.version
            for changed in {case.id, order.into or case.id, case.merged_into or case.id}:
                self.check(changed)

        @staticmethod
        def a_way_on(chance: Random, case: Case) -> tuple[Actor, Action]:
            """Somebody who may do something; more often what leads to another state."""
            ways = {
                action: who
                for who in chance.sample(actors, len(actors))
                for action in town.reader.actions(case, who)
                if action not in CONSEQUENCES
            }
            moving = [a for a in ways if TRANSITIONS[case.state, a].target is not case.state]
            action = chance.choice([*ways, *moving * 3] or [Action.COMMENT])
            return ways.get(action, dispatcher), action

        def check(self, case_id: int) -> None:
            file = town.reader.read(case_id, dispatcher, positions_in=None)
            case = file.entry.case
            assert fold(file.events) == case
            assert [event.seq for event in file.events] == list(range(1, case.version + 1))
            with town.database.begin(dispatcher.viewer) as conn:
                row = conn.execute(
                    text(
                        "SELECT open, (SELECT coalesce(sum(part.reports), 0) FROM cases AS part"
                        " WHERE part.merged_into = :id) AS parts FROM cases WHERE id = :id"
                    ),
                    {"id": case_id},
                ).one()
                holds = conn.execute(
                    text(
                        "SELECT seq, began_at, ended_at FROM case_holds WHERE case_id = :id ORDER BY seq"
                    ),
                    {"id": case_id},
                )
                assert [tuple(hold) for hold in holds] == holds_of(file.events)
            assert row.open == case.state.is_open
            assert case.reports == 1 + row.parts
            assert (case.merged_into is not None) == (case.state is State.MERGED)
            assert (case.closed_at is not None) == (case.state is State.CLOSED)
            assert (case.hold_until is not None) == (case.state is State.ON_HOLD)

    return Cases


def holds_of(events: Sequence[Event]) -> list[tuple[int, datetime, datetime | None]]:
    """The event that each hold began with, when that was, and when the case was on hold no more."""
    holds: list[tuple[int, datetime, datetime | None]] = []
    for event in events:
        was_held, is_held = (each is State.ON_HOLD for each in (event.from_state, event.to_state))
        if is_held and not was_held:
            holds.append((event.seq, event.at, None))
        elif was_held and not is_held:
            holds[-1] = (*holds[-1][:2], event.at)
    return holds


def test_a_case_is_what_its_events_add_up_to(town: Town) -> None:
    run_state_machine_as_test(
        machine_of(town),
        settings=settings(
            max_examples=60,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
