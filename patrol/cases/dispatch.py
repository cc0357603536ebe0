"""Whose a case is.

The rule: the grid worker on duty of the enclosing grid, else the deputy, else the chief, else the
town's dispatch queue; for whoever is on leave, who stands in. A category may be for a department or the
enforcement instead (`candidates`). Whoever dispatches by hand may choose
somebody else who is not on leave.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, or_, select

from data.editions import GridIndex, GridIndexes
from data.schema import posts
from gis.errors import InvalidInput
from gis.tree import GridTree
from patrol.cases import store
from patrol.cases.actions import Action
from patrol.cases.candidates import owner_by_category
from patrol.cases.case import (
    RUNNING,
    SYSTEM,
    Actor,
    Assignment,
    Case,
    Placement,
    State,
    Tier,
)
from patrol.cases.details import Dispatched, Filed, Looked, Moved, Returned
from patrol.cases.events import Event, next_event
from patrol.cases.folding import apply
from patrol.cases.repeats import times_reported
from patrol.cases.settings import CaseSettings
from patrol.cases.terms import Terms
from patrol.cases.workflow import permit
from patrol.categories.category import Category
from patrol.clocks.calendar import WorkCalendar
from patrol.duty.desk import dispatchers_of, inspectors_of
from patrol.duty.leaves import require_present
from patrol.duty.ownership import DISPATCH_QUEUE, OwnerReason, chief_of, chiefs_of, owner_of


class Dispatcher:
    """Finds the owner of a case among those who hold a post around it."""

    def __init__(self, grid_indexes: GridIndexes, terms: Terms, settings: CaseSettings) -> None:
        self._grid_indexes = grid_indexes
        self._terms = terms
        self._settings = settings

    def require_near(self, conn: Connection, lon: float, lat: float) -> None:
        """Raises InvalidInput for a place (WGS-84) that cannot be the town's: a typing error, another
        coordinate system, or another town."""
        index = self._grid_indexes.active(conn)
        if index is None or index.tree.place(lon, lat) is not None:
            return
        within_km = self._settings.within_km
        if not store.is_near_the_grids(conn, index.edition_id, lon, lat, within_km * 1000):
            raise InvalidInput(
                f"This place (lon {lon:.5f}, lat {lat:.5f}) is more than {within_km:g} km "
                "outside all grids. Check it, or report it to whoever is in charge there.",
                field="lon",
                code="too_far_away",
            )

    def file(
        self,
        conn: Connection,
        lon: float,
        lat: float,
        category: Category,
        at: datetime,
        *,
        about_staff_id: int | None = None,
    ) -> Filed:
        """What is to be frozen about a case at a position (WGS-84): by its category, the edition in
        force and the posts and duty at `at`. Whom it is about does not become its owner."""
        index = self._grid_indexes.active(conn)
        placement = (
            NOWHERE if index is None else placement_in(index.edition_id, index.tree, lon, lat)
        )
        chain = _chain(index, placement)
        owner = owner_by_category(conn, category, chain, at, not_staff_id=about_staff_id)
        return Filed(
            placement=placement,
            assignment=Assignment.of(owner),
            term=category.term,
            department=category.department,
        )

    def look(
        self, conn: Connection, case: Case, at: datetime, *, actor: Actor, staff_id: int | None
    ) -> Looked:
        """Who is to look whether there is something to a report: the member of staff whom the actor
        chooses, else who would get it; in the queue, whoever of the field staff is near."""
        if staff_id is not None:
            return Looked(assignment=_choose(conn, staff_id, actor, at))
        return Looked(assignment=Assignment.of(owner_of(conn, self._chain_of(conn, case), at)))

    def dispatch(
        self,
        conn: Connection,
        case: Case,
        at: datetime,
        *,
        actor: Actor,
        staff_id: int | None,
        category: Category,
    ) -> Dispatched:
        """To the member of staff whom the actor chooses; without one, by the rule as of now.

        Raises InvalidInput when the one may not be chosen, or the rule finds nobody.
        """
        assignment = (
            self._owner(conn, case, at, category)
            if staff_id is None
            else _choose(conn, staff_id, actor, at)
        )
        return self._dispatched(conn, case, assignment, at)

    def send_back(
        self, conn: Connection, case: Case, at: datetime, assignment: Assignment
    ) -> Dispatched:
        """To whoever returned it: it stays there."""
        return replace(self._dispatched(conn, case, assignment, at), forced=True)

    def dispatch_if_owned(
        self, conn: Connection, case: Case, at: datetime, calendar: WorkCalendar
    ) -> list[Event]:
        """What Wangge does by itself to a case that has just been filed: unless nobody answers for the
        place, it goes to its owner, and on from there if many have said the same."""
        assignment = case.assignment
        if case.state is not State.FILED or assignment is None or assignment.staff_id is None:
            return []
        transition = permit(case, Action.DISPATCH, SYSTEM, note=None, at=at)
        details = self._dispatched(conn, case, assignment, at, calendar)
        event = next_event(case, transition, SYSTEM, at, details=details)
        return [event, *self.raise_if_repeated(conn, apply(case, event), at)]

    def raise_if_repeated(self, conn: Connection, case: Case, at: datetime) -> list[Event]:
        """What Wangge does by itself to a case that so many have complained of that it is dealt with
        higher up."""
        if case.state not in RUNNING:
            return []
        times = times_reported(conn, case, self._settings.again)
        tier = self._settings.tier_of(times)
        if tier is None or tier.height <= (case.tier or Tier.GRID).height:
            return []
        note = f"同一问题第 {times} 次反映"
        transition = permit(case, Action.ESCALATE, SYSTEM, note=note, at=at)
        moved = self.move_up(conn, case, at, tier)
        return [next_event(case, transition, SYSTEM, at, note=note, details=moved)]

    def move_up(
        self, conn: Connection, case: Case, at: datetime, tier: Tier | None = None
    ) -> Moved:
        """To the tier above, or as high as `tier`. A chief who is not there is passed over."""
        target = tier or (case.tier or Tier.GRID).above
        if target is Tier.CHIEF:
            moved = self._to_the_chief(conn, case, at)
            if moved is not None:
                return moved
            target = Tier.TOWN
        return Moved(assignment=_HIGHER_UP, tier=target or Tier.COUNTY)

    def move_down(
        self,
        conn: Connection,
        case: Case,
        at: datetime,
        *,
        actor: Actor,
        staff_id: int | None,
        category: Category,
    ) -> Moved:
        """To the tier below, or to the member of staff whom the actor chooses. Raises InvalidInput."""
        if staff_id is not None:
            assignment = _choose(conn, staff_id, actor, at)
            return Moved(assignment=assignment, tier=assignment.tier)
        target = case.tier.below if case.tier else None
        if target is Tier.TOWN:
            return Moved(assignment=_HIGHER_UP, tier=Tier.TOWN)
        if target is Tier.CHIEF:
            moved = self._to_the_chief(conn, case, at)
            if moved is not None:
                return moved
        assignment = self._owner(conn, case, at, category)
        return Moved(assignment=assignment, tier=assignment.tier)

    def give_back(self, conn: Connection, case: Case, at: datetime) -> Returned:
        """To the chief of the grid; but what the chief returns is for the town's dispatch queue."""
        chief = chief_of(conn, self._chain_of(conn, case), at)
        is_chiefs = case.assignment is not None and case.assignment.staff_id == chief.staff_id
        owner = DISPATCH_QUEUE if is_chiefs else chief
        return Returned(assignment=replace(Assignment.of(owner), reason=OwnerReason.RETURNED))

    def chief_of(self, conn: Connection, case: Case, at: datetime) -> int | None:
        """Of its grid; None where nobody is."""
        [chief] = self.chiefs_of(conn, [case], at)
        return chief

    def chiefs_of(self, conn: Connection, cases: Iterable[Case], at: datetime) -> list[int | None]:
        """Of the grid of each."""
        chains = [self._chain_of(conn, case) for case in cases]
        return [chief.staff_id for chief in chiefs_of(conn, chains, at)]

    def dispatchers_of(self, conn: Connection, case: Case, at: datetime) -> frozenset[int]:
        """The staff at the desk that its place belongs to."""
        return dispatchers_of(conn, self._chain_of(conn, case), at)

    def inspectors_of(self, conn: Connection, case: Case, at: datetime) -> frozenset[int]:
        """The staff who inspect its grid."""
        return inspectors_of(conn, self._chain_of(conn, case), at)

    def grid_name(self, conn: Connection, case: Case) -> str | None:
        """As the case's own edition has it."""
        edition_id, code = case.placement.edition_id, case.placement.grid_code
        if edition_id is None or code is None:
            return None
        index = self._grid_indexes.of(edition_id, conn)
        return index.tree[code].name if code in index.tree else None

    def _to_the_chief(self, conn: Connection, case: Case, at: datetime) -> Moved | None:
        """Who has it then because it rose, not for want of somebody else; None where nobody is."""
        chief = Assignment.of(chief_of(conn, self._chain_of(conn, case), at))
        if chief.staff_id is None:
            return None
        escalated = replace(chief, reason=OwnerReason.ESCALATED)
        return Moved(assignment=escalated, tier=Tier.CHIEF)

    def _dispatched(
        self,
        conn: Connection,
        case: Case,
        assignment: Assignment,
        at: datetime,
        calendar: WorkCalendar | None = None,
    ) -> Dispatched:
        due = self._terms.due(conn, case, at, calendar)
        return Dispatched(assignment=assignment, due_at=due.at, provisional=due.is_provisional)

    def _owner(self, conn: Connection, case: Case, at: datetime, category: Category) -> Assignment:
        """By the rule. Raises InvalidInput when it finds nobody."""
        chain = self._chain_of(conn, case)
        assignment = Assignment.of(owner_by_category(conn, category, chain, at))
        if assignment.staff_id is None:
            raise InvalidInput(
                "Nobody answers for this by the rule; name in `staff` who is to have the case.",
                field="staff",
                code="nobody_in_charge",
            )
        return assignment

    def _chain_of(self, conn: Connection, case: Case) -> Sequence[str]:
        edition_id = case.placement.edition_id
        index = None if edition_id is None else self._grid_indexes.of(edition_id, conn)
        return _chain(index, case.placement)


