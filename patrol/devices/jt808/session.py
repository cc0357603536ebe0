"""A session: what a terminal may say when, and what is to be done about it.

It knows neither a network nor a database. Whoever has the link feeds in bytes and does the actions one
by one, in their order. What an action asks of the world is told to the session (`registered`,
`authenticated`, `logged_out`) before the next one is taken; `stored` may be told later.

    unknown ── register ──> unknown, with a code ── authenticate ──> known ── everything else
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from gis.errors import InvalidInput
from patrol.devices.jt808.answers import (
    RegisterResult,
    Result,
    general_answer,
    register_answer,
    resend_request,
)
from patrol.devices.jt808.fixes import body_to_fix
from patrol.devices.jt808.frames import Splitter
from patrol.devices.jt808.locations import split_batch
from patrol.devices.jt808.messages import Id, Message, read_message, write_message
from patrol.devices.jt808.parts import Parts
from patrol.devices.jt808.registration import (
    Registration,
    read_authentication,
    read_registration,
)
from patrol.tracking.fix import Fix, Refused

MOST_FAULTS = 10
"""Broken frames, wrong codes and messages out of turn; then the link is closed."""


class Send(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    frame: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Register:
    """Tell `Session.registered` what came of it."""

    message: Message
    registration: Registration


@dataclass(frozen=True, kw_only=True, slots=True)
class Authenticate:
    """Tell `Session.authenticated`."""

    message: Message
    code: str


class Store(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Tell `Session.stored`. `messages` are those to be answered: one, or all parts of one; none for an
    answer of the terminal's."""

    messages: tuple[Message, ...]
    items: tuple[Fix | Refused, ...]

    @property
    def calls_for_help(self) -> frozenset[int]:
        """Which of the items."""
        return frozenset(index for index, item in enumerate(self.items) if item.sos)


@dataclass(frozen=True, kw_only=True, slots=True)
class LogOut:
    """The code counts no more. Tell `Session.logged_out`."""

    message: Message


@dataclass(frozen=True, kw_only=True, slots=True)
class Close:
    """`reason` is a word for the log."""

    reason: str


Action = Send | Register | Authenticate | Store | LogOut | Close

_BODIES = frozenset({Id.LOCATION, Id.LOCATION_ANSWER, Id.LOCATIONS})


class Session:
    """Of one link. `unit` is None until the terminal is known, `last_fault` the word for what was last
    wrong."""

    def __init__(self) -> None:
        self.unit: str | None = None
        self.faults = 0
        self.last_fault: str | None = None
        self._number = ""
        self._sequence = -1
        self._splitter = Splitter()
        self._parts = Parts()

    def receive(self, chunk: bytes, now_s: float) -> Iterator[Action]:
        """What to do about the messages that end in `chunk`. Never raises."""
        for frame in self._splitter.split(chunk):
            try:
                message = read_message(frame)
                number = message.address.number
            except InvalidInput as error:
                yield from self._fault(error.code)
            else:
                yield from self._take(message, number, now_s)
            if self.faults > MOST_FAULTS:
                return

    def look(self, now_s: float) -> Iterator[Send]:
        """What is to be said without being asked. To be called now and then."""
        for missing in self._parts.missing(now_s):
            sequence = self._next_sequence()
            yield _send(resend_request(missing.first, missing.indices, sequence=sequence))

    def registered(
        self, action: Register, result: RegisterResult, code: str = ""
    ) -> Iterator[Action]:
        sequence = self._next_sequence()
        yield _send(register_answer(action.message, result, code, sequence=sequence))
        if result is not RegisterResult.DONE:
            yield from self._fault("registration_refused")

    def authenticated(self, action: Authenticate, unit: str | None) -> Iterator[Action]:
        """Whose terminal it is; None for a wrong code."""
        if unit is None:
            yield self._answer(action.message, Result.FAILED)
            yield from self._fault("authentication_refused")
        else:
            self.unit = unit
            self._number = action.message.address.number
            yield self._answer(action.message, Result.DONE)

    def stored(self, action: Store, result: Result) -> Iterator[Action]:
        for message in action.messages:
            yield self._answer(message, result)

    def logged_out(self, action: LogOut) -> Iterator[Action]:
        yield self._answer(action.message, Result.DONE)
        yield Close(reason="logged_out")

    def failed(self, action: Register | Authenticate | LogOut) -> Iterator[Action]:
        """The world was not to be reached; the terminal should try again."""
        yield self._answer(action.message, Result.FAILED)

    def _take(self, message: Message, number: str, now_s: float) -> Iterator[Action]:
        if message.encryption:
            yield self._answer(message, Result.UNSUPPORTED)
            yield from self._fault("encrypted")
        elif message.id in (Id.REGISTER, Id.AUTHENTICATE) and self._number in ("", number):
            yield from self._introduce(message)
        elif self.unit is None or number != self._number:
            yield self._answer(message, Result.FAILED)
            yield from self._fault("not_authenticated")
        elif message.id in _BODIES:
            yield from self._collect(message, self.unit, now_s)
        elif message.id == Id.HEARTBEAT:
            yield self._answer(message, Result.DONE)
        elif message.id == Id.LOG_OUT:
            yield LogOut(message=message)
        elif message.id != Id.TERMINAL_ANSWER:
            yield self._answer(message, Result.UNSUPPORTED)

    def _introduce(self, message: Message) -> Iterator[Action]:
        is_2019 = message.address.version is not None
        try:
            if message.part is not None:
                raise InvalidInput("A registration has one part.", code="bad_body")
            if message.id == Id.AUTHENTICATE:
                code = read_authentication(message.body, is_2019=is_2019).code
                yield Authenticate(message=message, code=code)
            else:
                registration = read_registration(message.body, is_2019=is_2019)
                yield Register(message=message, registration=registration)
        except InvalidInput as error:
            yield self._answer(message, Result.BAD)
            yield from self._fault(error.code)

    def _collect(self, message: Message, unit: str, now_s: float) -> Iterator[Action]:
        messages: tuple[Message, ...] = (message,)
        if message.part is not None:
            whole = self._parts.add(message, now_s)
            if whole is None:
                return  # answered when all is stored, so that nothing is lost
            message, messages = whole.message, whole.parts
        try:
            bodies = _locations(message)
        except InvalidInput as error:
            for each in messages:
                yield self._answer(each, Result.BAD)
            yield from self._fault(error.code)
            return
        items = tuple(body_to_fix(body, unit=unit) for body in bodies)
        if message.id == Id.LOCATION_ANSWER:
            messages = ()
        yield Store(messages=messages, items=items)

    def _fault(self, reason: str) -> Iterator[Action]:
        self.faults += 1
        self.last_fault = reason
        if self.faults > MOST_FAULTS:
            yield Close(reason=reason)

    def _answer(self, message: Message, result: Result) -> Send:
        return _send(general_answer(message, result, sequence=self._next_sequence()))

    def _next_sequence(self) -> int:
        self._sequence = (self._sequence + 1) % 65536
        return self._sequence


def _locations(message: Message) -> list[bytes]:
    """The bodies of the locations in a message."""
    match message.id:
        case Id.LOCATIONS:
            return split_batch(message.body)
        case Id.LOCATION_ANSWER:
            return [message.body[2:]]
        case _:
            return [message.body]


def _send(message: Message) -> Send:
    return Send(frame=write_message(message))
