import pytest

from gis.errors import InvalidInput
from patrol.figures.definitions import FIGURES
from patrol.figures.figure import (
    Comparison,
    Standing,
    Value,
    read_threshold,
    usual_threshold,
    value_of,
)


def test_without_a_denominator_there_is_no_share() -> None:
    for figure in FIGURES.values():
        if figure.denominator is not None:
            assert value_of(figure, {}).value is None


def test_there_are_fifteen_indicators() -> None:
    assert sum(figure.is_indicator for figure in FIGURES.values()) == 15


def test_the_closing_of_911_of_972_is_93_72_percent() -> None:
    value = value_of(FIGURES["closing_rate"], {"due": 972, "due_closed": 911})
    assert value.value is not None
    assert round(100 * value.value, 2) == 93.72


@pytest.mark.parametrize(
    ("value", "standing"),
    [(0.95, Standing.GOOD), (0.9, Standing.GOOD), (0.85, Standing.WARN), (0.7, Standing.ALARM)],
)
def test_a_share_that_should_be_high_is_judged_from_below(value: float, standing: Standing) -> None:
    threshold = usual_threshold(FIGURES["on_time_rate"])
    assert threshold is not None
    assert threshold.standing(value) is standing
    assert threshold.standing(None) is Standing.NONE


def test_a_share_that_should_be_low_is_judged_from_above() -> None:
    threshold = usual_threshold(FIGURES["rework_rate"])
    assert threshold is not None
    assert [threshold.standing(each) for each in (0.05, 0.06, 0.11)] == [
        Standing.GOOD,
        Standing.WARN,
        Standing.ALARM,
    ]


@pytest.mark.parametrize(
    ("code", "warn", "alarm"),
    [
        ("on_time_rate", 0.8, 0.9),
        ("rework_rate", 0.2, 0.1),
        ("on_time_rate", 95, 90),
        ("rework_rate", float("nan"), 0.1),
        ("received", 1, 2),
    ],
)
def test_a_threshold_that_cannot_be_is_refused(code: str, warn: float, alarm: float) -> None:
    with pytest.raises(InvalidInput):
        read_threshold(FIGURES[code], warn, alarm)


def test_what_is_not_known_has_not_changed() -> None:
    known = Value(numerator=1, denominator=2, value=0.5)
    unknown = Value(numerator=0, denominator=0, value=None)
    assert Comparison.of(known, unknown).change is None
    assert Comparison.of(known, known).change == 0
