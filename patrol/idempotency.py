"""Idempotency keys: a request that is sent again under its key is the same, or has to take a new one.

As draft-ietf-httpapi-idempotency-key-header has it: 422 for another request under a key that was used.
"""

import hashlib
import hmac

import msgspec

from gis.errors import InvalidInput

LONGEST_KEY = 200


def read_key(value: str | None, *, shortest: int = 1) -> str | None:
    """What the header says, without the white space around it; None when nothing is left. Raises
    InvalidInput."""
    key = (value or "").strip()
    if not key:
        return None
    if not shortest <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise InvalidInput(
            f"Idempotency-Key must be {shortest} to {LONGEST_KEY} printable characters, such as a "
            "random UUID.",
            field="Idempotency-Key",
        )
    return key


def fingerprint(said: object) -> bytes:
    """SHA-256 over everything in a dataclass, so that no field can be forgotten."""
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).digest()


def require_the_same(kept: bytes | None, said: bytes, *, what: str) -> None:
    """`kept` is the fingerprint of what was sent under the key, and `what` is what that became. None is
    of before fingerprints were kept: its sender tries again. Raises InvalidInput."""
    if kept is not None and not hmac.compare_digest(kept, said):
        raise key_reused(what)


def key_reused(what: str) -> InvalidInput:
    return InvalidInput(
        f"This Idempotency-Key was used for {what} already; take a new key for something else.",
        field="Idempotency-Key",
        code="idempotency_key_reused",
    )
