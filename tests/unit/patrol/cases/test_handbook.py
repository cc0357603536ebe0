from pathlib import Path

import pytest

from patrol.cases.actions import Action
from patrol.cases.case import State
from patrol.cases.handbook import state_table, with_tables
from patrol.cases.workflow import TRANSITIONS

PAGE = Path(__file__).parents[4] / "docs" / "cases.md"


def test_the_page_about_cases_shows_the_tables_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_tables(page), "run: python -m patrol.cases.handbook docs/cases.md"


def test_the_state_table_has_every_transition_and_a_chinese_word_for_everything() -> None:
    table = state_table()
    assert len(table.splitlines()) == len(TRANSITIONS) + 2
    still_done = [action for action in Action if action is not Action.CLASSIFY]
    assert all(f"`{word}` " in table for word in (*State, *still_done))


def test_a_page_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the state table"):
        with_tables("# Cases")
