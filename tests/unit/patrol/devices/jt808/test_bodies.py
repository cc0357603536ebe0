from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput
from patrol.devices.jt808.fixes import body_to_fix
from patrol.devices.jt808.locations import read_location, split_batch
from patrol.devices.jt808.registration import read_authentication, read_registration
from patrol.tracking.fix import Fix, Refused
from tests.terminals import FIXED, SOS, batch_body, location_body, registration_body

AT = datetime(2026, 11, 27, 0, 30, tzinfo=UTC)


def fix_of(**changes: Any) -> Fix:
    fix = body_to_fix(location_body(AT, **changes), unit="VH-01")
    assert isinstance(fix, Fix)
    return fix


def refused(body: bytes) -> Refused:
    item = body_to_fix(body, unit="VH-01")
    assert isinstance(item, Refused)
    return item


def test_a_location_becomes_a_fix_in_our_units() -> None:
    assert fix_of() == Fix(
        unit="VH-01",
        at=AT,
        lon=118.6,
        lat=34.5,
        altitude_m=40,
        speed_mps=6 / 3.6,
        heading_deg=90,
    )


def test_a_speed_with_all_bits_set_is_unknown() -> None:
    body = location_body(AT)
    fix = body_to_fix(body[:18] + b"\xff\xff" + body[20:], unit="VH-01")
    assert isinstance(fix, Fix)
    assert (fix.speed_mps, fix.heading_deg) == (None, 90)


@pytest.mark.parametrize(
    ("bits", "lon", "lat"), [(0, 118.6, 34.5), (4, 118.6, -34.5), (8, -118.6, 34.5)]
)
def test_south_and_west_are_bits_of_the_status(bits: int, lon: float, lat: float) -> None:
    fix = fix_of(status=FIXED | bits)
    assert (fix.lon, fix.lat) == (lon, lat)


def test_the_emergency_alarm_is_a_call_for_help_and_other_alarms_are_not() -> None:
    assert fix_of(alarms=SOS).sos
    assert not fix_of(alarms=0xFFFFFFFE).sos


def test_without_a_fix_of_the_receiver_there_is_no_position_but_still_a_call() -> None:
    item = refused(location_body(AT, status=0, alarms=SOS))
    assert (item.refusal.code, item.at, item.sos) == ("no_fix", AT, True)
    assert item.payload["unit"] == "VH-01"


def test_a_time_that_is_none_is_a_reason_and_the_call_stays() -> None:
    body = location_body(AT, alarms=SOS)
    item = refused(body[:22] + b"\0" * 6)
    assert (item.refusal.code, item.at, item.sos) == ("bad_time", None, True)


def test_what_is_cut_off_is_a_reason() -> None:
    assert refused(location_body(AT)[:27]).refusal.code == "bad_body"


def test_what_a_terminal_adds_is_read_as_far_as_it_is_whole() -> None:
    added = bytes.fromhex("010400000064300112310109eb200102")
    location = read_location(location_body(AT, added=added))
    assert (location.mileage_km, location.signal, location.satellites) == (10.0, 18, 9)
    assert set(location.additional) == {0x01, 0x30, 0x31}


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_a_batch_is_split_as_it_was_put_together(bodies: list[bytes]) -> None:
    assert split_batch(batch_body(bodies)) == bodies


def test_of_a_batch_that_is_cut_off_the_last_is_a_piece() -> None:
    whole = batch_body([location_body(AT)] * 3)
    bodies = split_batch(whole[:-10])
    assert [len(body) for body in bodies] == [28, 28, 18]


@pytest.mark.parametrize("edition", [2011, 2013, 2019])
def test_the_widths_of_each_edition_are_told_apart(edition: int) -> None:
    registration = read_registration(
        registration_body("7654321", edition=edition), is_2019=edition == 2019
    )
    assert registration.make == "wangg/BODY-1/7654321"
    assert (registration.province, registration.city) == (32, 722)
    assert (registration.plate_colour, registration.plate) == (1, "苏A12345")


def test_a_long_number_in_the_form_of_2011_is_not_taken_for_2013() -> None:
    body = registration_body(edition=2011)[:24] + b"\0" + b"LSVAA4187E2123456"
    registration = read_registration(body, is_2019=False)
    assert (registration.model, registration.plate) == ("BODY-1", "LSVAA4187E2123456")


def test_an_authentication_of_2019_says_more() -> None:
    body = b"\x04code" + b"123456789012345" + b"v1.2".ljust(20, b"\0")
    authentication = read_authentication(body, is_2019=True)
    assert (authentication.code, authentication.imei, authentication.software) == (
        "code",
        "123456789012345",
        "v1.2",
    )
    assert read_authentication(b"code", is_2019=True).code == "code"


@given(st.binary(max_size=100), st.booleans())
def test_any_body_is_read_or_clearly_refused(body: bytes, is_2019: bool) -> None:
    body_to_fix(body, unit="VH-01")
    read_authentication(body, is_2019=is_2019)
    try:
        split_batch(body)
        registration = read_registration(body, is_2019=is_2019)
    except InvalidInput:
        return
    assert registration.make.isprintable()
