from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput
from patrol.clocks.rule import MOST, DeadlineRule, RuleKind, read_rule

AMOUNTS = st.integers(1, MOST)
RULES = st.builds(DeadlineRule, kind=st.sampled_from(RuleKind), amount=AMOUNTS) | st.builds(
    DeadlineRule, kind=st.just(RuleKind.WORK_DAY), amount=AMOUNTS, by_the_hour=st.just(True)
)


@given(RULES)
def test_a_rule_is_read_back_from_its_short_form_its_chinese_words_and_its_json(
    rule: DeadlineRule,
) -> None:
    assert read_rule(rule.to_text()) == rule
    assert read_rule(rule.to_words("zh")) == rule
    assert msgspec.convert(msgspec.to_builtins(rule), DeadlineRule) == rule


@given(RULES, RULES)
def test_two_rules_have_two_short_forms(one: DeadlineRule, other: DeadlineRule) -> None:
    assert (one.to_text() == other.to_text()) is (one == other)
    assert (one.to_words("en") == other.to_words("en")) is (one == other)


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        ("2h", "2 小时", "2 hours"),
        ("1d", "1 个自然日", "1 day"),
        ("4wh", "4 个工作小时", "4 working hours"),
        ("5wd", "5 个工作日", "5 working days"),
        ("5wdh", "5 个工作日（按工时）", "5 working days, by the hour"),
    ],
)
def test_a_rule_has_words(text: str, chinese: str, english: str) -> None:
    rule = read_rule(text)
    assert (rule.to_words("zh"), rule.to_words("en")) == (chinese, english)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("2小时", "2h"),
        ("3天", "3d"),
        ("3日", "3d"),
        (" 5 工作日 ", "5wd"),
        ("5WD", "5wd"),
        ("4个工作小时", "4wh"),
        ("5个工作日(按工时)", "5wdh"),
    ],
)
def test_a_rule_is_read_as_people_write_it(text: str, short: str) -> None:
    assert read_rule(text).to_text() == short


@pytest.mark.parametrize(
    "text", ["", "5", "wd", "5 w d", "-1d", "1.5d", "0d", "3651d", "5月", "５d"]
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="term"):
        read_rule(text)


@given(st.text(max_size=12))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert read_rule(text).amount >= 1


def test_only_working_days_are_by_the_hour() -> None:
    with pytest.raises(InvalidInput, match="Only working days"):
        DeadlineRule(kind=RuleKind.NATURAL_DAY, amount=1, by_the_hour=True)
