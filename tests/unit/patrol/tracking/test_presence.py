from datetime import UTC, datetime, timedelta

import pytest

from patrol.tracking.presence import State, Thresholds, state_of

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
THRESHOLDS = Thresholds(still_s=60, stale_s=120, offline_s=600, sos_s=900)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("at", "moved_at", "state"),
    [
        (ago(5), ago(5), State.MOVING),
        (ago(5), ago(65), State.MOVING),
        (ago(5), ago(66), State.STILL),
        (ago(120), ago(120), State.MOVING),
        (ago(121), ago(121), State.STALE),
        (ago(601), ago(601), State.OFFLINE),
        (NOW + timedelta(minutes=4), NOW, State.STILL),
    ],
)
def test_state_follows_from_the_latest_fix_and_the_clock(
    at: datetime, moved_at: datetime, state: State
) -> None:
    assert (
        state_of(
            at=at, moved_at=moved_at, sos_at=None, on_duty=True, now=NOW, thresholds=THRESHOLDS
        )
        is state
    )


@pytest.mark.parametrize(
    ("interval_s", "silent_s", "state"),
    [
        (5, 121, State.STALE),  # however often it reports otherwise
        (300, 750, State.STILL),
        (300, 751, State.STALE),
        (300, 1801, State.OFFLINE),
        (86_400, 4501, State.STALE),  # once a day is no promise to be seen
    ],
)
def test_silence_is_judged_by_how_often_the_device_reports(
    interval_s: float, silent_s: float, state: State
) -> None:
    assert (
        state_of(
            at=ago(silent_s),
            moved_at=ago(9999),
            sos_at=None,
            on_duty=True,
            now=NOW,
            thresholds=Thresholds(stale_intervals=2.5, offline_intervals=6),
            interval_s=interval_s,
        )
        is state
    )


def test_off_duty_hides_silence() -> None:
    state = state_of(
        at=ago(9999),
        moved_at=ago(9999),
        sos_at=None,
        on_duty=False,
        now=NOW,
        thresholds=THRESHOLDS,
    )
    assert state is State.OFF_DUTY


@pytest.mark.parametrize(("sos_at", "state"), [(ago(900), State.SOS), (ago(901), State.OFF_DUTY)])
def test_a_call_for_help_stands_even_off_duty_and_silent(sos_at: datetime, state: State) -> None:
    assert (
        state_of(
            at=ago(900),
            moved_at=ago(900),
            sos_at=sos_at,
            on_duty=False,
            now=NOW,
            thresholds=THRESHOLDS,
        )
        is state
    )
