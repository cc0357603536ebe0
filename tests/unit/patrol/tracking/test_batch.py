import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import Crs, from_wgs84
from patrol.tracking.batch import Batch
from patrol.tracking.checks import Limits
from patrol.tracking.duty import Duty
from patrol.tracking.fix import Fix, Refusal, Refused
from patrol.tracking.receipt import Rejection
from patrol.tracking.rows import SOURCE_CRS, Rows

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
UNITS = {"GW-017": 7, "GW-001": 3}


def fix(**changes: Any) -> Fix:
    return Fix(**{"unit": "GW-017", "at": NOW, "lon": 118.6, "lat": 34.5, **changes})


def duty(*sessions: tuple[int, datetime | None, datetime | None]) -> Duty:
    """Of (unit, from, to); None is without beginning or end."""
    return Duty(
        unit_id=np.array([unit for unit, _, _ in sessions], np.int64),
        began_at=_times([began or "-1000-01-01" for _, began, _ in sessions]),
        ended_at=_times([ended or "100000-01-01" for _, _, ended in sessions]),
    )


def _times(times: list[datetime | str]) -> Any:
    plain = [at if isinstance(at, str) else at.replace(tzinfo=None) for at in times]
    return np.array([np.datetime64(at, "us") for at in plain], "M8[us]")


ALWAYS = duty(*((unit, None, None) for unit in sorted(UNITS.values())))


def batch_of(
    *items: Fix | Refused, limits: Limits = Limits(age=None), duty: Duty = ALWAYS
) -> Batch:
    batch = Batch(items, NOW, limits)
    batch.set_units(np.array([UNITS.get(code, 0) for code in batch.unit_codes()]))
    batch.judge(duty)
    return batch


def rows_of(*items: Fix | Refused, **options: Any) -> Rows:
    return batch_of(*items, **options).content.rows


def codes_of(batch: Batch, count: int) -> list[str | None]:
    found = {item.index: item.code for item in batch.receipt(0, count).rejected}
    return [found.get(index) for index in range(count)]


def refusal_of(**changes: Any) -> Rejection:
    [refusal] = batch_of(fix(**changes), limits=Limits()).receipt(0, 1).rejected
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
        ({"at": datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)}, "too_old"),
        ({"at": datetime(1970, 1, 1, tzinfo=UTC)}, "clock_reset"),
        ({"at": datetime(1980, 1, 6, 0, 3, tzinfo=UTC)}, "clock_reset"),
        ({"at": datetime(2000, 1, 1, 0, 3, tzinfo=UTC)}, "clock_reset"),
        ({"at": datetime(2001, 1, 2, tzinfo=UTC)}, "too_old"),
        ({"at": NOW - timedelta(weeks=1024)}, "gps_week_rollover"),
        ({"at": NOW - timedelta(weeks=1024, days=89)}, "gps_week_rollover"),
        ({"at": NOW - timedelta(weeks=1024, days=91)}, "too_old"),
        ({"accuracy_m": -2}, "accuracy_out_of_range"),
        ({"accuracy_m": 1e9}, "accuracy_out_of_range"),
        ({"speed_mps": -0.1}, "speed_out_of_range"),
        ({"speed_mps": 1e300}, "speed_out_of_range"),
        ({"speed_mps": 1_001}, "speed_out_of_range"),
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
        {"at": NOW - timedelta(weeks=5)},
        {"accuracy_m": 0},
        {"accuracy_m": 5000},
        {"speed_mps": 90},
        {"battery_pct": 100, "altitude_m": -430},
        {"accuracy_m": float("nan")},
    ],
)
def test_what_is_only_unlikely_is_taken(changes: dict[str, Any]) -> None:
    assert len(rows_of(fix(**changes), limits=Limits())) == 1


def test_the_message_names_the_value_and_what_to_do() -> None:
    assert refusal_of(lon=34.5, lat=118.6).message == (
        "lon 34.5 and lat 118.6 look swapped; send the longitude as lon and the latitude as lat."
    )
    assert refusal_of(heading_deg=-5).message == "heading_deg must be between 0 and 360, not -5."
    assert "clock" in refusal_of(at=NOW + timedelta(hours=8)).message


def test_history_of_any_age_is_taken_without_a_limit() -> None:
    old = fix(at=datetime(2008, 10, 24, tzinfo=UTC))
    assert len(rows_of(old, limits=Limits(age=None))) == 1


def test_what_is_certain_is_set_right() -> None:
    [row] = rows_of(fix(heading_deg=360, altitude_m=-777, accuracy_m=0))
    assert row["heading_deg"] == 0
    assert np.isnan(row["altitude_m"])
    assert np.isnan(row["accuracy_m"])  # nobody knows a place exactly: it is Android's for unknown
    minus_one = ("accuracy_m", "speed_mps", "heading_deg", "battery_pct", "altitude_m")
    [row] = rows_of(fix(**dict.fromkeys(minus_one, -1)))
    assert all(np.isnan(row[name]) for name in minus_one[:-1])
    assert row["altitude_m"] == -1


