from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.devices.message import Kind
from patrol.devices.osmand import decode
from patrol.devices.values import MPS_PER_KNOT
from patrol.tracking.fix import Fix, Refused

SENT = {"id": "48241179", "lat": "34.5302", "lon": "118.6721", "timestamp": "1763798400"}
AT = datetime(2025, 11, 22, 8, tzinfo=UTC)


def fix_of(**changes: str) -> Fix:
    [item] = decode(SENT | changes).items
    assert isinstance(item, Fix), item
    return item


def refusal_of(**changes: str) -> tuple[str, str]:
    [item] = decode(SENT | changes).items
    assert isinstance(item, Refused)
    assert item.payload == SENT | changes
    return item.refusal.code, item.refusal.message


def test_a_place_and_a_time_are_enough() -> None:
    message = decode(SENT)
    assert (message.kind, message.names) == (Kind.POSITION, ("48241179",))
    assert message.items == [Fix(unit="", at=AT, lon=118.6721, lat=34.5302)]


def test_every_parameter_is_read_and_knots_become_metres_per_second() -> None:
    fix = fix_of(
        speed="10",
        bearing="90",
        altitude="-3",
        accuracy="5.5",
        batt="80",
        alarm="sos",
        charge="true",
    )
    assert fix.speed_mps == pytest.approx(5.1444, abs=1e-4)
    assert (fix.heading_deg, fix.altitude_m, fix.accuracy_m, fix.battery_pct) == (90, -3, 5.5, 80)
    assert fix.sos


def test_metres_per_second_have_a_name_of_their_own() -> None:
    assert fix_of(speed_mps="1.5", speed="100").speed_mps == 1.5


def test_other_names_for_the_same() -> None:
    message = decode({"deviceid": "7", "location": "34.5302,118.6721", "timestamp": "1763798400"})
    assert message.names == ("7",)
    [fix] = message.items
    assert isinstance(fix, Fix)
    assert (fix.lon, fix.lat) == (118.6721, 34.5302)
    assert fix_of(heading="45").heading_deg == 45


@pytest.mark.parametrize(
    "written",
    [
        "1763798400",
        "1763798400.0",
        "1763798400000",
        "2025-11-22 08:00:00",
        "2025-11-22T08:00:00",
        "2025-11-22T08:00:00Z",
        "2025-11-22T08:00:00.000Z",
        "2025-11-22T16:00:00+08:00",
        "2025-11-22T16:00:00 08:00",  # a + that was not escaped
    ],
)
def test_a_time_is_seconds_milliseconds_or_a_text_in_utc(written: str) -> None:
    assert fix_of(timestamp=written).at == AT


def test_no_coordinates_are_a_heartbeat() -> None:
    for sent in ({}, {"id": "7"}, {"id": "7", "batt": "80"}, {"id": "7", "lat": "", "lon": ""}):
        message = decode(sent)
        assert (message.kind, message.items) == (Kind.HEARTBEAT, ())


def test_a_call_for_help_without_a_place_is_not_only_a_heartbeat() -> None:
    [item] = decode({"id": "7", "alarm": "sos"}).items
    assert isinstance(item, Refused)
    assert item.refusal.code == "missing_field"


@pytest.mark.parametrize(
    ("alarm", "is_for_help"),
    [
        ("sos", True),
        ("SOS", True),
        ("lowBattery,sos", True),
        ("1", True),
        ("general", True),
        ("lowBattery", False),
        ("overspeed", False),
        ("", False),
        ("0", False),
        ("false", False),
    ],
)
def test_only_a_persons_alarm_is_a_call_for_help(alarm: str, is_for_help: bool) -> None:
    assert fix_of(alarm=alarm).sos is is_for_help


def test_minus_one_is_unknown_but_a_metre_below_the_sea_is_not() -> None:
    fix = fix_of(speed="-1", bearing="-1", accuracy="-1", batt="-1.0", altitude="-1")
    assert (fix.speed_mps, fix.heading_deg, fix.accuracy_m, fix.battery_pct) == (None,) * 4
    assert fix.altitude_m == -1


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"lat": "north"}, "wrong_type", "lat must be a number, not 'north'"),
        ({"lon": ""}, "missing_field", "lon is missing"),
        ({"lat": "", "lon": "", "location": "34.5"}, "wrong_type", "location must be lat,lon"),
        ({"timestamp": ""}, "missing_field", "timestamp is missing"),
        ({"timestamp": "yesterday"}, "wrong_type", "timestamp must be a time"),
        ({"timestamp": "2025-11-22"}, "wrong_type", "timestamp must be a time"),
        ({"timestamp": "9" * 400}, "wrong_type", "timestamp must be a time"),
        ({"speed": "fast"}, "wrong_type", "speed must be a number"),
        ({"valid": "false"}, "no_position", "valid=false"),
    ],
)
def test_what_cannot_be_read_says_why(changes: dict[str, str], code: str, words: str) -> None:
    found, message = refusal_of(**changes)
    assert found == code
    assert words in message


NAMES = st.sampled_from(
    [
        "id",
        "deviceid",
        "lat",
        "lon",
        "location",
        "timestamp",
        "speed",
        "speed_mps",
        "bearing",
        "heading",
        "altitude",
        "accuracy",
        "batt",
        "charge",
        "alarm",
        "valid",
        "x",
    ]
)
VALUES = st.one_of(
    st.text(),
    st.floats().map(str),
    st.integers().map(str),
    st.datetimes().map(str),
    st.sampled_from(
        ["1e999", "-0", "1_0", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
    ),
)


@given(st.dictionaries(NAMES, VALUES))
def test_nothing_that_is_sent_raises_an_error(sent: dict[str, str]) -> None:
    message = decode(sent)
    assert all(isinstance(item, Fix | Refused) for item in message.items)
    assert all(name.isprintable() for name in message.names)


@given(
    seconds=st.integers(200_000_000, 4_000_000_000),
    zone=st.sampled_from([UTC, timezone(timedelta(hours=8))]),
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    knots=st.floats(0, 200),
    form=st.sampled_from(["s", "ms", "iso", "text"]),
)
def test_what_is_written_is_read(
    seconds: int, zone: timezone, lon: float, lat: float, knots: float, form: str
) -> None:
    at = datetime.fromtimestamp(seconds, zone)
    written = {
        "s": str(seconds),
        "ms": str(seconds * 1000),
        "iso": at.isoformat(),
        "text": f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
    }[form]
    fix = fix_of(timestamp=written, lon=repr(lon), lat=repr(lat), speed=repr(knots))
    assert (fix.at, fix.lon, fix.lat) == (at, lon, lat)
    assert fix.speed_mps == pytest.approx(knots * MPS_PER_KNOT)