_HIGHER_UP = Assignment(staff_id=None, role=None, reason=OwnerReason.ESCALATED)
NOWHERE = Placement(edition_id=None, grid_code=None, on_boundary=False, snapped_m=None)
"""Where everything lies before an edition is in force."""


def placement_in(edition_id: int, tree: GridTree, lon: float, lat: float) -> Placement:
    """Where a position (WGS-84) lies in the grids of an edition."""
    place = tree.place(lon, lat)
    return Placement(
        edition_id=edition_id,
        grid_code=None if place is None else place.grid.code,
        on_boundary=place is not None and place.on_boundary,
        snapped_m=place.distance_m if place is not None and place.snapped else None,
    )


def _chain(index: GridIndex | None, placement: Placement) -> Sequence[str]:
    if index is None or placement.grid_code is None:
        return ()
    return [grid.code for grid in index.tree.chain(placement.grid_code)]


def _choose(conn: Connection, staff_id: int, actor: Actor, at: datetime) -> Assignment:
    """Anybody who holds a post in the actor's grids, or one that knows no grid."""
    codes = actor.scope.sql_codes()
    p = posts.c
    role = conn.scalar(
        select(p.role)
        .where(
            p.staff_id == staff_id,
            p.valid_from <= at,
            or_(p.valid_to.is_(None), p.valid_to > at),
            *([] if codes is None else [or_(p.grid_code.is_(None), p.grid_code.in_(codes))]),
        )
        .order_by(p.id)
        .limit(1)
    )
    if role is None:
        raise InvalidInput(
            f"Nobody with the staff number {staff_id} holds a post in your grids now; "
            "GET /grids/{code}/staff lists who does.",
            field="staff",
            code="unknown_staff",
        )
    require_present(conn, staff_id, at)
    return Assignment(staff_id=staff_id, role=role, reason=OwnerReason.CHOSEN)
