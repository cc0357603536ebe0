"""What is due when, against stepping from day to day with chinese_calendar alone.

Both work out the same terms of 30 working days, and must agree. Beside it, the same with a hold and an
extension: what reports ask again for every case.
"""

import sys
import time
from datetime import UTC, datetime, timedelta

import chinese_calendar
import numpy as np

from gis.local_time import LOCAL
from patrol.clocks.calendar import WorkCalendar
from patrol.clocks.deadline import Hold, due, due_after
from patrol.clocks.rule import DeadlineRule, RuleKind

CASES = 100_000
STEPPED = 5_000
LIMIT = 2.0
RULE = DeadlineRule(kind=RuleKind.WORK_DAY, amount=30)


def main() -> int:
    started = time.perf_counter()
    calendar = WorkCalendar()
    print(f"built in {(time.perf_counter() - started) * 1e3:.1f} ms")
    random = np.random.default_rng(20261127)
    begins = datetime(2024, 1, 1, tzinfo=UTC)
    starts = [
        begins + timedelta(seconds=int(after))
        for after in random.integers(0, 2.5 * 365 * 86400, CASES)
    ]
    started = time.perf_counter()
    ours = [due(RULE, start, calendar).at for start in starts]
    ours_us = (time.perf_counter() - started) / CASES * 1e6
    started = time.perf_counter()
    theirs = [stepped(start) for start in starts[:STEPPED]]
    theirs_us = (time.perf_counter() - started) / STEPPED * 1e6
    if ours[:STEPPED] != theirs:
        print("they do not agree")
        return 1
    held = timedelta(days=3)
    started = time.perf_counter()
    for start in starts:
        hold = Hold(held_from=start + held, held_until=start + 2 * held)
        due_after(RULE, start, calendar, extensions=1, holds=[hold])
    again_us = (time.perf_counter() - started) / CASES * 1e6
    ratio = theirs_us / ours_us
    print(f"30 working days: {ours_us:.1f} us, day by day {theirs_us:.1f} us: {ratio:.1f} times")
    print(
        f"with a hold and an extension: {again_us:.1f} us, {again_us * CASES / 1e6:.1f} s for {CASES:,}"
    )
    return 0 if ratio >= LIMIT else 1


def stepped(start: datetime) -> datetime:
    day, left = start.astimezone(LOCAL).date(), RULE.amount
    while left:
        day += timedelta(days=1)
        left -= chinese_calendar.is_workday(day)
    return datetime(day.year, day.month, day.day, 18, tzinfo=LOCAL)


if __name__ == "__main__":
    sys.exit(main())
