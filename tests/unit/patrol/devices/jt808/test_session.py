from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol.devices.jt808.answers import RegisterResult, Result
from patrol.devices.jt808.messages import Id, Message, Part, read_message, write_message
from patrol.devices.jt808.session import (
    MOST_FAULTS,
    Action,
    Authenticate,
    Close,
    LogOut,
    Register,
    Send,
    Session,
    Store,
)
from patrol.tracking.fix import Fix
from tests.terminals import address_of, batch_body, location_body, registration_body

AT = datetime(2026, 11, 27, 0, 30, tzinfo=UTC)
ADDRESS = address_of("13812345678")


def frame(id: int, body: bytes = b"", **changes: Any) -> bytes:
    values = {"address": ADDRESS, "sequence": 9, **changes}
    return write_message(Message(id=id, body=body, **values))


def answers(actions: Iterator[Action] | list[Action]) -> list[tuple[int, int]]:
    """Which message each sent general answer is about, and its result."""
    found = []
    for action in actions:
        assert isinstance(action, Send)
        message = read_message(action.frame[1:-1])
        assert message.id == Id.ANSWER
        found.append((int.from_bytes(message.body[2:4], "big"), message.body[4]))
    return found


@pytest.fixture
def session() -> Session:
    """Of a terminal that is known."""
    session = Session()
    [action] = session.receive(frame(Id.AUTHENTICATE, b"code"), 0)
    assert isinstance(action, Authenticate)
    assert action.code == "code"
    assert answers(session.authenticated(action, "VH-01")) == [(Id.AUTHENTICATE, Result.DONE)]
    return session


@pytest.mark.parametrize("id", [Id.HEARTBEAT, Id.LOCATION, Id.LOCATIONS, Id.LOG_OUT, 0x0900])
def test_nothing_comes_before_authentication(id: int) -> None:
    session = Session()
    assert answers(session.receive(frame(id, location_body(AT)), 0)) == [(id, Result.FAILED)]
    assert session.faults == 1


def test_whoever_registers_is_told_the_code_and_has_to_show_it() -> None:
    session = Session()
    [action] = session.receive(frame(Id.REGISTER, registration_body()), 0)
    assert isinstance(action, Register)
    [sent] = session.registered(action, RegisterResult.DONE, "secret")
    assert isinstance(sent, Send)
    assert read_message(sent.frame[1:-1]).body == b"\x00\x09\x00secret"
    assert session.unit is None


def test_a_refusal_tells_no_code() -> None:
    session = Session()
    [action] = session.receive(frame(Id.REGISTER, registration_body()), 0)
    assert isinstance(action, Register)
    [sent] = session.registered(action, RegisterResult.NO_SUCH_TERMINAL, "secret")
    assert isinstance(sent, Send)
    assert read_message(sent.frame[1:-1]).body == b"\x00\x09\x04"
    assert session.last_fault == "registration_refused"


def test_a_wrong_code_leaves_the_terminal_unknown() -> None:
    session = Session()
    [action] = session.receive(frame(Id.AUTHENTICATE, b"code"), 0)
    assert isinstance(action, Authenticate)
    assert answers(session.authenticated(action, None)) == [(Id.AUTHENTICATE, Result.FAILED)]
    assert session.unit is None


@pytest.mark.parametrize("id", [Id.LOCATION, Id.REGISTER, Id.AUTHENTICATE])
def test_a_link_is_of_one_terminal(session: Session, id: int) -> None:
    other = frame(id, location_body(AT), address=address_of("13900000000"))
    assert answers(session.receive(other, 0)) == [(id, Result.FAILED)]


def test_a_location_is_answered_when_it_is_stored(session: Session) -> None:
    [action] = session.receive(frame(Id.LOCATION, location_body(AT)), 0)
    assert isinstance(action, Store)
    [fix] = action.items
    assert isinstance(fix, Fix)
    assert fix.unit == "VH-01"
    assert answers(session.stored(action, Result.FAILED)) == [(Id.LOCATION, Result.FAILED)]


