"""A case: what has been reported, where it is on its way, and whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from data.scope import Scope, Viewer
from patrol.categories.answers import Asked
from patrol.categories.field import FieldValue
from patrol.duty.ownership import Owner, OwnerReason


class State(StrEnum):
    """Where a case is on its way. What leads from one to the next: `patrol.cases.workflow`."""

    REPORTED = "reported"
    PRE_CHECK = "pre_check"
    FILED = "filed"
    DISPATCHED = "dispatched"
    RETURNED = "returned"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    POST_CHECK = "post_check"
    CALLBACK = "callback"
    CLOSED = "closed"
    VOID = "void"
    MERGED = "merged"
    """Another report of the same thing is what is worked on; the reporters of this one follow that."""

    @property
    def is_open(self) -> bool:
        return self not in (State.CLOSED, State.VOID, State.MERGED)


WAITING = (State.REPORTED, State.PRE_CHECK, State.FILED, State.RETURNED, State.POST_CHECK)
"""Where somebody on the staff has to act while the clock of the handling does not run."""

RUNNING = (State.DISPATCHED, State.IN_PROGRESS)
"""Where the clock of the handling runs."""


class Tier(StrEnum):
    """How high up a case is dealt with, from the grid to the county."""

    GRID = "grid"
    CHIEF = "chief"
    TOWN = "town"
    COUNTY = "county"

    @property
    def height(self) -> int:
        """0 is the grid."""
        return _TIERS.index(self)

    @property
    def above(self) -> "Tier | None":
        return None if self is _TIERS[-1] else _TIERS[self.height + 1]

    @property
    def below(self) -> "Tier | None":
        return None if self is _TIERS[0] else _TIERS[self.height - 1]


_TIERS = tuple(Tier)


class Rating(StrEnum):
    """What whoever reported a case says of how it was dealt with."""

    SATISFIED = "satisfied"
    NEUTRAL = "neutral"
    DISSATISFIED = "dissatisfied"


class Wish(StrEnum):
    """What is asked for, and granted or refused by somebody else."""

    HOLD = "hold"
    EXTENSION = "extension"
    APPEAL = "appeal"


class Source(StrEnum):
    """How a case became known."""

    CITIZEN = "citizen"
    HOTLINE = "hotline"
    PATROL = "patrol"
    CAMERA = "camera"
    SENSOR = "sensor"
    CHANGE = "change"
    ALERT = "alert"
    OPEN311 = "open311"

    @property
    def is_public(self) -> bool:
        """Whether anybody may send such a report, so that somebody looks before it is filed."""
        return self is Source.CITIZEN

    @property
    def is_complaint(self) -> bool:
        """Whether somebody who does not work here wants something dealt with."""
        return self in (Source.CITIZEN, Source.HOTLINE)


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

    @property
    def tier(self) -> Tier:
        """Where it belongs by whose it is: what nobody in the grids has is the town's."""
        if self.role == "grid_chief":
            return Tier.CHIEF
        is_of_the_town = self.role is None or self.role in _OF_THE_TOWN
        return Tier.TOWN if is_of_the_town else Tier.GRID


