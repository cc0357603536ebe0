import json
from datetime import UTC, datetime
from typing import Any

import pytest

from gis.crs import Crs
from gis.errors import InvalidInput
from patrol.tracking.fix import MOST_FIXES, Fix, Refused, decode_fixes

SENT = {"unit": "GW-017", "at": "2026-11-22T08:00:00+08:00", "lon": 118.6, "lat": 34.5}


def decode_one(**changes: Any) -> Fix | Refused:
    [item] = decode_fixes(json.dumps([{**SENT, **changes}]).encode())
    return item


def refusal_of(**changes: Any) -> tuple[str, str]:
    item = decode_one(**changes)
    assert isinstance(item, Refused)
    assert item.payload == {**SENT, **changes}
    return item.refusal.code, item.refusal.message


def test_four_fields_are_enough() -> None:
    fix = decode_one()
    assert fix == Fix(unit="GW-017", at=datetime(2026, 11, 22, tzinfo=UTC), lon=118.6, lat=34.5)


def test_every_field_is_read() -> None:
    fix = decode_one(
        accuracy_m=5,
        speed_mps=1.5,
        heading_deg=90,
        altitude_m=-3,
        battery_pct=80,
        crs="gcj02",
        sos=True,
    )
    assert isinstance(fix, Fix)
    assert (fix.accuracy_m, fix.altitude_m, fix.crs, fix.sos) == (5, -3, Crs.GCJ02, True)


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"at": "2026-11-22T08:00:00"}, "time_without_zone", "+08:00"),
        ({"at": "yesterday"}, "wrong_type", "at must be a time"),
        ({"at": "2026-02-30T08:00:00Z"}, "wrong_type", "at must be a time"),
        ({"at": 1795305600}, "wrong_type", "at must be a time"),
        ({"lon": "118.6"}, "wrong_type", "lon must be a number"),
        ({"lat": None}, "wrong_type", "lat must be a number"),
        ({"lon": 10**400}, "wrong_type", "lon must be a number"),
        ({"unit": 17}, "wrong_type", "unit must be a text"),
        ({"crs": "epsg:4490"}, "wrong_type", "wgs84, cgcs2000, gcj02, bd09"),
        ({"sos": "yes"}, "wrong_type", "true or false"),
        ({"speed_kmh": 3}, "unknown_field", "'speed_kmh' is not a field of a fix"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(
    changes: dict[str, Any], code: str, words: str
) -> None:
    refusal = refusal_of(**changes)
    assert refusal[0] == code
    assert words in refusal[1]


def test_a_missing_field_is_named() -> None:
    [item] = decode_fixes(b'[{"unit": "GW-017", "lon": 1, "lat": 2}]')
    assert isinstance(item, Refused)
    assert (item.refusal.code, item.refusal.message[:13]) == ("missing_field", "at is missing")


@pytest.mark.parametrize("item", [None, 7, "fix", [], [[]]])
def test_an_item_that_is_no_object_is_refused(item: object) -> None:
    [refused] = decode_fixes(json.dumps([item]).encode())
    assert isinstance(refused, Refused)
    assert "JSON object" in refused.refusal.message


def test_a_bad_item_does_not_take_its_neighbours_with_it() -> None:
    items = decode_fixes(json.dumps([SENT, {"unit": 1}, SENT]).encode())
    assert [isinstance(item, Fix) for item in items] == [True, False, True]


def test_a_nan_that_is_no_json_spoils_only_its_own_fix() -> None:
    items = decode_fixes(json.dumps([{**SENT, "altitude_m": float("nan")}, SENT]).encode())
    assert [isinstance(item, Fix) for item in items] == [True, True]


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"7", b"[", b"\xff\xfe", b"[" * 100_000, b'{"unit": "GW-017"}']
)
def test_a_body_that_is_no_list_is_invalid_and_says_how_one_looks(body: bytes) -> None:
    with pytest.raises(InvalidInput, match="must be a JSON list") as raised:
        decode_fixes(body)
    assert raised.value.code == "not_a_list"


def test_too_many_fixes_are_refused_as_a_whole() -> None:
    with pytest.raises(InvalidInput, match="10001 fixes are too many"):
        decode_fixes(json.dumps([SENT] * (MOST_FIXES + 1)).encode())


def test_an_empty_list_is_nothing() -> None:
    assert list(decode_fixes(b"[]")) == []
