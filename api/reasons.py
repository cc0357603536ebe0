"""Why somebody looks: asked for where other people's past, or their numbers, are concerned.

The reason goes on the audit as it was given; nobody judges it but whoever reads that.
"""

from datetime import datetime
from typing import Annotated, NoReturn

from fastapi import Query

from api.access import Caller
from gis.errors import InvalidInput
from gis.local_time import local_midnight
from patrol.tracking.units import Unit

SHORTEST, LONGEST = 2, 200

ReasonQuery = Annotated[
    str | None,
    Query(description="Why: 2 to 200 characters. Goes on the audit.", examples=["核实群众反映"]),
]


def read_reason(text: str | None) -> str | None:
    """What was given, on one line and without control characters; None for nothing.

    Raises InvalidInput for one that is too short or too long.
    """
    words = " ".join((text or "").split())
    reason = "".join(letter for letter in words if letter.isprintable())
    if not reason:
        return None
    if not SHORTEST <= len(reason) <= LONGEST:
        raise InvalidInput(
            f"The reason has {len(reason)} characters; write {SHORTEST} to {LONGEST}.",
            field="reason",
        )
    return reason


def require_reason(text: str | None, what: str) -> str:
    """Raises InvalidInput without one; `what` is what it is for, such as "An export"."""
    reason = read_reason(text)
    return _refuse(what) if reason is None else reason


def reason_to_look_back(
    text: str | None, *, since: datetime, now: datetime, is_about_others: bool
) -> str | None:
    """The reason for a look at where units were from `since` on: anybody's present day needs none, and
    one's own past neither. Raises InvalidInput where it is missing."""
    reason = read_reason(text)
    if reason is None and is_about_others and since < local_midnight(now):
        _refuse("A look at where somebody else was before today")
    return reason


def is_own(unit: Unit, caller: Caller) -> bool:
    """Whether the unit is what the caller carries."""
    return unit.staff_id is not None and unit.staff_id == caller.staff_id


def _refuse(what: str) -> NoReturn:
    raise InvalidInput(
        f"{what} needs a reason: add `reason` of {SHORTEST} to {LONGEST} characters. "
        "It goes on the audit.",
        code="reason_required",
        field="reason",
    )
