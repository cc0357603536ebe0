import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.devices.message import Kind
from patrol.devices.traccar import decode
from patrol.tracking.fix import Fix, Refused
from tests.unit.patrol.devices.odd_json import JSON

AT = datetime(2026, 11, 22, tzinfo=UTC)
COORDS = {
    "latitude": 34.5302,
    "longitude": 118.6721,
    "accuracy": 5,
    "speed": 1.2,
    "heading": 90,
    "altitude": 27,
}
LOCATION = {
    "timestamp": "2026-11-22T00:00:00.000Z",
    "coords": COORDS,
    "is_moving": True,
    "battery": {"level": 0.83, "is_charging": False},
}


def body(location: Any, **others: Any) -> bytes:
    return json.dumps({"device_id": "48241179", "location": location, **others}).encode()


def fix_of(location: Any) -> Fix:
    [item] = decode(body(location)).items
    assert isinstance(item, Fix), item
    return item


def test_a_location_is_read() -> None:
    message = decode(body(LOCATION))
    assert (message.kind, message.names) == (Kind.POSITION, ("48241179",))
    assert message.items == [
        Fix(
            unit="",
            at=AT,
            lon=118.6721,
            lat=34.5302,
            accuracy_m=5,
            speed_mps=1.2,
            heading_deg=90,
            altitude_m=27,
            battery_pct=83,
        )
    ]


def test_coordinates_may_lie_directly_under_the_location() -> None:
    fix = fix_of({"timestamp": LOCATION["timestamp"], **COORDS})
    assert (fix.lon, fix.lat, fix.speed_mps) == (118.6721, 34.5302, 1.2)


def test_several_locations_are_several_fixes_and_a_bad_one_does_not_stop_the_others() -> None:
    message = decode(body([LOCATION, {**LOCATION, "timestamp": "then"}, "x", LOCATION]))
    assert [type(item) for item in message.items] == [Fix, Refused, Refused, Fix]


def test_minus_one_is_unknown() -> None:
    unknown = dict.fromkeys(("accuracy", "speed", "heading", "altitude"), -1)
    fix = fix_of({**LOCATION, "coords": COORDS | unknown, "battery": {"level": -1}})
    assert (fix.accuracy_m, fix.speed_mps, fix.heading_deg) == (None, None, None)
    assert (fix.altitude_m, fix.battery_pct) == (None, None)


@pytest.mark.parametrize(
    "extra", [{"alarm": "sos"}, {"extras": {"alarm": "sos"}}, {"alarm": True}], ids=str
)
def test_the_sos_button_is_a_call_for_help(extra: dict[str, Any]) -> None:
    assert fix_of({**LOCATION, **extra}).sos
    assert not fix_of(LOCATION).sos


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b" \n",
        b"{}",
        b'{"device_id": "7"}',
        b'{"location": null}',
        body({"timestamp": "2026-11-22T00:00:00Z", "battery": {"level": 0.5}}),
        body([]),
    ],
)
def test_no_coordinates_are_a_heartbeat(sent: bytes) -> None:
    message = decode(sent)
    assert (message.kind, [*message.items]) == (Kind.HEARTBEAT, [])


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"{", "invalid_json"),
        (b"\xff\xfe\x00", "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b"[]", "wrong_type"),
        (body("here"), "wrong_type"),
        (body({**LOCATION, "coords": [1, 2]}), "wrong_type"),
        (body({**LOCATION, "coords": {"latitude": 34.5}}), "missing_field"),
        (body({**LOCATION, "coords": COORDS | {"latitude": True}}), "wrong_type"),
        (body({**LOCATION, "timestamp": None}), "missing_field"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(sent: bytes, code: str) -> None:
    [item] = decode(sent).items
    assert isinstance(item, Refused)
    assert item.refusal.code == code
    assert item.refusal.message.endswith(".")


@given(JSON)
def test_nothing_that_is_sent_raises_an_error(sent: Any) -> None:
    for written in (json.dumps(sent).encode(), body(sent), body({**LOCATION, "coords": sent})):
        message = decode(written)
        assert all(isinstance(item, Fix | Refused) for item in message.items)
        assert all(name.isprintable() for name in message.names)


@given(st.binary())
def test_nor_do_bytes_that_mean_nothing(sent: bytes) -> None:
    decode(sent)


@given(
    milliseconds=st.integers(0, 4_000_000_000_000),
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    speed=st.floats(0, 100),
    level=st.integers(0, 100),
)
def test_what_is_written_is_read(
    milliseconds: int, lon: float, lat: float, speed: float, level: int
) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    coords = {"latitude": lat, "longitude": lon, "speed": speed}
    written = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fix = fix_of({"timestamp": written, "coords": coords, "battery": {"level": level / 100}})
    assert (fix.at, fix.lon, fix.lat) == (at, lon, lat)
    assert fix.speed_mps == speed
    assert fix.battery_pct == pytest.approx(level)
