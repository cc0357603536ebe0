from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from gis.crs import Crs, from_wgs84
from patrol.tracking.batch import Batch, Rejection
from patrol.tracking.checks import Limits
from patrol.tracking.fix import Fix, Refusal, Refused

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def fix(**changes: Any) -> Fix:
    return Fix(**{"unit": "GW-017", "at": NOW, "lon": 118.6, "lat": 34.5, **changes})


def batch_of(*items: Fix | Refused, limits: Limits = Limits()) -> Batch:
    return Batch(items, NOW, limits)


def refusal_of(**changes: Any) -> Refusal:
    [refusal] = batch_of(fix(**changes)).refusals.values()
    return refusal


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lon": float("nan")}, "not_a_number"),
        ({"lat": float("inf")}, "not_a_number"),
        ({"lon": 0.0, "lat": 0.0}, "no_position"),
        ({"lon": 34.5, "lat": 118.6}, "swapped_coordinates"),
        ({"lon": 20.0, "lat": 110.0}, "swapped_coordinates"),
        ({"lon": 25.0, "lat": 85.0}, "swapped_coordinates"),
        ({"lon": 181.0}, "lon_out_of_range"),
        ({"lat": -90.5}, "lat_out_of_range"),
        ({"lon": 1e300}, "lon_out_of_range"),
        ({"at": NOW + timedelta(minutes=5, seconds=1)}, "in_the_future"),
        ({"at": datetime(9999, 12, 31, tzinfo=UTC)}, "in_the_future"),
        ({"at": NOW - timedelta(days=90, seconds=1)}, "too_old"),
        ({"at": datetime(1, 1, 1, tzinfo=UTC)}, "too_old"),
        ({"accuracy_m": -1}, "accuracy_out_of_range"),
        ({"speed_mps": -0.1}, "speed_out_of_range"),
        ({"speed_mps": 1e300}, "speed_out_of_range"),
        ({"heading_deg": 361}, "heading_out_of_range"),
        ({"altitude_m": 1e9}, "altitude_out_of_range"),
        ({"battery_pct": 101}, "battery_out_of_range"),
    ],
)
def test_what_cannot_be_true_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refusal_of(**changes).code == code


@pytest.mark.parametrize(
    "changes",
    [
        {"lon": -180.0, "lat": -90.0},
        {"lon": 0.0, "lat": 51.5},
        {"at": NOW + timedelta(minutes=5)},
        {"at": NOW - timedelta(days=90)},
        {"accuracy_m": 0},
        {"accuracy_m": 5000},
        {"speed_mps": 90},
        {"battery_pct": 100, "altitude_m": -430},
        {"accuracy_m": float("nan")},
    ],
)
def test_what_is_only_unlikely_is_taken(changes: dict[str, Any]) -> None:
    assert batch_of(fix(**changes)).refusals == {}


def test_the_message_names_the_value_and_what_to_do() -> None:
    assert refusal_of(lon=34.5, lat=118.6).message == (
        "lon 34.5 and lat 118.6 look swapped; send the longitude as lon and the latitude as lat."
    )
    assert refusal_of(heading_deg=-5).message == "heading_deg must be between 0 and 360, not -5."
    assert "clock" in refusal_of(at=NOW + timedelta(hours=8)).message


def test_history_of_any_age_is_taken_without_a_limit() -> None:
    old = fix(at=datetime(2008, 10, 24, tzinfo=UTC))
    assert batch_of(old, limits=Limits(age=None)).refusals == {}


def test_what_is_certain_is_set_right() -> None:
    [row] = batch_of(fix(heading_deg=360, altitude_m=-777)).rows
    assert row["heading_deg"] == 0
    assert np.isnan(row["altitude_m"])


def test_a_fix_is_stored_in_wgs84_whatever_it_came_in() -> None:
    fixes = []
    for crs in Crs:
        lon, lat = from_wgs84(118.6, 34.5, crs)
        fixes.append(fix(lon=lon, lat=lat, crs=crs, at=NOW - timedelta(seconds=len(fixes))))
    rows = batch_of(*fixes).rows
    np.testing.assert_allclose(rows["lon"], 118.6, atol=1e-8)
    np.testing.assert_allclose(rows["lat"], 34.5, atol=1e-8)


def test_times_are_kept_to_the_microsecond() -> None:
    at = datetime(2026, 11, 21, 23, 59, 59, 999_999, tzinfo=UTC)
    [row] = batch_of(fix(at=at)).rows
    assert row["at"].item() == at.replace(tzinfo=None)


def test_of_two_fixes_of_one_unit_and_time_the_first_valid_one_stays() -> None:
    batch = batch_of(fix(lon=500.0), fix(lon=118.7), fix(unit="GW-001", lon=118.8), fix(lon=118.9))
    batch.set_units(np.array([7, 3, 7]))
    batch.sort()
    assert batch.rows["lon"].tolist() == [118.8, 118.7]
    batch.set_stored(slice(0, 2), np.array([True, True]))
    receipt = batch.receipt(0, 4)
    assert (receipt.accepted, receipt.duplicates) == (2, 1)
    assert [(item.index, item.code) for item in receipt.rejected] == [(0, "lon_out_of_range")]


def test_each_request_of_a_batch_gets_its_own_receipt() -> None:
    unreadable = Refused(payload=7, refusal=Refusal(code="wrong_type", message="No fix."))
    batch = batch_of(fix(unit="?"), fix(), unreadable, fix(at=NOW - timedelta(seconds=1)))
    batch.set_units(np.array([0, 7, 7]))
    batch.sort()
    batch.set_stored(slice(0, 2), np.array([False, True]))
    first, second = batch.receipt(0, 2), batch.receipt(2, 4)
    assert (first.accepted, first.duplicates, len(first.rejected)) == (1, 0, 1)
    assert first.rejected[0].code == "unknown_unit"
    assert (second.accepted, second.duplicates) == (0, 1)
    assert second.rejected == (Rejection(index=0, code="wrong_type", message="No fix."),)
