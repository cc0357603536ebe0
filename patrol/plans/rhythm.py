"""When the rounds of a plan are: every so many hours, or on days of the week by the clock. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gis.errors import InvalidInput
from gis.local_time import LOCAL, Window

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
MOST_HOURS = 24 * 31


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """From `begins_at` to before `ends_at` (UTC)."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class EveryHours:
    """One round after the other from the beginning of the plan on, each of so many hours."""

    hours: int

    def __post_init__(self) -> None:
        if not 1 <= self.hours <= MOST_HOURS:
            raise InvalidInput(f"A round takes 1 to {MOST_HOURS} hours.", field="every_h")


@dataclass(frozen=True, kw_only=True, slots=True)
class Weekly:
    """A round in each of the windows that begin on one of the `weekdays`, 1 (Monday) to 7."""

    weekdays: tuple[int, ...]
    windows: tuple[Window, ...]

    def __post_init__(self) -> None:
        if not self.weekdays or not {*self.weekdays} <= {*range(1, 8)}:
            raise InvalidInput("Days of the week are 1 (Monday) to 7.", field="weekdays")
        if not self.windows:
            raise InvalidInput("Say from when to when a round is.", field="windows")
        if len({window.begins for window in self.windows}) < len(self.windows):
            raise InvalidInput(
                "Two windows begin at the same time; leave one out.", field="windows"
            )


Rhythm = EveryHours | Weekly


def longest_round(rhythm: Rhythm) -> timedelta:
    """No round of it takes longer."""
    return rhythm.hours * _HOUR if isinstance(rhythm, EveryHours) else _DAY


def rounds_between(
    rhythm: Rhythm,
    since: datetime,
    until: datetime,
    *,
    valid_from: datetime,
    valid_to: datetime | None,
) -> list[Round]:
    """The rounds that begin from `since` to before `until`, in their order: those that lie wholly inside
    the time for which the plan is valid."""
    begin = max(since, valid_from)
    match rhythm:
        case EveryHours():
            found = _one_after_the_other(rhythm, begin, until, valid_from)
        case Weekly():
            found = _weekly(rhythm, begin, until)
    return sorted(
        (each for each in found if valid_to is None or each.ends_at <= valid_to),
        key=lambda each: each.begins_at,
    )


def rounds_over(
    rhythm: Rhythm,
    after: datetime,
    by: datetime,
    *,
    valid_from: datetime,
    valid_to: datetime | None,
) -> list[Round]:
    """The rounds that end after an instant and at `by` at the latest, in the order of their ends."""
    begun = rounds_between(
        rhythm, after - longest_round(rhythm), by, valid_from=valid_from, valid_to=valid_to
    )
    return sorted(
        (each for each in begun if after < each.ends_at <= by), key=lambda each: each.ends_at
    )


def rhythm_to_json(rhythm: Rhythm) -> dict[str, Any]:
    match rhythm:
        case EveryHours():
            return {"every_h": rhythm.hours}
        case Weekly():
            return {
                "weekdays": [*rhythm.weekdays],
                "windows": [each.to_json() for each in rhythm.windows],
            }


def json_to_rhythm(stored: dict[str, Any]) -> Rhythm:
    if "every_h" in stored:
        return EveryHours(hours=stored["every_h"])
    return Weekly(
        weekdays=tuple(stored["weekdays"]),
        windows=tuple(Window.from_json(each) for each in stored["windows"]),
    )


def _one_after_the_other(
    rhythm: EveryHours, begin: datetime, until: datetime, valid_from: datetime
) -> Iterator[Round]:
    length = rhythm.hours * _HOUR
    number = -((valid_from - begin) // length)  # rounded up
    while (begins_at := valid_from + number * length) < until:
        yield Round(begins_at=begins_at, ends_at=begins_at + length)
        number += 1


def _weekly(rhythm: Weekly, begin: datetime, until: datetime) -> Iterator[Round]:
    day, last = begin.astimezone(LOCAL).date(), until.astimezone(LOCAL).date()
    while day <= last:
        if day.isoweekday() in rhythm.weekdays:
            for window in rhythm.windows:
                begins_at, ends_at = window.on(day)
                if begin <= begins_at < until:
                    yield Round(begins_at=begins_at, ends_at=ends_at)
        day += _DAY
