"""The second factor: codes of an authenticator app, another every 30 seconds (TOTP, RFC 6238)."""

import io
import re
from datetime import datetime

import pyotp
import segno
from pyotp.utils import strings_equal

_ISSUER = "Wangge"
_DRIFT = (0, -1, 1)  # a telephone's clock may be one step away, as RFC 6238 recommends
_SECRET = re.compile(r"[A-Z2-7]{32}")


def new_secret() -> str:
    """160 random bits in base32, the length of the HMAC behind the codes."""
    return pyotp.random_base32(32)


def is_secret(text: str) -> bool:
    """Whether `text` looks like one that `new_secret` made."""
    return _SECRET.fullmatch(text) is not None


def secret_to_uri(secret: str, username: str) -> str:
    """What authenticator apps read: `otpauth://totp/Wangge:NAME?secret=...&issuer=Wangge`."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=_ISSUER)


def uri_to_qr(uri: str) -> str:
    """The QR code as an SVG document."""
    drawn = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(
        drawn, kind="svg", scale=4, dark="#000", light="#fff", xmldecl=False, nl=False
    )
    return drawn.getvalue().decode()


def code_to_step(secret: str, code: str, at: datetime, *, after: int | None = None) -> int | None:
    """The time step that `code` belongs to, None when it is wrong.

    A code counts once: those of step `after` and before are used up. A person may write it in two
    groups, or in full-width digits.
    """
    totp = pyotp.TOTP(secret)
    now = totp.timecode(at)
    typed = "".join(code.split())
    steps = [now + drift for drift in _DRIFT]
    fitting = [step for step in steps if strings_equal(typed, totp.generate_otp(step))]
    return next((step for step in fitting if after is None or step > after), None)
