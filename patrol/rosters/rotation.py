"""The rotation of a roster: which team has which shift on which day. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from gis.errors import InvalidInput
from gis.local_time import LOCAL, Window
from gis.ratio import Ratio

MOST_SHIFTS = 12
MOST_DAYS = 31
_DAY = timedelta(days=1)
_DAY_MIN = 24 * 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """A shift that a team has, from `begins_at` to before `ends_at` (UTC)."""

    begins_at: datetime
    ends_at: datetime
    team: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A time without a team on one of the days of the cycle, 1 for the first; in minutes from its
    midnight."""

    day: int
    from_min: int
    to_min: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotation:
    """Each day of the `cycle` has a team, or None, for each of the `shifts`. The first of its days is
    `begins_on`; it goes round for ever, before that day too.

    No two shifts share a minute, be it over midnight, so there is never more than one team.
    """

    shifts: tuple[Window, ...]
    cycle: tuple[tuple[str | None, ...], ...]
    begins_on: date

    def __post_init__(self) -> None:
        if not 1 <= len(self.shifts) <= MOST_SHIFTS:
            raise InvalidInput(f"A day has 1 to {MOST_SHIFTS} shifts.", field="shifts")
        if len(_minutes(self.shifts)) < sum(_length_min(each) for each in self.shifts):
            raise InvalidInput(
                "Two shifts overlap; let one begin when the one before it ends.", field="shifts"
            )
        if not 1 <= len(self.cycle) <= MOST_DAYS:
            raise InvalidInput(f"A cycle has 1 to {MOST_DAYS} days.", field="cycle")
        if any(len(day) != len(self.shifts) for day in self.cycle):
            raise InvalidInput(
                "Each day of the cycle lists a team, or null, for each of the shifts.",
                field="cycle",
            )

    @property
    def teams(self) -> frozenset[str]:
        """Those that have a shift."""
        return frozenset(team for day in self.cycle for team in day if team is not None)


def turns_between(rotation: Rotation, since: datetime, until: datetime) -> Iterator[Turn]:
    """The turns that begin from `since` to before `until`, in their order."""
    ranked = sorted(range(len(rotation.shifts)), key=lambda each: rotation.shifts[each].begins)
    day, last = since.astimezone(LOCAL).date(), until.astimezone(LOCAL).date()
    while day <= last:
        teams = rotation.cycle[(day - rotation.begins_on).days % len(rotation.cycle)]
        for number in ranked:
            begins_at, ends_at = rotation.shifts[number].on(day)
            team = teams[number]
            if team is not None and since <= begins_at < until:
                yield Turn(begins_at=begins_at, ends_at=ends_at, team=team)
        day += _DAY


def gaps_in(rotation: Rotation) -> list[Gap]:
    """When nobody is there, however long the cycle has gone round already."""
    held = _held_minutes(rotation)
    gaps: list[Gap] = []
    for number in range(len(rotation.cycle)):
        begin = number * _DAY_MIN
        free = [minute for minute in range(_DAY_MIN) if begin + minute not in held]
        for minute in free:
            if gaps and (gaps[-1].day, gaps[-1].to_min) == (number + 1, minute):
                gaps[-1] = Gap(day=number + 1, from_min=gaps[-1].from_min, to_min=minute + 1)
            else:
                gaps.append(Gap(day=number + 1, from_min=minute, to_min=minute + 1))
    return gaps


def coverage_of(rotation: Rotation) -> Ratio:
    """The minutes of the cycle that have a team."""
    return Ratio(reached=len(_held_minutes(rotation)), required=len(rotation.cycle) * _DAY_MIN)


def rotation_to_json(rotation: Rotation) -> dict[str, Any]:
    """Of columns."""
    return {
        "shifts": [each.to_json() for each in rotation.shifts],
        "cycle": [[*day] for day in rotation.cycle],
        "begins_on": rotation.begins_on,
    }


def json_to_rotation(shifts: list[Any], cycle: list[Any], begins_on: date) -> Rotation:
    return Rotation(
        shifts=tuple(Window.from_json(each) for each in shifts),
        cycle=tuple(tuple(day) for day in cycle),
        begins_on=begins_on,
    )


def _held_minutes(rotation: Rotation) -> frozenset[int]:
    whole = len(rotation.cycle) * _DAY_MIN
    return frozenset(
        (number * _DAY_MIN + minute) % whole
        for number, teams in enumerate(rotation.cycle)
        for shift, team in zip(rotation.shifts, teams, strict=True)
        if team is not None
        for minute in _span(shift)
    )


def _minutes(shifts: tuple[Window, ...]) -> frozenset[int]:
    return frozenset(minute % _DAY_MIN for shift in shifts for minute in _span(shift))


def _span(shift: Window) -> range:
    begin = shift.begins.hour * 60 + shift.begins.minute
    return range(begin, begin + _length_min(shift))


def _length_min(shift: Window) -> int:
    begin, end = (each.hour * 60 + each.minute for each in (shift.begins, shift.ends))
    return (end - begin - 1) % _DAY_MIN + 1
