"""What somebody who is signed in has to do before anything else."""

from collections.abc import Sequence
from enum import StrEnum

from gis.errors import NotPermitted


class Pending(StrEnum):
    CHANGE_PASSWORD = "change_password"
    SET_UP_TOTP = "set_up_totp"


_SAYS = {
    Pending.CHANGE_PASSWORD: (
        "Somebody else knows this account's password; change it first (PUT /api/v1/sessions/password)."
    ),
    Pending.SET_UP_TOTP: (
        "This account's role needs a second factor; set it up first (POST /api/v1/sessions/totp)."
    ),
}


def require_nothing_pending(pending: Sequence[Pending]) -> None:
    """Raises NotPermitted, with the code `change_password_first` or `set_up_totp_first`."""
    for step in pending:
        raise NotPermitted(_SAYS[step], code=f"{step}_first")
