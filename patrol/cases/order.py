"""What somebody wants done to a case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from gis.errors import InvalidInput
from patrol.cases.actions import Action
from patrol.cases.case import Rating, Restated


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """Beside the action, what it takes.

    `staff_id`: to whom, instead of by the rule. `force`: back to whoever returned it. `until`: to when a
    hold is asked for. `into`: the case that this one becomes a part of. `category`: what it is
    about, `place`: where it lies, lon and lat in WGS-84 degrees; `as_told`: as its ticket says now, and
    `restated`: what that is, `external_due_at`: when it is due there now. `rating`: what the reporter
    said. `photos`: what the actor has sent before.
    `version`: the one that was looked at; a case that has moved on since is left alone.
    """

    action: Action
    note: str | None = None
    staff_id: int | None = None
    force: bool = False
    until: datetime | None = None
    into: int | None = None
    category: str | None = None
    place: tuple[float, float] | None = None
    as_told: bool = False
    restated: Restated | None = None
    external_due_at: datetime | None = None
    rating: Rating | None = None
    photos: tuple[UUID, ...] = ()
    version: int | None = None

    def check(self) -> None:
        """Raises InvalidInput, naming the field, for what the action needs and has not, and for what it
        does not take."""
        takes, needs = _TAKES.get(self.action, frozenset()), _NEEDS.get(self.action)
        for name, field in _FIELDS.items():
            given = getattr(self, name) not in (None, False)
            if given and name not in takes:
                raise InvalidInput(f"{self.action} takes no `{field}`; leave it out.", field=field)
            if name == needs and not given:
                raise InvalidInput(f"{self.action} needs `{field}`: {_WHAT[name]}.", field=field)
        if self.action is Action.CORRECT and not (self.category or self.place or self.as_told):
            raise InvalidInput(
                "correct needs what is wrong: the right `category`, or `lon` and `lat`.",
                field="category",
            )
        if self.force and self.staff_id is not None:
            raise InvalidInput(
                "`force` sends the case back to whoever returned it; leave `staff` out.",
                field="staff",
            )


_FIELDS = {
    "staff_id": "staff",
    "force": "force",
    "until": "until",
    "into": "into",
    "category": "category",
    "place": "lon",
    "as_told": "as_told",
    "restated": "action",
    "external_due_at": "action",
    "rating": "rating",
}
_TAKES: Mapping[Action, frozenset[str]] = MappingProxyType(
    {
        Action.PRE_CHECK: frozenset({"staff_id"}),
        Action.CORRECT: frozenset({"category", "place", "as_told"}),
        Action.RESTATE: frozenset({"restated"}),
        Action.RESCHEDULE: frozenset({"external_due_at"}),
        Action.MERGE: frozenset({"into"}),
        Action.DISPATCH: frozenset({"staff_id", "force"}),
        Action.DEESCALATE: frozenset({"staff_id"}),
        Action.ASK_HOLD: frozenset({"until"}),
        Action.RATE: frozenset({"rating"}),
        Action.CLOSE: frozenset({"rating"}),
    }
)
_NEEDS: Mapping[Action, str] = MappingProxyType(
    {
        Action.RESTATE: "restated",
        Action.RESCHEDULE: "external_due_at",
        Action.MERGE: "into",
        Action.ASK_HOLD: "until",
        Action.RATE: "rating",
    }
)
_WHAT: Mapping[str, str] = MappingProxyType(
    {
        "restated": "it is what comes of a ticket that comes once more",
        "external_due_at": "it is what comes of a ticket that comes once more",
        "into": "the id of the case that was reported before",
        "until": "when the work goes on",
        "rating": "satisfied, neutral or dissatisfied",
    }
)
