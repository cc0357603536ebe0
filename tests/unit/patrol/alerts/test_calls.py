from datetime import UTC, datetime

from patrol.alerts.alert import Episode, Kind
from patrol.alerts.calls import join_calls


def minute(number: int) -> datetime:
    return datetime(2026, 11, 22, 8, number, tzinfo=UTC)


def call(number: int, *, unit_id: int = 1) -> Episode:
    at = minute(number)
    return Episode(unit_id=unit_id, kind=Kind.SOS, begun_at=at, last_at=at)


def test_a_call_is_over_some_time_after_its_last_fix() -> None:
    [over] = join_calls([call(0)], now=minute(10), within_s=600)
    [lasting] = join_calls([call(1)], now=minute(10), within_s=600)
    assert (over.ended_at, lasting.ended_at) == (minute(10), None)


def test_a_call_is_over_when_there_is_another_one_after_it() -> None:
    # The device's clock is ahead of the server's.
    calls = join_calls([call(20), call(6), call(0)], now=minute(10), within_s=600)
    assert [(c.begun_at, c.last_at, c.ended_at) for c in calls] == [
        (minute(0), minute(6), minute(16)),
        (minute(20), minute(20), None),
    ]


def test_calls_of_two_people_stay_two() -> None:
    calls = join_calls([call(0), call(1, unit_id=2)], now=minute(5), within_s=600)
    assert [c.unit_id for c in calls] == [1, 2]
