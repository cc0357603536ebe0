import pytest

from data.sealing import Seal
from gis.errors import InstallationError

KEY = bytes(32)


def test_what_was_sealed_opens_again() -> None:
    sealed = Seal(KEY, "second factors").seal(b"secret", owner="account 1")
    assert b"secret" not in sealed
    assert Seal(KEY, "second factors").open(sealed, owner="account 1") == b"secret"


def test_the_same_is_never_sealed_the_same() -> None:
    seal = Seal(KEY, "second factors")
    assert seal.seal(b"secret", owner="account 1") != seal.seal(b"secret", owner="account 1")


@pytest.mark.parametrize(
    ("key", "purpose", "owner", "changed"),
    [
        (b"k" * 32, "second factors", "account 1", False),
        (KEY, "something else", "account 1", False),
        (KEY, "second factors", "account 2", False),
        (KEY, "second factors", "account 1", True),
    ],
    ids=["another key", "another purpose", "another's", "tampered with"],
)
def test_nothing_else_opens(key: bytes, purpose: str, owner: str, changed: bool) -> None:
    sealed = Seal(KEY, "second factors").seal(b"secret", owner="account 1")
    if changed:
        sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    with pytest.raises(InstallationError, match=r"secret\.key"):
        Seal(key, purpose).open(sealed, owner=owner)


@pytest.mark.parametrize("sealed", [b"", b"too short"])
def test_what_is_too_short_is_explained_too(sealed: bytes) -> None:
    with pytest.raises(InstallationError):
        Seal(KEY, "second factors").open(sealed, owner="account 1")
