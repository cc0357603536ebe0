import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.accounts import Role
from gis.errors import InvalidInput
from patrol.duty.contact import check_character, check_identity_number, check_name, check_phone
from patrol.duty.staff_roles import StaffRole

CARD = "11010519491231002X"  # the example of GB 11643


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("13812345678", "13812345678"),
        (" 138 1234 5678 ", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("008613812345678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("0518-85801234", "0518-85801234"),
        ("051885801234", "0518-85801234"),
        ("(0518) 8580 1234", "0518-85801234"),
        ("010-62345678", "010-62345678"),
        ("025-8471234", "025-8471234"),
        ("0518-85801234-801", "0518-85801234-801"),
        ("0518-85801234转801", "0518-85801234-801"),
    ],
)
def test_a_telephone_number_is_kept_in_one_form(written: str, kept: str) -> None:
    assert check_phone(written) == kept
    assert check_phone(kept) == kept


@pytest.mark.parametrize(
    "written",
    ["", "1381234567", "138123456789", "12812345678", "85801234", "0518-858012", "110", "王小明"],
)
def test_what_is_no_telephone_number_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(InvalidInput, match=r"13812345678.*0518-85801234") as caught:
        check_phone(written)
    assert caught.value.field == "phone"


@pytest.mark.parametrize("written", [CARD, CARD.lower(), f" {CARD} ", "110105 19491231 002x"])
def test_an_identity_number_is_kept_with_a_capital_x(written: str) -> None:
    assert check_identity_number(written) == CARD


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("110105491231002", "this has 15"),
        ("1101051949123100XX", "17 digits"),
        ("110105194902310021", "day of birth"),
        ("110105194912310021", "check character"),
    ],
)
def test_a_wrong_identity_number_says_what_is_wrong_but_not_the_number(
    written: str, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        check_identity_number(written)
    assert caught.value.field == "identity_number"
    assert written not in caught.value.message


@given(place=st.integers(0, 16), digit=st.sampled_from("0123456789"))
def test_one_mistyped_digit_never_fits_the_check_character(place: int, digit: str) -> None:
    mistyped = CARD[:place] + digit + CARD[place + 1 : 17]
    assert (check_character(mistyped) == CARD[17]) is (mistyped == CARD[:17])


@pytest.mark.parametrize("name", ["", "  ", "王\n小明", "王" * 101, "王\x00"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        check_name(name)


def test_a_post_needs_a_grid_where_an_account_of_its_role_does() -> None:
    for role in StaffRole:
        assert Role(role.value).works_in_a_grid is role.works_in_a_grid
