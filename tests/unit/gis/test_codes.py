import pytest

from gis import codes
from gis.errors import InvalidInput


def test_the_length_of_a_code_says_its_level() -> None:
    assert codes.level_of("320722101203005") == 1
    assert codes.level_of("32072210120300502") == 2
    assert codes.level_of("320722101203") is None


def test_a_level_2_code_begins_with_its_parent() -> None:
    assert codes.parent_of("32072210120300502") == "320722101203005"
    assert codes.parent_of("320722101203005") is None


def test_a_code_begins_with_its_division_town_and_county() -> None:
    code = "32072210120300502"
    assert codes.division_of(code) == "320722101203"
    assert codes.town_of(code) == "320722101000"
    assert codes.county_of(code) == "320722000000"
    assert codes.town_of("320722000000") is None


@pytest.mark.parametrize(
    "code", ["A-17", "网格07", "12", "000000000000001", "３２０７２２１０１２０３００５"]
)
def test_a_code_of_another_scheme_says_nothing(code: str) -> None:
    assert codes.level_of(code) is None
    assert codes.parent_of(code) is None
    assert codes.division_of(code) is None
    assert codes.county_of(code) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (110108014000, "110108014000"),
        (110108014000.0, "110108014000"),
        ("110108014000.0", "110108014000"),
        (" 110108014000\n", "110108014000"),
        ("１１０１０８０１４０００", "110108014000"),
        ("007", "007"),
        ("西区-3", "西区-3"),
    ],
)
def test_a_code_is_text_whatever_the_file_made_of_it(value: object, code: str) -> None:
    assert codes.clean(value) == code


@pytest.mark.parametrize("value", [None, "", "  ", 1.5, float("nan"), "a\x00b", "7" * 65])
def test_what_cannot_be_a_code_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput):
        codes.clean(value)


def test_codes_that_begin_with_one_another_say_their_parents() -> None:
    assert codes.nested_parents(["A", "A-1", "A-2", "B", "A-1.7"]) == {
        **{"A": None, "B": None, "A-1": "A", "A-2": "A", "A-1.7": "A-1"}
    }


@pytest.mark.parametrize("others", [[], ["1", "2"], ["1", "27"], ["1", "12", "245"]])
def test_codes_that_do_not_all_nest_say_no_parents(others: list[str]) -> None:
    assert codes.nested_parents(others) == {}
