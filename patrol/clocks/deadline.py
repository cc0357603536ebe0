"""When a term ends, and what a hold and an extension make of it.

A clock of working time stands at what was worked since the calendar began; every question is a
difference of two such numbers. Results are in UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from gis.local_time import LOCAL
from patrol.clocks.calendar import WorkCalendar
from patrol.clocks.rule import DeadlineRule, RuleKind

_MICROSECOND = timedelta(microseconds=1)
_HOUR_US = 3_600_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """`is_provisional` where days count whose legal calendar is still to be announced: work it out again
    once it is."""

    at: datetime
    is_provisional: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """A clock stands still from `held_from` to before `held_until`."""

    held_from: datetime
    held_until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class FixedTerm:
    """A term whose end another system has set: by the clock, whatever the calendar says. It began at
    `since`, after `ends_at` where it was over on arrival."""

    since: datetime
    ends_at: datetime

    @property
    def is_working_time(self) -> Literal[False]:
        return False

    @property
    def length(self) -> timedelta:
        return max(self.ends_at - self.since, timedelta(0))


Term = DeadlineRule | FixedTerm


def due(rule: Term, start: datetime, calendar: WorkCalendar) -> Due:
    """When a term that begins at `start` ends.

    Natural days end at the same time of the day, as hours do. Working hours end at a close rather than
    at the next opening. Raises InvalidInput outside of the calendar.
    """
    if isinstance(rule, FixedTerm):
        return Due(at=rule.ends_at.astimezone(UTC), is_provisional=False)
    moment = calendar.moment(start)
    if not rule.is_working_time:
        return Due(at=start.astimezone(UTC) + rule.length, is_provisional=False)
    if rule.kind is RuleKind.WORK_DAY and not rule.by_the_hour:
        at = calendar.close_after(moment.day, rule.amount)
    else:
        at = calendar.instant(moment.worked_us + _term_us(rule, calendar))
    return _due(start, at, calendar)


def extend(rule: Term, ends: Due, calendar: WorkCalendar) -> Due:
    """The same term once more, from where it would have ended."""
    if not rule.is_working_time:
        return Due(at=ends.at.astimezone(UTC) + rule.length, is_provisional=False)
    worked_us = calendar.moment(ends.at).worked_us + _term_us(rule, calendar)
    return _due(ends.at, calendar.instant(worked_us), calendar, or_else=ends.is_provisional)


def resume(
    rule: Term,
    ends: Due,
    held_from: datetime,
    held_until: datetime,
    calendar: WorkCalendar,
) -> Due:
    """When a term ends whose clock stood still: what remained when the hold began is what remains when
    it ends. A term that was over by then stays over. Nothing changes where no time of the rule's passed.
    """
    if held_until <= held_from or held_from >= ends.at:
        return ends
    if not rule.is_working_time:
        return Due(at=ends.at.astimezone(UTC) + (held_until - held_from), is_provisional=False)
    held_us = calendar.moment(held_until).worked_us - calendar.moment(held_from).worked_us
    if held_us == 0:
        return ends
    worked_us = calendar.moment(ends.at).worked_us + held_us
    return _due(held_from, calendar.instant(worked_us), calendar, or_else=ends.is_provisional)


def due_after(
    rule: Term,
    start: datetime,
    calendar: WorkCalendar,
    *,
    extensions: int = 0,
    holds: Sequence[Hold] = (),
) -> Due:
    """When a term ends after all that happened to it, worked out anew: `holds` in their order.

    Extensions come first; that gives the same, because nobody extends a term that is over.
    """
    ends = due(rule, start, calendar)
    for _ in range(extensions):
        ends = extend(rule, ends, calendar)
    for hold in holds:
        ends = resume(rule, ends, hold.held_from, hold.held_until, calendar)
    return ends


def remind_at(
    rule: Term, ends_at: datetime, calendar: WorkCalendar, *, at_most: timedelta
) -> datetime:
    """When a quarter is left of a term that ends at `ends_at`, or `at_most` where that is less: by the
    clock, or in working time where the rule counts that. Raises InvalidInput outside of the calendar."""
    if not rule.is_working_time:
        return ends_at - min(at_most, rule.length / 4)
    left_us = min(at_most // _MICROSECOND, _term_us(rule, calendar) // 4)
    return calendar.instant(calendar.moment(ends_at).worked_us - left_us)


def latest_within(ahead: timedelta, at: datetime, calendar: WorkCalendar) -> datetime:
    """Up to when no more than `ahead` is left at `at`, by the clock or of working time."""
    worked_us = calendar.moment(at).worked_us + ahead // _MICROSECOND
    return max(at + ahead, calendar.instant(worked_us))


def working_time(since: datetime, until: datetime, calendar: WorkCalendar) -> timedelta:
    """How much working time lies between two instants; negative where `until` is the earlier one."""
    worked_us = calendar.moment(until).worked_us - calendar.moment(since).worked_us
    return worked_us * _MICROSECOND


def time_used(
    rule: DeadlineRule,
    since: datetime,
    until: datetime,
    calendar: WorkCalendar,
    *,
    holds: Sequence[Hold] = (),
) -> timedelta:
    """How long the handling clock of a rule ran from `since` to `until`, without the `holds` (which do
    not overlap): working time, or time by the clock."""

    def between(first: datetime, last: datetime) -> timedelta:
        if rule.is_working_time:
            return working_time(first, last, calendar)
        return last - first

    used = between(since, until)
    for hold in holds:
        first, last = max(hold.held_from, since), min(hold.held_until, until)
        if first < last:
            used -= between(first, last)
    return used


def _term_us(rule: DeadlineRule, calendar: WorkCalendar) -> int:
    return rule.amount * (calendar.day_us if rule.kind is RuleKind.WORK_DAY else _HOUR_US)


def _due(first: datetime, at: datetime, calendar: WorkCalendar, *, or_else: bool = False) -> Due:
    days = first.astimezone(LOCAL).date(), at.astimezone(LOCAL).date()
    return Due(
        at=at.astimezone(UTC),
        is_provisional=or_else or calendar.is_provisional(min(days), max(days)),
    )
