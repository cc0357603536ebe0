from typing import Any

import numpy as np

from patrol.tracking.latest import MEMORY, advance, is_moving, no_positions
from patrol.tracking.presence import Thresholds
from patrol.tracking.rows import MEASUREMENTS, ROW, Rows

T0 = np.datetime64("2026-11-22T08:00:00", "us")
THRESHOLDS = Thresholds(moving_mps=1.0, moved_m=30, gap_s=600)
STEP_DEG = 30.5 / 111_195  # a little over 30 m of latitude


def rows_of(*fixes: dict[str, Any]) -> Rows:
    """One row for each: `s` seconds after T0, and what else is named."""
    rows = np.zeros(len(fixes), ROW)
    for name in MEASUREMENTS:
        rows[name] = np.nan
    for row, fix in zip(rows, fixes, strict=True):
        values = {"unit_id": 1, "lon": 118.6, "lat": 34.5, **fix}
        row["at"] = T0 + np.timedelta64(values.pop("s"), "s")
        for name, value in values.items():
            row[name] = value
    return rows


def seconds(times: Any) -> list[float | None]:
    return [None if np.isnat(t) else float((t - T0) / np.timedelta64(1, "s")) for t in times]


def test_a_fix_moves_at_the_threshold_of_speed() -> None:
    rows = rows_of({"s": 0, "speed_mps": 0.9}, {"s": 1, "speed_mps": 1.0})
    assert is_moving(rows, THRESHOLDS).tolist() == [False, True]


def test_without_a_speed_the_distance_from_the_fix_before_decides() -> None:
    rows = rows_of({"s": 0}, {"s": 10}, {"s": 20, "lat": 34.5 + STEP_DEG}, {"s": 30, "lat": 34.6})
    assert is_moving(rows, THRESHOLDS).tolist() == [False, False, True, True]


def test_a_gap_or_another_unit_before_it_says_nothing_about_motion() -> None:
    rows = rows_of({"s": 0}, {"s": 601, "lat": 34.6}, {"s": 602, "lat": 34.7, "unit_id": 2})
    assert is_moving(rows, THRESHOLDS).tolist() == [False, False, False]


def test_the_latest_fix_is_the_position() -> None:
    rows = rows_of({"s": 0, "lon": 1}, {"s": 9, "lon": 2}, {"s": 5, "lon": 3, "unit_id": 4})
    after = advance(no_positions(np.array([1, 4])), rows, THRESHOLDS)
    assert after["lon"].tolist() == [2, 3]
    assert seconds(after["at"]) == [9, 5]


def test_an_older_fix_leaves_the_position_where_it_is() -> None:
    before = advance(no_positions(np.array([1])), rows_of({"s": 9, "lon": 2}), THRESHOLDS)
    after = advance(before, rows_of({"s": 8, "lon": 1}), THRESHOLDS)
    assert after["lon"].tolist() == [2]
    assert seconds(after["at"]) == [9]


def test_motion_is_seen_between_the_position_and_the_first_new_fix() -> None:
    before = advance(no_positions(np.array([1])), rows_of({"s": 0}), THRESHOLDS)
    after = advance(before, rows_of({"s": 10, "lat": 34.6}, {"s": 20, "lat": 34.6}), THRESHOLDS)
    assert seconds(after["moved_at"]) == [10]


def test_a_unit_never_seen_moving_has_stood_for_an_hour() -> None:
    after = advance(no_positions(np.array([1])), rows_of({"s": 0}), THRESHOLDS)
    assert seconds(after["moved_at"]) == [-3600]
    assert np.timedelta64(1, "h") == MEMORY


def test_the_latest_call_for_help_is_remembered() -> None:
    before = advance(
        no_positions(np.array([1, 2])),
        rows_of({"s": 0, "sos": True}, {"s": 5, "sos": True}, {"s": 7, "unit_id": 2}),
        THRESHOLDS,
    )
    assert seconds(before["sos_at"]) == [5, None]
    after = advance(before[:1], rows_of({"s": 6}), THRESHOLDS)
    assert seconds(after["sos_at"]) == [5]
