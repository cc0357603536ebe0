"""Messages that others wrote and read (yezhihao/jt808-server, SmallChi/JT808; SOURCES.md has more)."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gis.errors import InvalidInput
from patrol.devices.jt808.bcd import bcd_to_time
from patrol.devices.jt808.fixes import body_to_fix
from patrol.devices.jt808.frames import MARK, Splitter
from patrol.devices.jt808.locations import Location, read_location, split_batch
from patrol.devices.jt808.messages import Address, Id, Message, read_message, write_message
from patrol.devices.jt808.registration import read_authentication, read_registration
from patrol.tracking.fix import Fix

GOLDEN = bytes.fromhex(
    "7E02000026123456789012007D02000000010000000200BA7F0E07E4F11C0028003C00001810151010100104000000"
    "640202007D01137E"
)


def test_the_golden_frame() -> None:
    message = read_message(GOLDEN[1:-1])
    assert (message.id, message.address, message.sequence) == (
        Id.LOCATION,
        Address(bcd=bytes.fromhex("123456789012")),
        126,
    )
    assert body_to_fix(message.body, unit="VH-01") == Fix(
        unit="VH-01",
        at=datetime.fromisoformat("2018-10-15T10:10:10+08:00"),
        lon=132.444444,
        lat=12.222222,
        altitude_m=40,
        speed_mps=6 / 3.6,
        heading_deg=0,
        sos=True,
    )
    assert read_location(message.body).mileage_km == 10.0
    assert write_message(message) == GOLDEN


@pytest.fixture(scope="module")
def folder(real_data: Path) -> Path:
    return real_data / "jt808"


def vectors(folder: Path) -> Iterator[tuple[bytes, dict[str, Any]]]:
    with (folder / "yezhihao_vectors.jsonl").open(encoding="utf-8") as file:
        for line in file:
            vector = json.loads(line)
            yield bytes.fromhex(vector["hex"]), vector["expected"]


def read(stream: bytes) -> Message:
    [frame] = Splitter().split(stream)
    return read_message(frame)


def test_every_header_is_read_as_by_others_and_written_as_it_was(folder: Path) -> None:
    found = list(vectors(folder))
    assert len(found) == 138
    for stream, expected in found:
        message = read(stream)
        assert message.id == expected["messageId"]
        assert message.sequence == expected["serialNo"]
        assert message.address.bcd.hex() == expected["clientId"].zfill(12)
        assert (message.address.version or 0) == expected["protocolVersion"]
        assert write_message(message) == stream


def test_every_frame_of_the_list_is_whole(folder: Path) -> None:
    stream = bytes.fromhex((folder / "yezhihao_JT808_frames.txt").read_text())
    frames = list(Splitter().split(stream))
    assert len(frames) == 96
    assert b"".join(write_message(read_message(frame)) for frame in frames) == stream


def test_registrations_and_authentications_are_read_as_by_others(folder: Path) -> None:
    read_ones = 0
    for stream, expected in vectors(folder):
        message = read(stream)
        is_2019 = message.address.version is not None
        if message.id == Id.REGISTER:
            registration = read_registration(message.body, is_2019=is_2019)
            assert registration.province == expected["provinceId"]
            assert registration.city == expected["cityId"]
            assert registration.make == "/".join(
                expected[name] for name in ("makerId", "deviceModel", "deviceId")
            )
            assert registration.plate_colour == expected["plateColor"]
            assert registration.plate == expected["plateNo"]
        elif message.id == Id.AUTHENTICATE:
            authentication = read_authentication(message.body, is_2019=is_2019)
            assert authentication.code == expected["token"]
            assert authentication.imei == expected.get("imei")
            assert authentication.software == expected.get("softwareVersion")
        else:
            continue
        read_ones += 1
    assert read_ones == 4


def test_locations_are_read_as_by_others(folder: Path) -> None:
    read_ones = 0
    for stream, expected in vectors(folder):
        message = read(stream)
        if message.id == Id.LOCATIONS:
            bodies, items = split_batch(message.body), expected["items"]
            assert len(bodies) == len(items) == expected["total"]
        elif message.id == Id.LOCATION:
            bodies, items = [message.body], [expected]
        elif message.id == Id.LOCATION_ANSWER:
            bodies, items = [message.body[2:]], [expected]
        else:
            continue
        for body, item in zip(bodies, items, strict=True):
            assert_is(read_location(body), item)
            read_ones += 1
    assert read_ones == 4 + 2 * 4 + 2


def assert_is(location: Location, expected: dict[str, Any]) -> None:
    assert location.alarms == expected["warnBit"]
    assert location.status == expected["statusBit"]
    assert abs(location.lat) == pytest.approx(expected["latitude"] / 1e6)
    assert abs(location.lon) == pytest.approx(expected["longitude"] / 1e6)
    assert location.altitude_m == expected["altitude"]
    assert location.speed_kmh == pytest.approx(expected["speed"] / 10)
    assert location.course_deg == expected["direction"]
    at = bcd_to_time(location.time_bcd)
    assert at.replace(tzinfo=None).isoformat() == expected["deviceTime"]
    for id, value in expected.get("attributes", {}).items():
        if isinstance(value, int):
            assert int.from_bytes(location.additional[int(id)], "big") == value
        else:
            assert int(id) in location.additional


def test_what_others_swapped_is_no_position(folder: Path) -> None:
    for stream, expected in vectors(folder):
        if expected["messageId"] == Id.LOCATION:
            assert not isinstance(body_to_fix(read(stream).body, unit="VH-01"), Fix)


def rows(folder: Path) -> Iterator[tuple[bytes, dict[str, str]]]:
    with (folder / "smallchi_0200_0704.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield bytes.fromhex(row["hex"]), row


def test_frames_with_a_good_checksum_are_read_and_others_refused(folder: Path) -> None:
    found = [(stream, row) for stream, row in rows(folder) if row["kind"] == "frame"]
    refused = 0
    for stream, row in found:
        [frame] = Splitter().split(stream)
        if row["checksum_ok_derived"] == "1":
            message = read_message(frame)
            if not frame[2] & 0x40:  # two have the bit of 2019 over a header of 2013
                assert write_message(message) == MARK + frame + MARK
        else:
            with pytest.raises(InvalidInput, match="checksum"):
                read_message(frame)
            refused += 1
    assert refused == 15


def test_locations_are_read_as_asserted(folder: Path) -> None:
    """The numbers are those that the other project's tests assert or encode, raw."""
    asserted = 0
    for stream, row in rows(folder):
        try:
            body = stream if row["kind"] == "body" else read(stream).body
        except InvalidInput:
            continue
        if row["kind"] == "frame" and stream[1:3] != b"\x02\x00":
            continue
        location = read_location(body)
        expected = {
            name: next(
                (int(row[k]) for k in (f"asserted_{name}", f"encoded_{name}") if row[k]), None
            )
            for name in ("Lat", "Lng", "Speed", "Altitude", "Direction", "AlarmFlag", "Mileage")
        }
        read_as: dict[str, Any] = {
            "Lat": round(abs(location.lat) * 1e6),
            "Lng": round(abs(location.lon) * 1e6),
            "Speed": round(location.speed_kmh * 10),
            "Altitude": location.altitude_m,
            "Direction": location.course_deg,
            "AlarmFlag": location.alarms,
            "Mileage": round((location.mileage_km or 0) * 10),
        }
        for name, value in expected.items():
            # Minus in its tests is a number below 0 where the standard has a bit.
            if value is not None and value >= 0:
                assert read_as[name] == value, (row["test_name"], name)
                asserted += 1
    assert asserted == 93