def test_an_answer_to_a_question_is_stored_and_not_answered(session: Session) -> None:
    [action] = session.receive(frame(Id.LOCATION_ANSWER, b"\0\1" + location_body(AT)), 0)
    assert isinstance(action, Store)
    assert len(action.items) == 1
    assert answers(session.stored(action, Result.DONE)) == []
    assert list(session.receive(frame(Id.TERMINAL_ANSWER, b"\0\1\x80\3\0"), 0)) == []


def test_of_a_message_in_parts_every_part_is_answered_at_its_end(session: Session) -> None:
    body = batch_body([location_body(AT)] * 2)
    pieces = [
        frame(Id.LOCATIONS, piece, sequence=20 + index, part=Part(total=2, index=index + 1))
        for index, piece in enumerate((body[:30], body[30:]))
    ]
    assert list(session.receive(pieces[1], 0)) == []
    [action] = session.receive(pieces[0], 0)
    assert isinstance(action, Store)
    assert len(action.items) == 2
    sent = [read_message(each.frame[1:-1]).body for each in session.stored(action, Result.DONE)]  # type: ignore[union-attr]
    assert [int.from_bytes(body[:2], "big") for body in sent] == [20, 21]


def test_missing_parts_are_asked_for_by_the_number_of_the_first(session: Session) -> None:
    part = frame(Id.LOCATIONS, b"abc", sequence=21, part=Part(total=3, index=2))
    assert list(session.receive(part, 0)) == []
    [asked] = session.look(10)
    message = read_message(asked.frame[1:-1])
    assert (message.id, message.body.hex()) == (Id.RESEND, "00140200010003")


def test_what_cannot_be_read_or_is_not_understood_is_answered_so(session: Session) -> None:
    assert answers(session.receive(frame(Id.LOCATIONS, b"\0"), 0)) == [(Id.LOCATIONS, Result.BAD)]
    assert answers(session.receive(frame(0x0801), 0)) == [(0x0801, Result.UNSUPPORTED)]
    encrypted = frame(Id.LOCATION, location_body(AT), encryption=1)
    assert answers(session.receive(encrypted, 0)) == [(Id.LOCATION, Result.UNSUPPORTED)]


def test_logging_out_closes_the_link(session: Session) -> None:
    [action] = session.receive(frame(Id.LOG_OUT), 0)
    assert isinstance(action, LogOut)
    answer, close = session.logged_out(action)
    assert answers([answer]) == [(Id.LOG_OUT, Result.DONE)]
    assert close == Close(reason="logged_out")


def test_too_many_broken_frames_close_the_link_and_a_few_do_not(session: Session) -> None:
    broken = b"\x7ebroken\x7e"
    assert list(session.receive(broken * MOST_FAULTS, 0)) == []
    assert answers(session.receive(frame(Id.HEARTBEAT), 0)) == [(Id.HEARTBEAT, Result.DONE)]
    assert list(session.receive(broken * 5, 0)) == [Close(reason="bad_checksum")]


def test_sequence_numbers_go_round(session: Session) -> None:
    for _ in range(65536):
        [sent] = session.receive(frame(Id.HEARTBEAT), 0)
    assert isinstance(sent, Send)
    assert read_message(sent.frame[1:-1]).sequence == 0


bodies = st.binary(max_size=64) | st.just(location_body(AT)) | st.just(registration_body())
framed = st.builds(
    frame,
    st.sampled_from([*Id, 0x0900]),
    bodies,
    sequence=st.integers(0, 3),
    part=st.none() | st.just(Part(total=2, index=1)) | st.just(Part(total=2, index=2)),
)


@settings(max_examples=200)
@given(st.lists(framed | st.binary(max_size=30), max_size=20), st.booleans())
def test_whatever_comes_nothing_is_raised(chunks: list[bytes], is_known: bool) -> None:
    session = Session()
    for now_s, chunk in enumerate(chunks):
        for action in session.receive(chunk, now_s):
            match action:
                case Authenticate():
                    list(session.authenticated(action, "VH-01" if is_known else None))
                case Register():
                    list(session.registered(action, RegisterResult.DONE, "secret"))
                case Store():
                    assert is_known
                    list(session.stored(action, Result.DONE))
                case LogOut():
                    list(session.logged_out(action))
        list(session.look(now_s * 3.0))
