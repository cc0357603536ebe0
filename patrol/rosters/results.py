"""Shifts as they came to be: who stood in them, and who came. Worked out whenever somebody asks."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data.scope import Viewer
from gis.ratio import Ratio
from patrol.duty.sessions import presence_of
from patrol.rosters.attendance import ShiftAttendance, attendance_in
from patrol.rosters.roster import Roster, rosters_at
from patrol.rosters.shift import Shift, Substitution, shifts_between
from patrol.rosters.substitutions import read_substitutions

_LONGEST_SHIFT = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShiftResult:
    """`attendance` is None before it begins."""

    shift: Shift
    substitutions: tuple[Substitution, ...]
    attendance: ShiftAttendance | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterResults:
    shifts: Sequence[ShiftResult]
    now: datetime

    @property
    def substitutes(self) -> frozenset[int]:
        """By their staff numbers."""
        return frozenset(one.substitute_id for each in self.shifts for one in each.substitutions)

    @property
    def over(self) -> list[ShiftAttendance]:
        return [
            each.attendance
            for each in self.shifts
            if each.attendance is not None and each.shift.ends_at <= self.now
        ]

    @property
    def complete(self) -> Ratio:
        """Of the shifts that are over, those to which everybody came."""
        over = self.over
        return Ratio(reached=sum(each.complete.rate == 1 for each in over), required=len(over))

    @property
    def covered(self) -> Ratio:
        """Of the minutes of the shifts that are over, those with somebody there."""
        return Ratio.sum(each.covered for each in self.over)


def results_of(
    conn: Connection, roster: Roster, since: datetime, until: datetime, now: datetime
) -> RosterResults:
    """Of the shifts that begin from `since` to before `until`."""
    made = read_substitutions(conn, [roster.id], since, until)
    shifts = shifts_between(roster, made, since, until)
    people = {each for shift in shifts for each in shift.people}
    presence = presence_of(conn, people, since, min(until + _LONGEST_SHIFT, now))
    return RosterResults(
        shifts=[
            ShiftResult(
                shift=shift,
                substitutions=tuple(one for one in made if one.begins_at == shift.begins_at),
                attendance=attendance_in(shift, presence, now),
            )
            for shift in shifts
        ],
        now=now,
    )


def shifts_at(
    conn: Connection, viewer: Viewer, at: datetime, grid_codes: Container[str] | None
) -> list[tuple[Roster, Shift]]:
    """The shifts that are under way at an instant, by the rosters of these grids, or all, that `viewer`
    may read."""
    since, until = at - _LONGEST_SHIFT, at + at.resolution
    found = [
        roster
        for roster in rosters_at(conn, viewer, since, until)
        if grid_codes is None or roster.grid_code in grid_codes
    ]
    made = read_substitutions(conn, [each.id for each in found], since, until)
    return [
        (roster, shift)
        for roster in found
        for shift in shifts_between(
            roster, (one for one in made if one.roster_id == roster.id), since, until
        )
        if shift.ends_at > at
    ]
