"""Passwords: hashed with Argon2id, checked in the same time whether or not the account exists."""

import secrets
import threading
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from gis.errors import InvalidInput

MIN_LENGTH = 8
MAX_LENGTH = 256  # a longer one only makes the hash slow
_MIN_DIFFERENT = 4

# What is tried first here, of those that are long enough; compared in lower case.
_TRIED_FIRST = """
0123456789 0987654321 11223344 1122334455 123123123 123321123 12341234 12344321 123456123
12345678 123456789 1234567890 147258369 159357456 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2
52013141 5201314520 87654321 987654321 a1234567 a12345678 a123456789 aa123456 aa12345678
abc12345 abc123456 abcd1234 abcdefgh admin123 admin1234 admin12345 admin123456 admin888
admin@123 administrator asd12345 asd123456 asdfghjk asdfghjkl changeme guest123 iloveyou
iloveyou1 jiedao123 letmein1 p@ssw0rd p@ssword passw0rd password password1 password12
password123 q1w2e3r4 qazwsxedc qq123456 qwe123456 qwerty12 qwerty123 qwertyui qwertyuiop
root1234 shequ123 test1234 user1234 wangge123 wangge1234 wangge12345 wanggeyuan welcome1
woaini123 woaini1314 woaini1314520 woaini520 woaini521 woaiwojia zaq12wsx zxcvbnm1
zxcvbnm123
"""
_COMMON = frozenset(_TRIED_FIRST.split())

_hasher = PasswordHash((Argon2Hasher(),))
# One hash takes 64 MB and a core for a moment; a crowd that signs in at once waits its turn.
_turn = threading.BoundedSemaphore(2)

# Without 0 O 1 l I, which look alike when somebody types a password from paper.
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def hash_password(password: str, *, username: str = "", field: str = "password") -> str:
    """Raises InvalidInput, naming `field`, when the password is too short, too long, among those that
    everybody tries first, or the name of the account itself."""
    if len(password) < MIN_LENGTH:
        raise InvalidInput(
            f"The password is too short; use at least {MIN_LENGTH} characters.", field=field
        )
    if len(password) > MAX_LENGTH:
        raise InvalidInput(
            f"The password is too long; use at most {MAX_LENGTH} characters.", field=field
        )
    lower = password.lower()
    if lower in _COMMON or len(set(lower)) < _MIN_DIFFERENT:
        raise InvalidInput(
            "That is one of the passwords that are tried first; choose one that nobody else has.",
            code="common_password",
            field=field,
        )
    if lower == username.lower():
        raise InvalidInput(
            "The password is the account's name; choose one that nobody can guess.",
            code="common_password",
            field=field,
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