def test_a_clock_that_began_again_is_told_apart_from_an_old_track() -> None:
    assert (
        "begun again from 1970-01-01" in refusal_of(at=datetime(1970, 1, 1, 8, tzinfo=UTC)).message
    )
    assert "1024 weeks behind" in refusal_of(at=NOW - timedelta(weeks=1024)).message
    assert "import older tracks as a file" in refusal_of(at=NOW - timedelta(days=400)).message


def test_a_fix_is_stored_in_wgs84_whatever_it_came_in() -> None:
    fixes = []
    for crs in Crs:
        lon, lat = from_wgs84(118.6, 34.5, crs)
        fixes.append(fix(lon=lon, lat=lat, crs=crs, at=NOW - timedelta(seconds=len(fixes))))
    rows = rows_of(*fixes)
    np.testing.assert_allclose(rows["lon"], 118.6, atol=1e-8)
    np.testing.assert_allclose(rows["lat"], 34.5, atol=1e-8)
    for row, source in zip(rows[::-1], fixes, strict=True):  # rows are in the order of time
        assert source.crs is not None
        if source.crs in SOURCE_CRS:
            assert SOURCE_CRS[row["source_crs"] - 1] is source.crs
            assert (row["source_lon"], row["source_lat"]) == (source.lon, source.lat)
        else:
            assert row["source_crs"] == 0


def test_times_are_kept_to_the_microsecond() -> None:
    at = datetime(2026, 11, 21, 23, 59, 59, 999_999, tzinfo=UTC)
    [row] = rows_of(fix(at=at))
    assert row["at"].item() == at.replace(tzinfo=None)


def test_of_two_fixes_of_one_unit_and_time_the_first_valid_one_stays() -> None:
    batch = batch_of(fix(lon=500.0), fix(lon=118.7), fix(unit="GW-001", lon=118.8), fix(lon=118.9))
    assert batch.content.rows["lon"].tolist() == [118.8, 118.7]
    batch.set_stored(slice(0, 2), np.array([True, True]))
    receipt = batch.receipt(0, 4)
    assert (receipt.accepted, receipt.duplicates) == (2, 1)
    assert [(item.index, item.code) for item in receipt.rejected] == [(0, "lon_out_of_range")]


def test_each_request_of_a_batch_gets_its_own_receipt() -> None:
    unreadable = Refused(payload=7, refusal=Refusal(code="wrong_type", message="No fix."))
    batch = batch_of(fix(unit="?"), fix(), unreadable, fix(at=NOW - timedelta(seconds=1)))
    batch.set_stored(slice(0, 2), np.array([False, True]))
    first, second = batch.receipt(0, 2), batch.receipt(2, 4)
    assert (first.accepted, first.duplicates, len(first.rejected)) == (1, 0, 1)
    assert first.rejected[0].code == "unknown_unit"
    assert (second.accepted, second.duplicates) == (0, 1)
    assert second.rejected == (Rejection(index=0, code="wrong_type", message="No fix."),)


def test_a_session_covers_its_beginning_and_not_its_end() -> None:
    minute = timedelta(minutes=1)
    fixes = [fix(at=NOW - minutes * minute) for minutes in (3, 2, 1, 0)]
    batch = batch_of(*fixes, duty=duty((7, NOW - 2 * minute, NOW)))
    assert codes_of(batch, 4) == ["off_duty", None, None, "off_duty"]
    off_duty = batch.content.off_duty
    assert off_duty is not None
    assert (off_duty.unit_id.tolist(), off_duty.fixes.tolist()) == ([7], [2])
    assert off_duty.day == NOW.date()
    assert batch.content.quarantined == []


def test_being_off_duty_comes_before_whatever_else_is_wrong() -> None:
    sent = [fix(lat=95.0), fix(lon=float("nan")), fix(at=NOW - timedelta(days=4000)), fix()]
    batch = batch_of(*sent, fix(unit="GW-404"), limits=Limits(), duty=Duty.of_nobody())
    assert codes_of(batch, 5) == ["off_duty"] * 4 + ["unknown_unit"]
    assert [item.reason for item in batch.content.quarantined] == ["unknown_unit"]
    off_duty = batch.content.off_duty
    assert off_duty is not None
    assert off_duty.fixes.tolist() == [4]


def test_a_device_that_has_no_clock_is_told_so_while_its_unit_is_on_duty() -> None:
    sent = fix(at=datetime(1970, 1, 1, tzinfo=UTC)), fix(at=NOW - timedelta(weeks=1024))
    since_morning = duty((7, NOW - timedelta(hours=3), None))
    batch = batch_of(*sent, limits=Limits(), duty=since_morning)
    assert codes_of(batch, 2) == ["clock_reset", "gps_week_rollover"]
    assert len(batch.content.rows) == 0
    for kept in batch.content.quarantined:
        assert json.loads(kept.payload).keys() == {"unit", "at", "sos"}, "it may be from off duty"
    batch = batch_of(*sent, limits=Limits(), duty=Duty.of_nobody())
    assert codes_of(batch, 2) == ["off_duty"] * 2
    assert batch.content.quarantined == []


