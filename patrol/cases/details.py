"""What an event fixes, beside who did what when: one kind for each action that fixes something."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec

from patrol.cases.actions import Action
from patrol.cases.case import Assignment, Placement, Rating, Source, Tier


@dataclass(frozen=True, kw_only=True, slots=True)
class Reported:
    """The facts of a report; `lon` and `lat` are WGS-84 degrees. The placement is provisional."""

    number: str
    source: Source
    category: str
    description: str
    urgent: bool
    reporter: str | None
    lon: float
    lat: float
    placement: Placement


@dataclass(frozen=True, kw_only=True, slots=True)
class Filed:
    """What is frozen when a case is filed or reopened: where it lies, whose it is, and its term."""

    placement: Placement
    assignment: Assignment
    deadline_h: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """Who is to look whether there is something to it; in the queue: whoever is near."""

    assignment: Assignment


@dataclass(frozen=True, kw_only=True, slots=True)
class Classified:
    """What it is about after all. `deadline_h` where it was filed already."""

    category: str
    urgent: bool
    deadline_h: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """Which case it becomes a part of."""

    case_id: int
    number: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeated:
    """Another report of the same thing, which was merged into this case, or is again taken out of it."""

    case_id: int
    number: str
    taken_out: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatched:
    """`forced`: back to whoever returned it wrongly."""

    assignment: Assignment
    due_at: datetime
    forced: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """To whom the case goes back."""

    assignment: Assignment


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """To whom the case goes one level up or down."""

    assignment: Assignment
    tier: Tier


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldAsked:
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """When it is due from now on: after a hold, or by an extension."""

    due_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Rated:
    rating: Rating


@dataclass(frozen=True, kw_only=True, slots=True)
class Reattributed:
    """Where the case lies by another edition of the grids, and whose it is then."""

    placement: Placement
    assignment: Assignment | None


Details = (
    Reported
    | Looked
    | Classified
    | Merged
    | Repeated
    | Filed
    | Dispatched
    | Returned
    | Moved
    | HoldAsked
    | Due
    | Rated
    | Reattributed
)

_DETAILS: Mapping[Action, type[Details]] = MappingProxyType(
    {
        Action.REPORT: Reported,
        Action.PRE_CHECK: Looked,
        Action.CLASSIFY: Classified,
        Action.MERGE: Merged,
        Action.REPEAT: Repeated,
        Action.FILE: Filed,
        Action.DISPATCH: Dispatched,
        Action.RETURN: Returned,
        Action.ESCALATE: Moved,
        Action.DEESCALATE: Moved,
        Action.ASK_HOLD: HoldAsked,
        Action.RESUME: Due,
        Action.GRANT_EXTENSION: Due,
        Action.RATE: Rated,
        Action.CLOSE: Rated,
        Action.REOPEN: Filed,
        Action.REATTRIBUTE: Reattributed,
    }
)


def encode_details(details: Details | None) -> dict[str, Any]:
    """As JSON keeps them."""
    return {} if details is None else msgspec.to_builtins(details)


def decode_details(action: Action, encoded: Mapping[str, Any]) -> Details | None:
    kind = _DETAILS.get(action)
    return None if kind is None or not encoded else msgspec.convert(encoded, kind)
