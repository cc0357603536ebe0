import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from patrol.devices.jt808.messages import Message, Part
from patrol.devices.jt808.parts import ASK_AFTER_S, MOST_ASKED, MOST_BYTES, Missing, Parts, Whole
from tests.terminals import address_of

ADDRESS = address_of("13812345678")


def parts_of(*bodies: bytes, began: int = 7, id: int = 0x0704) -> list[Message]:
    return [
        Message(
            id=id,
            address=ADDRESS,
            sequence=(began + index) % 65536,
            body=body,
            part=Part(total=len(bodies), index=index + 1),
        )
        for index, body in enumerate(bodies)
    ]


@given(st.permutations(range(5)), st.sampled_from([7, 65533]))
def test_in_whatever_order_they_come_the_message_is_the_same(order: list[int], began: int) -> None:
    parts, messages = Parts(), parts_of(b"a", b"b", b"c", b"d", b"e", began=began)
    results = [parts.add(messages[index], 0) for index in order]
    assert results[:-1] == [None] * 4
    expected = replace(messages[0], body=b"abcde", part=None)
    assert results[-1] == Whole(message=expected, parts=tuple(messages))


def test_two_messages_at_once_are_kept_apart() -> None:
    parts = Parts()
    one, two = parts_of(b"a", b"b"), parts_of(b"c", b"d", began=100)
    assert parts.add(one[0], 0) is parts.add(two[0], 0) is None
    wholes = [parts.add(two[1], 0), parts.add(one[1], 0)]
    assert [whole.message.body for whole in wholes if whole] == [b"cd", b"ab"]


def test_what_is_missing_is_asked_for_a_few_times_and_then_forgotten() -> None:
    parts, messages = Parts(), parts_of(b"a", b"b", b"c")
    parts.add(messages[1], 0)
    now_s = 0.0
    assert parts.missing(ASK_AFTER_S - 0.1) == []
    for _ in range(MOST_ASKED):
        now_s += ASK_AFTER_S
        first = replace(messages[0], part=messages[1].part, body=b"")
        assert parts.missing(now_s) == [Missing(first=first, indices=(1, 3))]
        assert parts.missing(now_s + 1) == []
    assert parts.missing(now_s + ASK_AFTER_S) == []
    parts.add(messages[0], now_s)
    assert parts.add(messages[2], now_s) is None, "it was forgotten"


@pytest.mark.parametrize("size", [0, 1, 1023])
def test_they_never_hold_more_than_the_limit(size: int) -> None:
    parts = Parts()
    for number in range(1000):
        parts.add(parts_of(b"x" * size, b"", began=number * 2)[0], 0)
        assert sum(found.size for found in parts._unfinished.values()) <= MOST_BYTES
    last = parts.add(parts_of(b"", b"y", began=1998)[1], 0)
    assert last is not None, "the first go, not the last"
    many = Message(id=0x0704, address=ADDRESS, sequence=0, body=b"x" * size)
    for index in range(1, 1001):
        parts.add(replace(many, sequence=index, part=Part(total=65535, index=index)), 0)
        assert sum(found.size for found in parts._unfinished.values()) <= MOST_BYTES
