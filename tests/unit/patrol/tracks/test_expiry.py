from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from data.background.nightly import last_quiet_hour
from gis.errors import InstallationError
from patrol.tracks.expiry import KeepSettings, expired_days

MONTH = [date(2026, 11, day) for day in range(1, 31)]
CHINA = ZoneInfo("Asia/Shanghai")


def test_a_day_goes_when_all_of_it_is_old_enough():
    now = datetime(2026, 11, 24, 3, 20, tzinfo=CHINA)  # 19:20 UTC of the day before
    assert expired_days(MONTH, now, timedelta(days=20)) == [date(2026, 11, 1), date(2026, 11, 2)]


def test_a_day_stays_while_a_fix_of_it_may_be_under_way():
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    keep = timedelta(days=22)
    assert expired_days(MONTH, midnight, keep) == []
    assert expired_days(MONTH, midnight + timedelta(hours=1), keep) == [date(2026, 11, 1)]


def test_the_oldest_day_goes_first():
    days = [date(2026, 1, 3), date(2026, 1, 1), date(2026, 1, 2)]
    now = datetime(2026, 11, 24, tzinfo=UTC)
    assert expired_days(days, now, timedelta(days=90)) == sorted(days)


@pytest.mark.parametrize(
    ("now", "quiet"),
    [
        ("2026-11-24T03:20+08:00", "2026-11-24T03:20+08:00"),
        ("2026-11-24T03:19:59+08:00", "2026-11-23T03:20+08:00"),
        ("2026-11-24T23:59+08:00", "2026-11-24T03:20+08:00"),
        ("2026-11-23T20:00+00:00", "2026-11-24T03:20+08:00"),
        ("2026-11-23T18:00+00:00", "2026-11-23T03:20+08:00"),
    ],
)
def test_the_quiet_hour_is_chinas(now, quiet):
    assert last_quiet_hour(datetime.fromisoformat(now)) == datetime.fromisoformat(quiet)


def test_the_environment_says_how_long(monkeypatch):
    monkeypatch.setenv("WANGGE_KEEP_FIXES_DAYS", "7")
    monkeypatch.setenv("WANGGE_KEEP_QUARANTINE_DAYS", "")
    keep = KeepSettings.from_environment()
    assert (keep.fixes, keep.quarantine) == (timedelta(days=7), timedelta(days=30))
    assert keep.readings == timedelta(days=400)


@pytest.mark.parametrize("value", ["6", "0", "-1", "forever", "1e9"])
def test_a_time_that_cannot_be_is_refused_by_name(monkeypatch, value):
    monkeypatch.setenv("WANGGE_KEEP_FIXES_DAYS", value)
    with pytest.raises(InstallationError, match=f"WANGGE_KEEP_FIXES_DAYS cannot be '{value}'"):
        KeepSettings.from_environment()
