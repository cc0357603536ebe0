import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.citizens.codes import FollowCodes, hash_code, read_code

CODES = FollowCodes(bytes(32))
keys = st.text(min_size=1)


@given(key=st.none() | keys)
def test_a_code_is_four_groups_of_letters_that_nobody_confuses(key: str | None) -> None:
    code = CODES.make("AH20261127-0001", key)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code)
    assert read_code(code) == code


@given(key=keys, other=keys)
def test_a_key_has_one_code_for_each_number_and_secret(key: str, other: str) -> None:
    code = CODES.make("1", key)
    assert CODES.make("1", key) == code
    assert (CODES.make("1", other) == code) is (other == key)
    assert CODES.make("2", key) != code
    assert FollowCodes(bytes(31) + b"x").make("1", key) != code


def test_without_a_key_no_two_codes_are_alike() -> None:
    assert len({CODES.make("1", None) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "written", ["7k3m-q9xw-2tb4-h0ez", "7K3MQ9XW2TB4H0EZ", " 7K3M Q9XW 2TB4 HOEZ "]
)
def test_a_code_is_read_as_people_write_it(written: str) -> None:
    assert read_code(written) == "7K3M-Q9XW-2TB4-H0EZ"


@pytest.mark.parametrize("written", ["", "7K3M", "7K3M-Q9XW-2TB4-H0EZ-1", "7K3M-Q9XW-2TB4-H0E!"])
def test_what_is_no_code_is_none(written: str) -> None:
    assert read_code(written) is None


def test_the_same_code_has_another_hash_for_another_number() -> None:
    assert hash_code("1", "7K3M-Q9XW-2TB4-H0EZ") != hash_code("2", "7K3M-Q9XW-2TB4-H0EZ")
