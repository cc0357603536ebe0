"""Who stood in for whom: only ever added to."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from data.audit import Who
from data.schema import roster_substitutions
from gis.errors import InvalidInput
from patrol.rosters.roster import Roster
from patrol.rosters.shift import Shift, Substitution

LONGEST_AHEAD = timedelta(days=366)


def read_substitutions(
    conn: Connection,
    roster_ids: Iterable[int],
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Substitution]:
    """Of the shifts that begin from `since` to `until`, in the order in which they were made."""
    s = roster_substitutions.c
    query = select(roster_substitutions).where(s.roster_id.in_(roster_ids)).order_by(s.id)
    if since is not None:
        query = query.where(s.begins_at >= since)
    if until is not None:
        query = query.where(s.begins_at <= until)
    return [Substitution(**row._mapping) for row in conn.execute(query)]


def check_substitution(shift: Shift, *, staff_id: int, substitute_id: int, now: datetime) -> None:
    """Raise InvalidInput unless one of them stands in the shift and the other does not."""
    if shift.begins_at > now + LONGEST_AHEAD:
        raise InvalidInput(
            f"Substitutions are made for at most {LONGEST_AHEAD.days} days ahead.", field="from"
        )
    if staff_id not in shift.people:
        raise InvalidInput(
            f"Nobody of the staff number {staff_id} stands in this shift; "
            "GET /api/v1/rosters/{id}/shifts says who does.",
            field="staff",
        )
    if substitute_id in shift.people:
        raise InvalidInput(
            f"The staff number {substitute_id} stands in this shift already; name somebody else.",
            field="substitute",
        )


def insert_substitution(
    conn: Connection,
    roster: Roster,
    shift: Shift,
    *,
    staff_id: int,
    substitute_id: int,
    now: datetime,
    who: Who,
) -> Substitution:
    inserted = (
        insert(roster_substitutions)
        .values(
            roster_id=roster.id,
            begins_at=shift.begins_at,
            staff_id=staff_id,
            substitute_id=substitute_id,
            made_at=now,
            made_by=who.name,
            made_by_account_id=who.account_id,
        )
        .returning(roster_substitutions)
    )
    return Substitution(**conn.execute(inserted).one()._mapping)
