import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.devices.message import Kind
from patrol.devices.owntracks import decode
from patrol.tracking.fix import Fix, Refused
from tests.unit.patrol.devices.odd_json import JSON

LOCATION = {"_type": "location", "lat": 34.5302, "lon": 118.6721, "tst": 1763798400, "tid": "LI"}
AT = datetime(2025, 11, 22, 8, tzinfo=UTC)


def fix_of(**changes: Any) -> Fix:
    [item] = decode(json.dumps({**LOCATION, **changes}).encode()).items
    assert isinstance(item, Fix), item
    return item


def test_a_location_is_read_and_kilometres_an_hour_become_metres_a_second() -> None:
    fix = fix_of(acc=12, alt=27, vel=36, cog=270, batt=41)
    assert fix == Fix(
        unit="",
        at=AT,
        lon=118.6721,
        lat=34.5302,
        accuracy_m=12,
        speed_mps=10,
        heading_deg=270,
        altitude_m=27,
        battery_pct=41,
    )


def test_minus_one_is_unknown() -> None:
    fix = fix_of(acc=-1, vel=-1, cog=-1, batt=-1)
    assert (fix.accuracy_m, fix.speed_mps, fix.heading_deg, fix.battery_pct) == (None,) * 4


def test_a_device_has_the_names_of_its_topic_and_its_initials() -> None:
    message = decode(json.dumps({**LOCATION, "topic": "owntracks/li/phone"}).encode())
    assert message.names == ("owntracks/li/phone", "li/phone", "phone", "LI")
    assert decode(json.dumps(LOCATION).encode()).names == ("LI",)


@pytest.mark.parametrize(
    "sent",
    [
        {"_type": "transition", "lat": 34.5, "lon": 118.6, "tst": 1763798400, "event": "enter"},
        {"_type": "waypoint", "lat": 34.5, "lon": 118.6, "tst": 1763798400, "rad": 50},
        {"_type": "status", "android": {}},
        {"_type": "lwt", "tst": 1763798400},
        {"_type": "card"},
        {},
    ],
)
def test_what_is_no_location_is_taken_and_means_nothing(sent: dict[str, Any]) -> None:
    message = decode(json.dumps(sent).encode())
    assert (message.kind, [*message.items]) == (Kind.NOTE, [])


def test_an_empty_body_is_ignored() -> None:
    assert decode(b"") == decode(b"  ")
    assert [*decode(b"").items] == []


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"nonsense", "invalid_json"),
        (b'"location"', "wrong_type"),
        (b'{"_type": "encrypted", "data": "AAAA"}', "encrypted"),
        (b'{"_type": "location", "lat": 34.5, "tst": 1763798400}', "missing_field"),
        (b'{"_type": "location", "lat": 34.5, "lon": 118.6}', "missing_field"),
        (b'{"_type": "location", "lat": 34.5, "lon": 118.6, "tst": "soon"}', "wrong_type"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(sent: bytes, code: str) -> None:
    [item] = decode(sent).items
    assert isinstance(item, Refused)
    assert item.refusal.code == code


@given(JSON)
def test_nothing_that_is_sent_raises_an_error(sent: Any) -> None:
    changed = {**LOCATION, **sent} if isinstance(sent, dict) else sent
    for written in (sent, changed):
        message = decode(json.dumps(written).encode())
        assert all(isinstance(item, Fix | Refused) for item in message.items)
        assert all(name.isprintable() for name in message.names)


@given(st.binary())
def test_nor_do_bytes_that_mean_nothing(sent: bytes) -> None:
    decode(sent)


@given(
    tst=st.integers(0, 4_000_000_000),
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    kmh=st.integers(0, 300),
)
def test_what_is_written_is_read(tst: int, lon: float, lat: float, kmh: int) -> None:
    fix = fix_of(tst=tst, lon=lon, lat=lat, vel=kmh)
    assert (fix.at.timestamp(), fix.lon, fix.lat) == (tst, lon, lat)
    assert fix.speed_mps == pytest.approx(kmh / 3.6)
