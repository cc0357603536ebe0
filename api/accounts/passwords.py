"""Passwords: hashed with Argon2id, checked in the same time whether or not the account exists."""

import secrets
import threading
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from gis.errors import InvalidInput

MIN_LENGTH = 8
MAX_LENGTH = 256  # a longer one only makes the hash slow

_hasher = PasswordHash((Argon2Hasher(),))
# One hash takes 64 MB and a core for a moment; a crowd that signs in at once waits its turn.
_turn = threading.BoundedSemaphore(2)

# Without 0 O 1 l I, which look alike when somebody types a password from paper.
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def hash_password(password: str) -> str:
    """Raises InvalidInput when the password is too short or too long."""
    if len(password) < MIN_LENGTH:
        raise InvalidInput(
            f"The password is too short; use at least {MIN_LENGTH} characters.", field="password"
        )
    if len(password) > MAX_LENGTH:
        raise InvalidInput(
            f"The password is too long; use at most {MAX_LENGTH} characters.", field="password"
        )
    with _turn:
        return _hasher.hash(password)


def password_matches(password: str, stored_hash: str | None) -> bool:
    """False also for None (no such account, or one without a password), after the same work."""
    with _turn:
        matches = _hasher.verify(password, stored_hash or _hash_of_nobody())
    return matches and stored_hash is not None


def generate_password(length: int = 16) -> str:
    """Random, easy to copy from paper: about 93 bits at 16 characters."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe())
