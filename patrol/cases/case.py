"""A case: what has been reported, where it is on its way, and whose it is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from data.scope import Scope, Viewer
from patrol.duty.ownership import Owner, OwnerReason


class State(StrEnum):
    """Where a case is on its way. What leads from one to the next: `patrol.cases.workflow`."""

    REPORTED = "reported"
    PRE_CHECK = "pre_check"
    FILED = "filed"
    DISPATCHED = "dispatched"
    RETURNED = "returned"
    IN_PROGRESS = "in_progress"
    POST_CHECK = "post_check"
    CALLBACK = "callback"
    CLOSED = "closed"
    VOID = "void"

    @property
    def is_open(self) -> bool:
        return self not in (State.CLOSED, State.VOID)


class Source(StrEnum):
    """How a case became known."""

    CITIZEN = "citizen"
    HOTLINE = "hotline"
    PATROL = "patrol"
    CAMERA = "camera"
    SENSOR = "sensor"
    CHANGE = "change"
    ALERT = "alert"

    @property
    def is_public(self) -> bool:
        """Whether anybody may send such a report, so that somebody looks before it is filed."""
        return self is Source.CITIZEN


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """Where a case lies in the grid tree of one edition, by its smallest enclosing grid.

    `snapped_m` is how far outside that grid it is; None inside. Without a grid it lies outside all
    of them by more than the snapping distance, or no edition is in force.
    """

    edition_id: int | None
    grid_code: str | None
    on_boundary: bool
    snapped_m: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """Who answers for a case and why. In the dispatch queue nobody does yet: both are None."""

    staff_id: int | None
    role: str | None
    reason: OwnerReason

    @classmethod
    def of(cls, owner: Owner) -> "Assignment":
        role = None if owner.staff_id is None else owner.role
        return cls(staff_id=owner.staff_id, role=role, reason=owner.reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who does something to a case, or looks at it, and the grids that are theirs.

    `role` is the account's role. `staff_id` is None for an account that belongs to nobody on the
    staff, `account_id` only for the system itself.
    """

    account_id: int | None
    staff_id: int | None
    name: str
    role: str
    scope: Scope

    @property
    def viewer(self) -> Viewer:
        return Viewer(scope=self.scope, staff_id=self.staff_id, account_id=self.account_id)


SYSTEM = Actor(
    account_id=None, staff_id=None, name="system", role="system", scope=Scope.everything()
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """What the events of a case add up to: see `patrol.cases.events.apply`.

    `lon` and `lat` are WGS-84 degrees. `placement`, `assignment` and `deadline_h` are frozen when the
    case is filed, and anew when it is reopened; before, the placement is provisional and the other two
    are None. While a case is open, another edition of the grids gives it another placement.
    `handled_at` and `handled_by_account_id` are those of the handling that is being checked. `version`
    is the number of its last event.
    """

    id: int
    number: str
    state: State
    source: Source
    category: str
    description: str
    urgent: bool
    reporter: str | None
    reported_by_account_id: int | None
    lon: float
    lat: float
    placement: Placement
    assignment: Assignment | None
    deadline_h: int | None
    rework: int
    reported_at: datetime
    dispatched_at: datetime | None
    due_at: datetime | None
    handled_at: datetime | None
    handled_by_account_id: int | None
    closed_at: datetime | None
    version: int

    def is_owned_by(self, actor: Actor) -> bool:
        return (
            self.assignment is not None
            and actor.staff_id is not None
            and actor.staff_id == self.assignment.staff_id
        )

    def was_handled_by(self, actor: Actor) -> bool:
        return (
            self.handled_by_account_id is not None
            and self.handled_by_account_id == actor.account_id
        )

    def is_visible_to(self, actor: Actor) -> bool:
        """Whether it lies in the actor's grids, is theirs to deal with, or was reported by them.

        `patrol.cases.store` asks the same in SQL.
        """
        return (
            actor.scope.covers(self.placement.grid_code)
            or self.is_owned_by(actor)
            or (
                self.reported_by_account_id is not None
                and self.reported_by_account_id == actor.account_id
            )
        )
