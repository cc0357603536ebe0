"""Which fixes the watch has to read."""

from datetime import UTC, datetime, timedelta

from patrol.alerts.progress import Progress
from patrol.alerts.shifts import FOR_EVER, Shifts
from patrol.alerts.watching import Memory

BEGAN = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
MIDDLE = BEGAN + timedelta(minutes=5)
SHIFTS = Shifts(sessions=[(BEGAN, MIDDLE), (MIDDLE, None)], now=BEGAN + timedelta(hours=3))
MOMENT = timedelta(microseconds=1)


def windows(*, watched_at: datetime, late_at: datetime | None = None) -> list[tuple]:
    progress = Progress(
        unit_id=7,
        watched_at=watched_at,
        shift_began_at=None,
        memory=Memory(),
        late_since=late_at,
        late_until=late_at,
    )
    return progress.windows(SHIFTS)


def test_what_follows_the_last_look_is_read() -> None:
    assert windows(watched_at=MIDDLE) == [(7, MIDDLE + MOMENT, FOR_EVER)]


def test_of_a_late_fix_the_whole_shift_is_read_again() -> None:
    rest = (7, MIDDLE + MOMENT, FOR_EVER)
    assert windows(watched_at=MIDDLE, late_at=BEGAN) == [(7, BEGAN, MIDDLE), rest]


def test_what_was_never_looked_at_is_read_though_a_later_shift_has_a_late_fix() -> None:
    late_at = MIDDLE + timedelta(minutes=1)
    assert windows(watched_at=BEGAN, late_at=late_at) == [(7, BEGAN + MOMENT, FOR_EVER)]
