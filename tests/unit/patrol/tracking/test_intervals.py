import numpy as np

from patrol.tracking.intervals import KEPT, latest_times, usual_intervals_s
from patrol.tracking.rows import ROW, Rows

T0 = np.datetime64("2026-11-22T08:00:00", "us")
NOBODY_YET = np.zeros((1, KEPT), "M8[us]")
UNIT = np.array([1])


def rows_at(*seconds: float, unit_id: int = 1) -> Rows:
    rows = np.zeros(len(seconds), ROW)
    rows["unit_id"] = unit_id
    rows["at"] = [T0 + np.timedelta64(round(s * 1e6), "us") for s in seconds]
    return rows


def usual_s(*seconds: float) -> float:
    return float(usual_intervals_s(latest_times(NOBODY_YET, rows_at(*seconds), UNIT))[0])


def test_the_usual_interval_is_the_median_gap_between_the_last_fixes() -> None:
    assert usual_s(0, 300, 600, 900) == 300
    assert usual_s(0, 10, 20, 3000, 3010, 3020) == 10  # a break in between


def test_three_fixes_do_not_tell_yet() -> None:
    assert np.isnan(usual_s(0, 10, 20))


def test_a_device_that_changes_its_pace_is_believed_after_three_fixes() -> None:
    quick = [0, 5, 10, 15, 20, 25]
    assert usual_s(*quick, 325, 625) == 5
    assert usual_s(*quick, 325, 625, 925) == 300


def test_each_unit_has_its_own() -> None:
    rows = np.concatenate([rows_at(0, 5, 10, 15), rows_at(0, 60, 120, 180, unit_id=2)])
    recent = latest_times(np.zeros((2, KEPT), "M8[us]"), rows, np.array([1, 2]))
    assert usual_intervals_s(recent).tolist() == [5, 60]
