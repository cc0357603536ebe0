"""Codes by which somebody without an account follows their case: made, read as people write them,
hashed.

80 random bits in 16 letters and digits without those that look alike (Crockford's base 32): nobody
guesses one, and anybody can read one out on the telephone.
"""

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS = 16
_GROUP = 4
_BITS = 80
_MISREAD = str.maketrans("OIL", "011", " -‐‑–—")


class FollowCodes:
    """Makes codes. `secret_key` is the installation's."""

    def __init__(self, secret_key: bytes) -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=b"wangge follow codes")
        self._key = derived.derive(secret_key)

    def make(self, number: str, key: str | None) -> str:
        """The code of the report with this number. One that was sent under a `key` of the sender's
        always gets the same, so that it can be said again though only its hash is kept."""
        if key is None:
            return _write(secrets.randbits(_BITS))
        mac = hmac.digest(self._key, f"{number} {key}".encode(), "sha256")
        return _write(int.from_bytes(mac[: _BITS // 8], "big"))


def read_code(text: str) -> str | None:
    """The code that somebody wrote, with small letters, spaces or an O for a 0; else None."""
    letters = text.upper().translate(_MISREAD)
    if len(letters) != _LETTERS or any(letter not in _ALPHABET for letter in letters):
        return None
    return _grouped(letters)


def hash_code(number: str, code: str) -> bytes:
    """What is kept of it. With the number, so that one guess is at one report."""
    return hashlib.sha256(f"{number} {code}".encode()).digest()


def hash_key(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _write(number: int) -> str:
    digits = (number >> shift & 31 for shift in range(_BITS - 5, -1, -5))
    return _grouped("".join(_ALPHABET[digit] for digit in digits))


def _grouped(letters: str) -> str:
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))