def test_equal_fixes_from_off_duty_count_each() -> None:
    batch = batch_of(fix(), fix(), duty=Duty.of_nobody())
    assert codes_of(batch, 2) == ["off_duty", "off_duty"]


def unreadable(payload: Any) -> Refused:
    return Refused.reading(payload, Refusal(code="unknown_field", message="No such field."))


@pytest.mark.parametrize(
    ("item", "payload"),
    [
        (
            unreadable({"unit": "GW-017", "at": "x", "longitude": 118.6, "where": [118.6, 34.5]}),
            {"unit": "GW-017", "at": "x"},
        ),
        (unreadable({"unit": {"lon": 118.6}}).of_one_among(frozenset({"GW-017"})), {}),
        (unreadable([118.6, 34.5]).of_one_among(frozenset({"GW-001", "GW-017"})), {}),
    ],
    ids=["it says whose it is", "its sender does", "one of the sender's two"],
)
def test_what_cannot_be_read_leaves_no_place_behind_while_its_unit_is_off_duty(
    item: Refused, payload: Any
) -> None:
    [kept] = batch_of(item, duty=duty((3, None, None), (7, None, NOW))).content.quarantined
    assert json.loads(kept.payload) == payload
    [kept] = batch_of(item, duty=ALWAYS).content.quarantined
    assert json.loads(kept.payload) == item.payload


def test_what_was_judged_can_be_judged_again() -> None:
    batch = batch_of(fix(), duty=Duty.of_nobody())
    content = batch.judge(ALWAYS)
    assert (len(content.rows), content.off_duty) == (1, None)


SESSIONS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 20), st.integers(0, 5)), max_size=12
).map(
    lambda drawn: [
        (unit, began, began + lasts)
        for index, (unit, began, lasts) in enumerate(drawn)
        if all(
            unit != other or began >= then + long or began + lasts <= then
            for other, then, long in drawn[:index]
        )
    ]
)


@given(
    sessions=SESSIONS,
    asked=st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 30)), max_size=20),
)
def test_sessions_cover_what_lies_inside_one(sessions: list[Any], asked: list[Any]) -> None:
    at = [NOW + timedelta(seconds=second) for second in range(-1, 31)]
    found = duty(
        *((unit, at[began + 1], at[ended + 1]) for unit, began, ended in sorted(sessions))
    ).covers(
        np.array([unit for unit, _ in asked], np.int64),
        _times([at[second + 1] for _, second in asked]),
    )
    assert found.tolist() == [
        any(of == unit and began <= second < ended for of, began, ended in sessions)
        for unit, second in asked
    ]


def refused(**changes: Any) -> Refused:
    """Without a place, but with a time, and calling for help."""
    values = {
        "payload": {"unit": "GW-017", "bytes": "00"},
        "refusal": Refusal(code="no_fix", message="…"),
        "units": frozenset({"GW-017"}),
        "at": NOW,
        "sos": True,
    }
    return Refused(**values | changes)


def calls_of(*items: Fix | Refused, **options: Any) -> list[tuple[int, Any]]:
    calls = batch_of(*items, **options).content.calls
    return [] if calls is None else list(zip(calls.unit_id.tolist(), calls.at, strict=True))


def utc(at: datetime) -> np.datetime64:
    return np.datetime64(at.replace(tzinfo=None), "us")


def test_a_call_for_help_counts_although_its_fix_is_refused() -> None:
    late = NOW - timedelta(minutes=1)
    assert calls_of(refused()) == [(7, utc(NOW))]
    assert calls_of(fix(lon=0.0, lat=0.0, sos=True, at=late)) == [(7, utc(late))]
    assert calls_of(refused(at=None)) == [(7, utc(NOW))]
    assert calls_of(refused(sos=False), fix(sos=True), fix(lon=999.0)) == []


def test_of_several_calls_of_a_unit_the_last_counts() -> None:
    earlier = refused(at=NOW - timedelta(minutes=1))
    other = refused(units=frozenset({"GW-001"}), at=NOW - timedelta(minutes=2))
    assert calls_of(refused(), earlier, other) == [
        (3, utc(NOW - timedelta(minutes=2))),
        (7, utc(NOW)),
    ]


def test_a_call_from_a_clock_that_is_ahead_is_one_of_now() -> None:
    assert calls_of(refused(at=NOW + timedelta(days=300))) == [(7, utc(NOW))]


def test_a_call_from_off_duty_is_counted_and_not_kept() -> None:
    off_duty = duty((7, NOW - timedelta(hours=2), NOW - timedelta(hours=1)))
    batch = batch_of(refused(), duty=off_duty)
    assert codes_of(batch, 1) == ["off_duty"]
    assert batch.content.calls is None
    assert batch.content.quarantined == []
    assert batch.content.off_duty is not None
    assert calls_of(refused(at=NOW - timedelta(minutes=90)), duty=off_duty) != []
