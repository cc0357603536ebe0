import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput
from patrol.devices.jt808.frames import LONGEST_FRAME, MARK, Splitter, unwrap, wrap

payloads = st.binary(min_size=1, max_size=200) | st.lists(
    st.sampled_from([b"\x7d", b"\x7e", b"\x01", b"\x02"]), min_size=1
).map(b"".join)


def test_the_example_of_the_standard() -> None:
    payload = bytes.fromhex("307e087d55")
    frame = wrap(payload)
    assert frame[1:-2] == bytes.fromhex("307d02087d0155")
    assert unwrap(frame[1:-1]) == payload


@given(payloads)
def test_what_is_wrapped_comes_out_and_has_no_mark_inside(payload: bytes) -> None:
    frame = wrap(payload)
    assert frame[:1] == frame[-1:] == MARK
    assert MARK not in frame[1:-1]
    assert unwrap(frame[1:-1]) == payload


@given(st.lists(payloads | st.just(b"")), st.data())
def test_how_the_stream_is_cut_into_pieces_does_not_matter(
    contents: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(wrap(each) if each else MARK for each in contents) + data.draw(st.binary())
    whole = list(Splitter().split(stream))
    splitter, pieces, rest = Splitter(), [], stream
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        pieces += splitter.split(rest[:size])
        rest = rest[size:]
    assert pieces == whole


def test_two_frames_may_share_a_mark_and_a_piece_between_them_costs_nothing_else() -> None:
    one, two = wrap(b"one"), wrap(b"two")
    for stream in (one + two, one[:-1] + two, b"\x00\x01" + one + b"noise" + two):
        good = []
        for frame in Splitter().split(stream):
            try:
                good.append(unwrap(frame))
            except InvalidInput:
                continue
        assert good == [b"one", b"two"]


@given(st.integers(1, 5))
def test_a_frame_without_end_takes_no_memory_and_is_refused(pieces: int) -> None:
    splitter = Splitter()
    for _ in range(pieces):
        assert not list(splitter.split(b"a" * 5000))
    assert len(splitter._rest) <= LONGEST_FRAME + 1
    [frame] = splitter.split(MARK)
    with pytest.raises(InvalidInput, match="longer"):
        unwrap(frame)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"", "bad_checksum"),
        (b"\x00", "bad_checksum"),
        (b"ab", "bad_checksum"),
        (b"a\x7d", "bad_escape"),
        (b"a\x7d\x03", "bad_escape"),
        (b"a\x7d\x7d\x02", "bad_escape"),
    ],
)
def test_what_is_no_frame_says_why(frame: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        unwrap(frame)
    assert caught.value.code == code
