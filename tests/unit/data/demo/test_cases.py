from collections import Counter
from datetime import timedelta

import pytest

from data.demo.cases.complaints import TOPICS
from data.demo.cases.incidents import case_history
from data.demo.rows import case_row, event_rows, last_numbers
from patrol.cases.actions import Action
from patrol.cases.case import State
from patrol.cases.folding import fold
from patrol.cases.rows import event_of, row_of_case
from patrol.cases.workflow import TRANSITIONS
from patrol.categories.built_in import BUILT_IN
from patrol.clocks.calendar import WorkCalendar
from patrol.clocks.deadline import due
from patrol.clocks.rule import read_rule

EDITION = 1


@pytest.fixture(scope="module")
def cases(town, patrols, now):
    return case_history(town, patrols, now=now, days=9)


@pytest.fixture(scope="module")
def staff_ids(town):
    return range(1, len(town.workforce.staff) + 1)


def test_topics_are_categories_of_cases_with_their_terms(now):
    calendar = WorkCalendar()
    for topic in TOPICS:
        category = BUILT_IN[topic.category]
        assert topic.urgent is category.urgent
        due_at = due(read_rule(category.term), now, calendar).at
        assert timedelta(hours=topic.deadline_h) == due_at - now


def test_every_step_is_one_that_the_workflow_allows(cases):
    for case in cases:
        for step in case.steps:
            source = None if step.from_state is None else State(step.from_state)
            transition = TRANSITIONS[source, Action(step.action)]
            assert transition.target == step.to_state
            assert step.note or not transition.needs_note


def test_a_case_is_what_its_events_add_up_to(cases, staff_ids):
    for case_id, case in enumerate(cases, start=1):
        events = [
            event_of({**row, "actor_account_id": None})
            for row in event_rows(case, case_id, EDITION, staff_ids)
        ]
        folded = row_of_case(fold(events))
        stored = case_row(case, EDITION, staff_ids)
        assert {name: folded[name] for name in stored} == stored


def test_nothing_happens_after_now_or_before_what_it_follows(cases, now):
    for case in cases:
        times = [step.at for step in case.steps]
        assert times == sorted(times)
        assert times[-1] <= now


def test_numbers_count_up_within_each_day(cases):
    numbers = [case.number for case in cases]
    assert numbers == sorted(set(numbers))
    counts = Counter(case.day for case in cases)
    assert last_numbers(cases) == counts


def test_nearly_all_are_closed_and_the_open_ones_are_in_several_states(cases, now):
    old = [case for case in cases if now - case.reported_at > timedelta(days=3)]
    assert sum(case.state in ("closed", "void") for case in old) > 0.93 * len(old)
    states = Counter(case.state for case in cases)
    assert {"reported", "in_progress", "closed"} < states.keys()


def test_whoever_checks_has_not_handled_it(cases):
    for case in cases:
        handlers = {step.actor for step in case.steps if step.action == "handle"}
        assert not handlers & {s.actor for s in case.steps if s.action in ("check", "rework")}


def test_a_case_found_on_patrol_was_found_by_the_worker_on_duty(cases, patrols, town):
    found = [case for case in cases if case.source == "patrol"]
    assert len(found) > 30
    workers = {
        post.grid_code: member.name
        for member in town.workforce.staff
        for post in member.posts
        if post.role == "grid_worker" and not post.is_deputy
    }
    reasons = Counter[str]()
    for case in found:
        assert case.steps[0].actor == workers[case.place.grid.code]
        reasons[case.steps[1].owner.reason] += 1
    on_duty, others = reasons["worker_on_duty"], reasons["deputy_on_duty"] + reasons["chief"]
    assert on_duty > 4 * others


def test_cases_lie_in_level_2_grids_and_say_where(cases):
    for case in cases:
        assert case.place.grid.level == 2
        assert "{" not in case.description
        assert len(case.description) > 8
