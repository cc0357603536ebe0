import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.masking import mask_contact, mask_identity_number, mask_numbers_in_text, mask_phone


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812341234", "138****1234"),
        ("138 1234 1234", "138 **** 1234"),
        ("+86 138-1234-1234", "+86 138-****-1234"),
        ("8613812341234", "86138****1234"),
        ("0518-85551234", "***********34"),
        ("13812341234 转 803", "***************03"),
        ("1381234123", "********23"),
        ("12345", "***45"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_a_telephone_number_keeps_its_ends(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("320722198001011212", "3207************12"),
        ("32072219800101121X", "3207************1X"),
        ("320722 19800101 121x", "3207** ******** **1x"),
        ("320722800101121", "3207*********21"),
        ("M1234567", "******67"),
        ("12", "**"),
    ],
)
def test_an_identity_number_keeps_its_ends(number: str, masked: str) -> None:
    assert mask_identity_number(number) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("路口堆放垃圾，电话13812341234。", "路口堆放垃圾，电话138****1234。"),
        ("138 1234 1234 或 139-1234-1234", "138 **** 1234 或 139-****-1234"),
        ("13812341234 13912341234", "138****1234 139****1234"),
        ("13812341234/13912341234", "138****1234/139****1234"),
        ("13812341234x", "138****1234x"),
        ("1. 1381234 1234", "1. 138**** 1234"),
        ("1.13812341234", "1.138****1234"),
        ("3号楼-2-501 13812341234", "3号楼-2-501 138****1234"),
        ("+86 13812341234", "+86 138****1234"),
        ("008613812341234", "0086138****1234"),
        ("013812341234", "0138****1234"),
        ("138–1234–1234", "138–****–1234"),
        ("138\u30001234\u00a01234", "138\u3000****\u00a01234"),
        ("1 3 8 1 2 3 4 1 2 3 4", "1 3 8 * * * * 1 2 3 4"),
        ("１３８１２３４１２３４", "１３８****１２３４"),
        ("2026-10-13 13812341234", "2026-10-13 138****1234"),
        ("AH20261122-0001 13812341234", "AH20261122-0001 138****1234"),
        ("身份证320722198001011212，", "身份证3207************12，"),
        ("32072219800101121x", "3207************1x"),
        ("320722 1980 0101 121 X", "3207** **** **** **1 X"),
        ("150102199001011234", "1501************34"),  # begins like a mobile number
        ("1501 0219 9001 0112 34", "1501 **** **** **** 34"),
        ("320722 800101 121", "3207** ****** *21"),
        ("932682198501010017", "9326************17"),  # a foreigner's permanent residence
    ],
)
def test_numbers_of_people_are_masked_in_a_text(text: str, masked: str) -> None:
    assert mask_numbers_in_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "320722101",
        "320722101203",
        "320722101203005",  # 15 digits, and 101203 is a date
        "320722001001001",
        "320722206219005",
        "32072210120300501",
        "320722 101 203 005 01",
        "32072200001320001234",  # a camera
        "11010500001310139876",
        "AH20261122-0001",
        "2026-11-22 08:30:15",
        "2026-11-22T08:30:15+08:00",
        "20261122083015",
        "1990-01-02 123",
        "1985 03 12 380米",
        "118.672100, 34.530200",
        "0518-85551234",
        "138123412345",  # twelve digits
        "GW-017, 苏GA1234, 3号楼2单元501",
        "138\n1234\n1234",  # a column of figures
        "12345, 12319",
        "91320722MA1W2X3Y4Z",
    ],
)
def test_what_is_nobodys_number_stays(text: str) -> None:
    assert mask_numbers_in_text(text) == text


@pytest.mark.parametrize(
    ("contact", "masked"),
    [
        ("张女士 13812341234", "张女士 138****1234"),
        ("李先生 0518-85551234", "李先生 ****-******34"),
        ("(0518) 8555 1234 转 803", "(0518) **** **34 转 803"),
        ("微信 wxid_ab12", "微信 *******12"),
        ("zhang.san@example.cn", "******************cn"),
        ("QQ 123456", "QQ ****56"),
        ("Li Wei, 3号楼", "Li Wei, 3号楼"),
    ],
)
def test_a_contact_keeps_the_name_and_no_way_to_call(contact: str, masked: str) -> None:
    assert mask_contact(contact) == masked


MOBILE = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
AROUND = st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=12)


@given(before=AROUND, phone=MOBILE, after=AROUND)
def test_no_words_around_it_save_a_mobile_number(before: str, phone: str, after: str) -> None:
    text = before + phone + after
    for masked in (mask_numbers_in_text(text), mask_contact(text)):
        assert phone not in masked


@given(text=st.text(st.sampled_from("0123456789 -X138320722年张")))
def test_only_digits_are_masked(text: str) -> None:
    masked = mask_numbers_in_text(text)
    assert len(masked) == len(text)
    assert re.sub(r"[\d*]", "", masked) == re.sub(r"\d", "", text)


@given(code=st.from_regex(r"3[1-7][0-9]{4}[0-3][0-9]{2}[0-9]{6}([0-9]{2})?", fullmatch=True))
def test_codes_of_grids_stay(code: str) -> None:
    assert mask_numbers_in_text(f"网格{code}内") == f"网格{code}内"
