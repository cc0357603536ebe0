"""A sign-in under way at the provider, kept by the browser that began it."""

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Self

from authlib.common.security import generate_token

from data.sealing import Seal
from gis.errors import InstallationError, NotSignedIn

LASTS = timedelta(minutes=10)

_PURPOSE = "sign-in at the provider"
_OWNER = "the sign-in"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """`state` ties the provider's answer to the browser, `nonce` its token to this attempt, and
    `verifier` (PKCE) the code to us."""

    state: str
    nonce: str
    verifier: str
    expires_s: int

    @classmethod
    def new(cls, now: datetime) -> Self:
        return cls(
            state=generate_token(32),
            nonce=generate_token(32),
            verifier=generate_token(64),
            expires_s=int((now + LASTS).timestamp()),
        )

    @classmethod
    def open(cls, sealed: str | None, secret_key: bytes, *, state: str, now: datetime) -> Self:
        """Raises NotSignedIn unless the browser began this attempt, and not long ago."""
        try:
            box = base64.urlsafe_b64decode((sealed or "").encode())
            attempt = cls(**json.loads(Seal(secret_key, _PURPOSE).open(box, owner=_OWNER)))
        except (InstallationError, ValueError, binascii.Error):
            raise _begin_again() from None
        if attempt.state != state or attempt.expires_s <= now.timestamp():
            raise _begin_again()
        return attempt

    def seal(self, secret_key: bytes) -> str:
        box = Seal(secret_key, _PURPOSE).seal(json.dumps(asdict(self)).encode(), owner=_OWNER)
        return base64.urlsafe_b64encode(box).decode()


def _begin_again() -> NotSignedIn:
    return NotSignedIn(
        "This sign-in was not begun here, or took too long; begin again.", code="oidc_expired"
    )
