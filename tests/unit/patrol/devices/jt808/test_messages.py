from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput
from patrol.devices.jt808.bcd import bcd_to_time, text_to_number, time_to_bcd
from patrol.devices.jt808.frames import wrap
from patrol.devices.jt808.messages import (
    MOST_BODY_BYTES,
    Address,
    Message,
    Part,
    read_message,
    write_message,
)

words = st.integers(0, 0xFFFF)
digits = st.sampled_from("0123456789")


@st.composite
def messages(draw: st.DrawFn) -> Message:
    version = draw(st.none() | st.integers(0, 255))
    length = 12 if version is None else 20
    total = draw(st.integers(1, 0xFFFF))
    parts = st.builds(Part, total=st.just(total), index=st.integers(1, total))
    return Message(
        id=draw(words),
        address=Address(
            bcd=bytes.fromhex(draw(st.text(digits, min_size=length, max_size=length))),
            version=version,
        ),
        sequence=draw(words),
        body=draw(st.binary(max_size=MOST_BODY_BYTES)),
        part=draw(st.none() | parts),
        encryption=draw(st.integers(0, 7)),
    )


@given(messages())
def test_what_is_written_is_read_again(message: Message) -> None:
    assert read_message(write_message(message)[1:-1]) == message


@given(st.binary(max_size=60), st.booleans())
def test_any_bytes_are_a_message_or_a_clear_refusal(content: bytes, is_framed: bool) -> None:
    try:
        message = read_message(wrap(content)[1:-1] if is_framed and content else content)
        number = message.address.number
    except InvalidInput:
        return
    assert number.isdecimal()


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("0200", "bad_length"),
        ("0002000012345678901200", "bad_length"),
        ("000200011234567890120001", "bad_length"),
        ("00022000123456789012000100020003", "bad_part"),
        ("00022000123456789012000100000000", "bad_part"),
    ],
)
def test_a_header_that_cannot_be_says_why(payload: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_message(wrap(bytes.fromhex(payload))[1:-1])
    assert caught.value.code == code


def test_a_header_of_2013_may_have_the_bit_of_2019() -> None:
    payload = bytes.fromhex("010240040138123456780902") + b"code"
    message = read_message(wrap(payload)[1:-1])
    assert message.address == Address(bcd=bytes.fromhex("013812345678"))
    assert (message.sequence, message.body) == (0x0902, b"code")


def test_a_number_is_the_same_in_every_edition() -> None:
    numbers = [Address(bcd=bytes.fromhex("13812345678".zfill(n))).number for n in (12, 20)]
    assert {*numbers, text_to_number(" 013812345678")} == {"13812345678"}
    with pytest.raises(InvalidInput):
        _ = Address(bcd=bytes.fromhex("1381234567a8")).number


@pytest.mark.parametrize("text", ["", "0", "abc", "138 1234", "+8613812345678", "1" * 21, "１３８"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="1 to 20 digits"):
        text_to_number(text)


@given(st.integers(0, 36_000 * 86_400))
def test_a_time_is_in_utc_plus_8(second: int) -> None:
    at = datetime(2000, 1, 2, tzinfo=UTC) + timedelta(seconds=second)
    read = bcd_to_time(time_to_bcd(at))
    assert read == at
    assert str(read.utcoffset()) == "8:00:00"


@pytest.mark.parametrize(
    "digits", ["000000000000", "261332000000", "260230000000", "26a101000000", "260101246000"]
)
def test_what_is_no_time_says_so(digits: str) -> None:
    with pytest.raises(InvalidInput, match="set the terminal's clock"):
        bcd_to_time(bytes.fromhex(digits))
