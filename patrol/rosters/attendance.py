"""Who came to a shift, and whether somebody was always there: worked out of duty sessions. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gis.ratio import Ratio
from patrol.duty.sessions import Presence
from patrol.rosters.shift import Shift

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attendance:
    """Of one person in one shift, or in what has passed of it. `first_at` is when they were on duty
    first: its beginning for whoever was on duty before; None is not at all."""

    begins_at: datetime
    first_at: datetime | None
    on_duty: timedelta

    @property
    def is_absent(self) -> bool:
        return self.first_at is None

    @property
    def late_min(self) -> int | None:
        """Whole minutes; None for whoever is absent."""
        return None if self.first_at is None else (self.first_at - self.begins_at) // _MINUTE

    @property
    def on_duty_min(self) -> int:
        return self.on_duty // _MINUTE


@dataclass(frozen=True, kw_only=True, slots=True)
class ShiftAttendance:
    """`people` are in the order of the shift's places. `complete` counts those who came among all of
    them, `covered` the minutes with at least one of them among those that have passed."""

    people: tuple[Attendance, ...]
    complete: Ratio
    covered: Ratio


def attendance_in(
    shift: Shift, presence: Mapping[int, Sequence[Presence]], now: datetime
) -> ShiftAttendance | None:
    """`presence` by staff number. None for a shift that has not begun."""
    end = min(shift.ends_at, now)
    if end <= shift.begins_at:
        return None
    each = [
        _union(presence.get(place.staff_id, ()), shift.begins_at, end) for place in shift.places
    ]
    anybody = _union((one for spans in each for one in spans), shift.begins_at, end)
    return ShiftAttendance(
        people=tuple(
            Attendance(
                begins_at=shift.begins_at,
                first_at=spans[0].since if spans else None,
                on_duty=_length(spans),
            )
            for spans in each
        ),
        complete=Ratio(reached=sum(bool(spans) for spans in each), required=len(each)),
        covered=Ratio(
            reached=_length(anybody) // _MINUTE, required=(end - shift.begins_at) // _MINUTE
        ),
    )


def _union(presence: Iterable[Presence], begin: datetime, end: datetime) -> list[Presence]:
    """What of it lies between, in order and without overlaps."""
    spans: list[Presence] = []
    for one in sorted(presence, key=lambda each: each.since):
        since = max(one.since, begin)
        until = end if one.until is None else min(one.until, end)
        if since >= until:
            continue
        last = spans[-1] if spans else None
        if last is not None and last.until is not None and since <= last.until:
            spans[-1] = Presence(since=last.since, until=max(last.until, until))
        else:
            spans.append(Presence(since=since, until=until))
    return spans


def _length(spans: Iterable[Presence]) -> timedelta:
    return sum((one.until - one.since for one in spans if one.until is not None), timedelta())
