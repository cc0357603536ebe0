from datetime import UTC, datetime, time, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from gis.local_time import LOCAL, Window
from patrol.notices.quiet import deliver_at

INSTANTS = st.integers(0, 2**31).map(lambda s: datetime.fromtimestamp(s, UTC))
TIMES = st.times().map(lambda each: each.replace(second=0, microsecond=0))
NIGHT = Window(begins=time(22), ends=time(7))


def is_quiet(at: datetime, quiet: Window) -> bool:
    """By the clock on the wall alone."""
    clock = at.astimezone(LOCAL).time()
    if quiet.begins < quiet.ends:
        return quiet.begins <= clock < quiet.ends
    return clock >= quiet.begins or clock < quiet.ends


@given(now=INSTANTS, begins=TIMES, ends=TIMES)
def test_nothing_is_delivered_in_quiet_hours_and_nothing_later_than_their_end(
    now: datetime, begins: time, ends: time
) -> None:
    assume(begins != ends)
    quiet = Window(begins=begins, ends=ends)
    at = deliver_at(now, quiet, urgent=False)
    assert not is_quiet(at, quiet)
    assert now <= at < now + timedelta(days=1)
    if is_quiet(now, quiet):
        assert at.astimezone(LOCAL).time() == ends
        assert is_quiet(at - timedelta(microseconds=1), quiet)
    else:
        assert at == now
    assert deliver_at(now, quiet, urgent=True) == now


def test_a_night_lasts_until_the_morning() -> None:
    late = datetime(2026, 11, 27, 23, 30, tzinfo=LOCAL)
    assert deliver_at(late, NIGHT, urgent=False) == datetime(2026, 11, 28, 7, tzinfo=LOCAL)
    assert deliver_at(late, None, urgent=False) == late
