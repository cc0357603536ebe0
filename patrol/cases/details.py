"""What an event fixes, beside who did what when: one kind for each action that fixes something."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec

from patrol.cases.actions import Action
from patrol.cases.case import Assignment, Placement, Rating, Restated, Source, Tier
from patrol.categories.answers import Asked
from patrol.categories.field import FieldValue


@dataclass(frozen=True, kw_only=True, slots=True)
class Reported:
    """The facts of a report; `lon` and `lat` are WGS-84 degrees. The placement is provisional. `fields`
    are what was said in the fields of its category, `asked` how these were called then."""

    number: str
    source: Source
    category: str
    description: str
    urgent: bool
    reporter: str | None
    lon: float
    lat: float
    placement: Placement
    external_number: str | None = None
    external_category: str | None = None
    external_due_at: datetime | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    asked: tuple[Asked, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Filed:
    """What is frozen when a case is filed or reopened: where it lies, whose it is, its term, and the
    department that answers for its category."""

    placement: Placement
    assignment: Assignment
    term: str
    department: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """Who is to look whether there is something to it; in the queue: whoever is near."""

    assignment: Assignment


@dataclass(frozen=True, kw_only=True, slots=True)
class Classified:
    """What it is about after all. `term` and `department` where it was filed already."""

    category: str
    urgent: bool
    term: str | None = None
    department: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """Which case it becomes a part of."""

    case_id: int
    number: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeated:
    """Another case about the same thing, which was merged into this one, or is again taken out of it,
    with all the `reports` that it stands for."""

    case_id: int
    number: str
    taken_out: bool = False
    reports: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatched:
    """`forced`: back to whoever returned it wrongly. `provisional` where the legal calendar of days that
    count is still to be announced."""

    assignment: Assignment
    due_at: datetime
    provisional: bool = False
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
class NewDue:
    """When it is due from now on: after a hold, by an extension, or by a calendar that was announced."""

    due_at: datetime
    provisional: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Rescheduled:
    """Another deadline of its ticket, and when the case is due by it; None before its dispatch."""

    external_due_at: datetime
    due: NewDue | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rated:
    rating: Rating


@dataclass(frozen=True, kw_only=True, slots=True)
class Reattributed:
    """Where the case lies by another edition of the grids, and whose it is then."""

    placement: Placement
    assignment: Assignment | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """`lon` and `lat` are WGS-84 degrees."""

    lon: float
    lat: float
    placement: Placement


@dataclass(frozen=True, kw_only=True, slots=True)
class Corrected:
    """What was put right; None is what stays. `assignment` is whose it is from now on, `due` when it is
    due by the term of its new category."""

    classified: Classified | None = None
    place: Place | None = None
    description: str | None = None
    assignment: Assignment | None = None
    due: NewDue | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """How another system had it, in its own word for the state. Where it is taken over it is `filed`, in
    the dispatch queue, with when it was due there; how it ended there is a second event without."""

    status: str | None
    filed: Filed | None = None
    due_at: datetime | None = None


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
    | NewDue
    | Rescheduled
    | Rated
    | Reattributed
    | Corrected
    | Restated
    | Imported
)

_DETAILS: Mapping[Action, type[Details]] = MappingProxyType(
    {
        Action.REPORT: Reported,
        Action.PRE_CHECK: Looked,
        Action.CLASSIFY: Classified,
        Action.CORRECT: Corrected,
        Action.RESTATE: Restated,
        Action.RESCHEDULE: Rescheduled,
        Action.MERGE: Merged,
        Action.REPEAT: Repeated,
        Action.FILE: Filed,
        Action.DISPATCH: Dispatched,
        Action.RETURN: Returned,
        Action.ESCALATE: Moved,
        Action.DEESCALATE: Moved,
        Action.ASK_HOLD: HoldAsked,
        Action.RESUME: NewDue,
        Action.GRANT_EXTENSION: NewDue,
        Action.RECOMPUTE: NewDue,
        Action.RATE: Rated,
        Action.CLOSE: Rated,
        Action.REOPEN: Filed,
        Action.REATTRIBUTE: Reattributed,
        Action.IMPORT: Imported,
    }
)


def encode_details(details: Details | None) -> dict[str, Any]:
    """As JSON keeps them."""
    return {} if details is None else msgspec.to_builtins(details)


def decode_details(action: Action, encoded: Mapping[str, Any]) -> Details | None:
    kind = _DETAILS.get(action)
    if kind is None or not encoded:
        return None
    if "deadline_h" in encoded:  # as terms were kept before there were others than hours
        encoded = {**encoded, "term": f"{encoded['deadline_h']}h"}
    return msgspec.convert(encoded, kind)