_OF_THE_TOWN = frozenset({"department_handler", "enforcement_officer"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What was asked for and is still to be decided. `until` is that of a hold."""

    wish: Wish
    account_id: int | None
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who does something to a case, or looks at it, and the grids that are theirs.

    `role` is the account's role. `staff_id` is None for an account that belongs to nobody on the
    staff, `account_id` for the system itself and for a citizen, who has none: `follows` is the id of
    the case whose code they know.
    """

    account_id: int | None
    staff_id: int | None
    name: str
    role: str
    scope: Scope
    follows: int | None = None

    @property
    def viewer(self) -> Viewer:
        return Viewer(
            scope=self.scope,
            staff_id=self.staff_id,
            account_id=self.account_id,
            follows=self.follows,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Restated:
    """What the ticket of another system says otherwise than before; None is nothing of that. `called` is
    its word for what it is about, `category` what that is here, if anything. `place` is lon and lat in
    WGS-84 degrees."""

    category: str | None = None
    called: str | None = None
    place: tuple[float, float] | None = None
    description: str | None = None


SYSTEM = Actor(
    account_id=None, staff_id=None, name="system", role="system", scope=Scope.everything()
)


CITIZEN = Actor(
    account_id=None, staff_id=None, name="citizen", role="citizen", scope=Scope.of(frozenset())
)
"""Whoever reports without an account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """What the events of a case add up to: see `patrol.cases.events.apply`.

    `lon` and `lat` are WGS-84 degrees. `placement`, `assignment`, `term` and `department` are frozen
    when the case is filed, and anew when it is reopened; before, the placement is provisional and the
    others are None. While a case is open, another edition of the grids gives it another placement.
    `handled_at` and `handled_by_account_id` are those of the handling that is being checked. `version`
    is the number of its last event.

    `term` is a rule in its short form (`patrol.clocks.rule`). When it is due is `provisional` while the
    legal calendar of days that count is not announced.

    `cycle` counts from 1 and rises when the case is reopened; `accepted_at`, `hold`, `extensions`,
    `rating`, `appealed` and `exempt` are those of this cycle, `rework`, `returns`, `urged` and `reports`
    of all of them. A `forced` case cannot be returned again: a return was wrong, which
    `wrong_returns` counts. `reports` is how many said the same, this one among them. `exempt` stands
    beside an overdue that an appeal excused; it is still overdue.

    `external_number` is that of its ticket in the system that it came from, one of a kind for each
    source, `external_category` what it is called there, `external_due_at` its deadline there, as far as
    it was the case's: no other one that came after the case was closed or reopened.
    `fields` are what was said in those of the category that it was reported under, `asked` how these
    were called then. `restated` is what its ticket says otherwise, until somebody has taken it over or
    left the case as it is.
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
    term: str | None
    rework: int
    reported_at: datetime
    dispatched_at: datetime | None
    due_at: datetime | None
    handled_at: datetime | None
    handled_by_account_id: int | None
    closed_at: datetime | None
    version: int
    tier: Tier | None = None
    cycle: int = 1
    filed_at: datetime | None = None
    accepted_at: datetime | None = None
    provisional: bool = False
    forced: bool = False
    returns: int = 0
    wrong_returns: int = 0
    request: Request | None = None
    held_at: datetime | None = None
    hold_until: datetime | None = None
    extensions: int = 0
    urged: int = 0
    supervised_at: datetime | None = None
    reports: int = 1
    merged_into: int | None = None
    rating: Rating | None = None
    appealed: bool = False
    exempt: bool = False
    external_number: str | None = None
    external_category: str | None = None
    external_due_at: datetime | None = None
    department: str | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    asked: tuple[Asked, ...] = ()
    restated: Restated | None = None

    @property
    def owner_id(self) -> int | None:
        """Whose it is; None before it is dispatched, and where nobody on the staff has it."""
        return None if self.assignment is None else self.assignment.staff_id

    @property
    def is_due_by_its_ticket(self) -> bool:
        """Its deadline is the one of its ticket: until it is reopened, and then its category's."""
        return self.external_due_at is not None and self.cycle == 1

    def is_overdue(self, at: datetime) -> bool:
        """Whether it was not handled in time; while it is not handled, as of `at`. On hold no time
        passes."""
        if self.due_at is None or self.state is State.ON_HOLD:
            return False
        return (self.handled_at or at) > self.due_at

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

    def was_reported_by(self, actor: Actor) -> bool:
        return actor.follows == self.id or (
            self.reported_by_account_id is not None
            and self.reported_by_account_id == actor.account_id
        )

    def was_asked_for_by(self, actor: Actor) -> bool:
        return (
            self.request is not None
            and self.request.account_id is not None
            and self.request.account_id == actor.account_id
        )

    def is_visible_to(self, actor: Actor) -> bool:
        """Whether it lies in the actor's grids, is theirs to deal with, or was reported by them.

        `patrol.cases.store` asks the same in SQL.
        """
        return (
            actor.scope.covers(self.placement.grid_code)
            or self.is_owned_by(actor)
            or self.was_reported_by(actor)
        )
