from collections import Counter
from dataclasses import replace

import pytest

from data.demo.cases.incidents import case_history
from data.demo.departments import DEPARTMENTS, SENT
from data.demo.rows import category_row
from patrol.categories.built_in import BUILT_IN
from patrol.categories.category import Category, DispatchRule
from patrol.categories.tree import Categories
from patrol.duty.departments import read_department


@pytest.fixture(scope="module")
def cases(town, patrols, now):
    return case_history(town, patrols, now=now, days=9)


def handlers_of(town, department):
    return {
        number
        for number, member in enumerate(town.workforce.staff)
        if member.posts[0].department == department
    }


def owner_of(case):
    """By the rule, when it was filed; None: it never was."""
    return next((step.owner for step in case.steps if step.action == "file"), None)


def test_departments_are_such_as_an_administrator_adds():
    for each in DEPARTMENTS:
        read_department(code=each.code, name_zh=each.name_zh, name_en=each.name_en)


@pytest.mark.parametrize("sent", SENT.values(), ids=SENT)
def test_a_category_is_as_it_is_built_in_but_for_whose_it_is(sent):
    row = category_row(sent)
    tuples = {name: tuple(row[name]) for name in ("fields", "aliases")}
    stored = Category(**{**row, "photos": frozenset(row["photos"]), **tuples})
    theirs = {"department": sent.department, "dispatch": DispatchRule(sent.dispatch)}
    assert stored == replace(BUILT_IN[sent.code], **theirs, aliases=sent.aliases)


def test_what_the_hotline_calls_a_category_leads_to_it():
    tree = Categories(
        replace(each, aliases=SENT[each.code].aliases if each.code in SENT else ())
        for each in BUILT_IN.values()
    )
    for code, sent in SENT.items():
        tree.check(tree.of(code))
        for alias in sent.aliases:
            assert tree.called(alias).code == code


def test_every_department_has_handlers_and_a_category(town):
    for each in DEPARTMENTS:
        assert len(handlers_of(town, each.code)) == each.handlers > 0
        assert any(sent.department == each.code for sent in SENT.values())


def test_a_case_goes_where_its_category_says(town, cases):
    went = Counter()
    for case in cases:
        sent, owner = SENT.get(case.topic.category), owner_of(case)
        if owner is None:
            continue
        dispatch = "grid" if sent is None else sent.dispatch
        went[dispatch] += 1
        if dispatch == "grid":
            assert owner.role in ("grid_worker", "grid_chief")
        elif dispatch == "enforcement":
            assert (owner.role, owner.reason) == ("enforcement_officer", "enforcement")
        else:
            assert (owner.role, owner.reason) == ("department_handler", "department")
            assert owner.staff in handlers_of(town, sent.department)
    total = went.total()
    assert 0.3 < went["department"] / total < 0.6
    assert went["grid"] > 0.3 * total
    assert went["enforcement"] > 0


def test_departments_handle_cases_which_somebody_else_checks(town, cases):
    names = [member.name for member in town.workforce.staff]
    checked = Counter()
    for case in cases:
        owner = owner_of(case)
        if owner is not None and owner.role == "department_handler" and case.state == "closed":
            handler = [step.actor for step in case.steps if step.action == "handle"][-1]
            checked[handler == names[owner.staff]] += 1
            assert handler not in {step.actor for step in case.steps if step.action == "check"}
    assert checked[True] > 30
    assert checked[True] > 5 * checked[False]  # the others were given back


def test_the_first_department_has_most_of_the_cases_that_are_sent_to_departments(cases):
    sent_to = Counter(
        SENT[case.topic.category].department
        for case in cases
        if (owner := owner_of(case)) is not None and owner.role == "department_handler"
    )
    assert max(sent_to, key=sent_to.__getitem__) == DEPARTMENTS[0].code
