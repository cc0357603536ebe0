import pytest

from api.accounts.passwords import generate_password, hash_password, password_matches
from gis.errors import InvalidInput


def test_a_password_matches_its_hash_and_no_other() -> None:
    hashed = hash_password("correct horse")
    assert hashed.startswith("$argon2id$")
    assert password_matches("correct horse", hashed)
    assert not password_matches("correct horsf", hashed)


def test_nothing_matches_an_account_that_has_no_password() -> None:
    assert not password_matches("", None)


@pytest.mark.parametrize("password", ["", "7 chars", "x" * 257])
def test_a_password_has_a_length(password: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        hash_password(password)
    assert caught.value.field == "password"


def test_generated_passwords_are_long_and_hold_nothing_that_looks_alike() -> None:
    passwords = {generate_password() for _ in range(100)}
    assert len(passwords) == 100
    assert all(len(password) == 16 for password in passwords)
    assert not set("".join(passwords)) & set("0O1lI")


@pytest.mark.parametrize("password", ["12345678", "Admin123", "woaini1314", "aaaaaaaa", "12121212"])
def test_what_everybody_tries_first_is_no_password(password: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        hash_password(password, field="new")
    assert (caught.value.code, caught.value.field) == ("common_password", "new")


def test_the_name_of_the_account_is_no_password() -> None:
    with pytest.raises(InvalidInput) as caught:
        hash_password("Wang.XiaoMing", username="wang.xiaoming")
    assert caught.value.code == "common_password"
