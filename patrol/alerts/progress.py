"""How far the watch over a unit has come, and what its new fixes make of that. Pure.

What came since a unit was watched last goes on from the memory of that time. What came late has its
shift watched again from the beginning.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from patrol.alerts.alert import Episode, Stored
from patrol.alerts.conditions import Seen
from patrol.alerts.reconciling import Changes, reconcile
from patrol.alerts.rules import Rules
from patrol.alerts.shifts import FOR_EVER, Shift, Shifts
from patrol.alerts.watching import Ground, Memory, instant, instant_to_us, watch

Span = tuple[int, datetime, datetime]
"""A unit, from when, until when."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Everything up to the fix of `watched_at` was looked at; `memory` is of the shift that began at
    `shift_began_at`. Fixes from `late_since` to `late_until` came after newer ones."""

    unit_id: int
    watched_at: datetime
    shift_began_at: datetime | None
    memory: Memory
    late_since: datetime | None = None
    late_until: datetime | None = None

    @property
    def since(self) -> datetime:
        """From when on the unit's shifts matter."""
        return min(self.watched_at, self.late_since or self.watched_at)

    def windows(self, shifts: Shifts) -> list[Span]:
        """The times whose fixes have to be read: those after the last that was looked at, and the whole
        shifts of those that came late."""
        next_at = self.watched_at + timedelta(microseconds=1)
        rest = (self.unit_id, next_at, FOR_EVER)
        if self.late_since is None or self.late_until is None:
            return [rest]
        first, last = shifts.at(self.late_since), shifts.at(self.late_until)
        since = first.began_at if first else self.late_since
        until = last.until if last else self.late_until + timedelta(microseconds=1)
        if until > self.watched_at:
            return [(self.unit_id, min(since, next_at), FOR_EVER)]
        return [(self.unit_id, since, until), rest]

    def is_late(self, shift: Shift) -> bool:
        """Whether something of the shift came late."""
        return (
            self.late_since is not None
            and self.late_until is not None
            and shift.began_at <= self.late_until
            and shift.until > self.late_since
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What watching a unit gave. `again` are the shifts that were watched from the beginning."""

    before: Progress
    after: Progress
    episodes: list[Episode] = field(default_factory=list)
    again: list[Shift] = field(default_factory=list)

    def spans(self) -> Iterable[Span]:
        """Where alerts may have to change."""
        for shift in self.again:
            yield self.before.unit_id, shift.began_at, shift.until
        for episode in self.episodes:
            yield self.before.unit_id, episode.begun_at, episode.ended_at or FOR_EVER

    def changes(self, stored: Sequence[Stored]) -> Changes:
        """Alerts of a shift that was watched again are withdrawn when nothing says them any more."""
        changes = reconcile(stored, self.episodes)
        again = {
            alert.id
            for alert in stored
            if any(shift.covers(alert.episode.begun_at) for shift in self.again)
        }
        return replace(changes, withdrawn=tuple(id for id in changes.withdrawn if id in again))


def advance(
    progress: Progress, shifts: Shifts, seen: Seen, ground: Ground, rules: Rules
) -> Outcome:
    """Watch the fixes of `progress.windows`, in the order of their times."""
    episodes: list[Episode] = []
    again: list[Shift] = []
    after = replace(progress, late_since=None, late_until=None)
    for shift, part in _by_shift(progress, shifts, seen):
        goes_on = shift.began_at == progress.shift_began_at and not progress.is_late(shift)
        memory, found = watch(
            progress.unit_id,
            progress.memory if goes_on else Memory(),
            part,
            ground,
            rules,
            ended_at=shift.ended_at,
        )
        episodes += found
        if not goes_on:
            again.append(shift)
        if after.shift_began_at is None or shift.began_at >= after.shift_began_at:
            after = replace(after, shift_began_at=shift.began_at, memory=memory)
    if len(seen):
        last = instant(int(seen.at_us[-1]))
        after = replace(after, watched_at=max(progress.watched_at, last))
    return Outcome(before=progress, after=after, episodes=episodes, again=again)


def _by_shift(progress: Progress, shifts: Shifts, seen: Seen) -> list[tuple[Shift, Seen]]:
    """The shifts to watch with their fixes, in their order. That of the memory is always among them: it
    may be over by now."""
    parts: dict[datetime, tuple[Shift, Seen]] = {}
    if progress.shift_began_at is not None:
        remembered = shifts.at(progress.shift_began_at)
        if remembered is not None and not progress.is_late(remembered):
            parts[remembered.began_at] = remembered, seen.part(slice(0, 0))
    start = 0
    while start < len(seen):
        shift = shifts.at(instant(int(seen.at_us[start])))
        if shift is None:  # its session has been deleted
            start += 1
            continue
        end = int(np.searchsorted(seen.at_us, instant_to_us(shift.until)))
        parts[shift.began_at] = shift, seen.part(slice(start, end))
        start = end
    return [parts[began_at] for began_at in sorted(parts)]
