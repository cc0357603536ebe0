"""Messages leave the outbox: each arrives once, whatever happens to the receiver and to the sender."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from data.database import Database
from data.installation import Databases
from data.outbox import ChannelKind, OutboxSender, OutboxSettings, Outgoing, enqueue
from data.outbox.channels import SEAL_PURPOSE, ChannelDraft, add_channel, change_channel
from data.outbox.listing import Listed, State, list_messages, send_again
from data.outbox.message import ChannelSettings
from data.scope import Scope, Viewer
from data.sealing import Seal
from tests.receiver import OK, Receiver, free_port, receiving

START = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
KEY = b"k" * 32
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SYSTEM = Viewer.everything()


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True, kw_only=True)
class Outbox:
    database: Database
    clock: Clock

    def sender(self, **settings: Any) -> OutboxSender:
        wanted = OutboxSettings.model_construct(**{"timeout_s": 5.0, **settings})
        return OutboxSender(self.database, KEY, wanted, now=self.clock, chance=lambda: 1.0)

    def look(self, **settings: Any) -> None:
        asyncio.run(self.sender(**settings).look())

    def channel(
        self, receiver: Receiver | str, kind: ChannelKind = ChannelKind.WEBHOOK, **values: Any
    ) -> int:
        url = receiver if isinstance(receiver, str) else receiver.url
        draft = {
            "name": "x",
            "url": f"{url}/hook",
            "secret": SECRET,
            "settings": ChannelSettings(),
            "language": "zh",
            "notices": (),
            "per_minute": None,
            "enabled": True,
            **values,
        }
        with self.database.begin(SYSTEM) as conn:
            seal = Seal(KEY, SEAL_PURPOSE)
            return add_channel(conn, seal, ChannelDraft(kind=kind, **draft)).id

    def put(
        self, channel_id: int, *titles: str, wait: timedelta = timedelta(), **values: Any
    ) -> None:
        """As whoever has no right to see what is in the outbox."""
        messages = [
            Outgoing(
                channel_id=channel_id,
                kind="notice.case_dispatched",
                title=title,
                text="案件已派给您",
                staff_ids=(),
                not_before=self.clock() + wait,
                data={"case": 7},
                **values,
            )
            for title in titles
        ]
        with self.database.begin(Viewer(scope=Scope.of(frozenset()))) as conn:
            enqueue(conn, messages, self.clock())

    def messages(self, state: State | None = None) -> list[Listed]:
        with self.database.begin(SYSTEM) as conn:
            return list_messages(conn, state=state, channel_id=None, before=None, count=1000)[::-1]


@pytest.fixture
def outbox(database: Database) -> Iterator[Outbox]:
    with Databases.beside(database) as databases:
        yield Outbox(database=databases.application, clock=Clock())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def test_a_message_arrives_once_and_is_done_with(outbox: Outbox, receiver: Receiver) -> None:
    outbox.put(outbox.channel(receiver), "新案件")
    outbox.look()
    outbox.look()
    [message] = outbox.messages()
    assert receiver.ids == [message.message_id]
    assert (message.state, message.attempts, message.sent_at) == (State.SENT, 1, START)


def test_what_is_rolled_back_is_not_sent(outbox: Outbox, receiver: Receiver) -> None:
    channel = outbox.channel(receiver)
    message = Outgoing(
        channel_id=channel, kind="x", title="x", text="x", staff_ids=(), not_before=START
    )
    with outbox.database.engine.connect() as conn:
        enqueue(conn, [message], START)
        conn.rollback()
    outbox.look()
    assert (outbox.messages(), receiver.received) == ([], [])


def test_it_waits_until_its_time(outbox: Outbox, receiver: Receiver) -> None:
    outbox.put(outbox.channel(receiver), "新案件", wait=timedelta(hours=8))
    outbox.look()
    assert receiver.received == []
    outbox.clock.go_on(hours=8)
    outbox.look()
    assert len(receiver.received) == 1


def test_a_receiver_that_is_away_for_a_day_gets_everything_once_when_it_is_back(
    outbox: Outbox,
) -> None:
    port = free_port()
    channel = outbox.channel(f"http://127.0.0.1:{port}")
    for number in range(24):
        outbox.put(channel, f"{number}")
        for _ in range(12):
            outbox.look()
            outbox.clock.go_on(minutes=5)
    waiting = outbox.messages(State.WAITING)
    assert len(waiting) == 24
    assert "cannot be reached" in (waiting[0].last_error or "")
    with receiving(port) as receiver:
        outbox.clock.go_on(minutes=10)
        outbox.look()
        outbox.look()
        assert sorted(receiver.ids) == sorted(each.message_id for each in waiting)
    assert len(outbox.messages(State.SENT)) == 24


def test_it_is_tried_again_later_and_later_with_the_same_id(
    outbox: Outbox, receiver: Receiver
) -> None:
    receiver.replies = [(500, {}, b"")] * 3 + [OK]
    outbox.put(outbox.channel(receiver), "新案件")
    waits = []
    for _ in range(4):
        outbox.look()
        [message] = outbox.messages()
        if message.next_at is not None:
            waits.append((message.next_at - outbox.clock()).total_seconds())
            outbox.look()  # too early
            outbox.clock.now = message.next_at
    assert waits == [5, 10, 20]
    assert receiver.ids == [message.message_id] * 4
    assert message.state is State.SENT


def test_it_is_given_up_after_days_where_an_administrator_sees_it_and_sends_it_again(
    outbox: Outbox, receiver: Receiver
) -> None:
    receiver.reply = (503, {}, b"")
    outbox.put(outbox.channel(receiver), "新案件")
    while outbox.messages(State.WAITING):
        outbox.look()
        outbox.clock.go_on(hours=1)
    [message] = outbox.messages(State.GIVEN_UP)
    assert message.given_up_at is not None
    assert timedelta(days=3) <= message.given_up_at - START < timedelta(days=3, hours=2)
    assert message.last_error == "tried for 3 days: the receiver answers 503"
    receiver.reply = OK
    with outbox.database.begin(SYSTEM) as conn:
        send_again(conn, message.id, outbox.clock())
    outbox.look()
    [message] = outbox.messages()
    assert message.state is State.SENT


@pytest.mark.parametrize("status", [400, 401, 404, 410, 301])
def test_what_the_receiver_will_never_take_is_given_up_at_once_with_its_reason(
    outbox: Outbox, receiver: Receiver, status: int
) -> None:
    receiver.reply = (status, {"location": f"{receiver.url}/elsewhere"}, "没有这个群".encode())
    outbox.put(outbox.channel(receiver), "新案件")
    outbox.look()
    [message] = outbox.messages()
    assert (message.state, len(receiver.received)) == (State.GIVEN_UP, 1)
    assert f"{status}" in (message.last_error or "")


def test_a_reason_never_holds_the_secret(outbox: Outbox, receiver: Receiver) -> None:
    receiver.reply = (403, {}, f"bad signature with {SECRET} at /hook".encode())
    outbox.put(outbox.channel(receiver), "新案件")
    outbox.look()
    [message] = outbox.messages()
    assert message.last_error == "the receiver answers 403: bad signature with … at /hook"


def test_the_channel_rests_for_as_long_as_its_receiver_asks(
    outbox: Outbox, receiver: Receiver
) -> None:
    receiver.replies = [(429, {"retry-after": "120"}, b"")]
    outbox.put(outbox.channel(receiver), "1", "2")
    outbox.look()
    outbox.clock.go_on(seconds=119)
    outbox.look()
    assert len(receiver.received) == 1
    outbox.clock.go_on(seconds=1)
    outbox.look()
    assert len(receiver.received) == 3
    assert len({*receiver.ids}) == 2


def test_a_robot_is_never_asked_faster_than_it_allows(outbox: Outbox, receiver: Receiver) -> None:
    channel = outbox.channel(receiver, ChannelKind.WECOM, secret="", per_minute=20)
    outbox.put(channel, *map(str, range(30)))
    times = []
    while outbox.messages(State.WAITING):
        before = len(receiver.received)
        outbox.look()
        times += [outbox.clock()] * (len(receiver.received) - before)
        outbox.clock.go_on(seconds=1)
    assert len(times) == 30
    minute = timedelta(minutes=1)
    assert max(sum(at <= other < at + minute for other in times) for at in times) == 20


def test_what_is_urgent_goes_before_what_has_waited_for_longer(
    outbox: Outbox, receiver: Receiver
) -> None:
    channel = outbox.channel(receiver, ChannelKind.WECOM, secret="", per_minute=20)
    outbox.put(channel, "1", "2")
    outbox.put(channel, "人员求助", urgent=True)
    outbox.look()
    [received] = receiver.received
    assert "人员求助" in received.body.decode()


def test_who_puts_something_in_and_is_slow_holds_nobody_up(
    outbox: Outbox, receiver: Receiver
) -> None:
    channel = outbox.channel(receiver)
    outbox.put(channel, "1")
    message = Outgoing(
        channel_id=channel, kind="x", title="2", text="x", staff_ids=(), not_before=START
    )
    with outbox.database.begin(SYSTEM) as slow:
        enqueue(slow, [message], START)
        outbox.look()
        assert len(receiver.received) == 1
    outbox.look()
    assert len(receiver.received) == 2


def test_a_receiver_that_hangs_holds_up_nobody_else(outbox: Outbox, receiver: Receiver) -> None:
    with receiving() as hanging:
        hanging.answer.clear()
        stuck = outbox.channel(hanging)
        outbox.put(stuck, "1", "2")
        outbox.put(outbox.channel(receiver), "3")
        outbox.look(timeout_s=0.2)
        assert (len(receiver.received), len(hanging.received)) == (1, 1)  # and rests then
        hanging.answer.set()
        first = outbox.messages()[0]
        assert (first.doubtful, first.last_error) == (
            True,
            "the receiver does not answer in time",
        )
        for _ in range(2):
            outbox.clock.go_on(minutes=1)
            outbox.look()
        assert len({*hanging.ids}) == 2
    assert len(outbox.messages(State.SENT)) == 3


def test_a_robot_that_may_have_had_a_message_is_told_so(outbox: Outbox, receiver: Receiver) -> None:
    outbox.put(outbox.channel(receiver, ChannelKind.WECOM, secret=""), "新案件")
    receiver.answer.clear()
    outbox.look(timeout_s=0.2)
    receiver.answer.set()
    outbox.clock.go_on(minutes=1)
    outbox.look()
    first, second = (each.body.decode() for each in receiver.received)
    assert "可能重复" in second
    assert "可能重复" not in first


def test_two_senders_at_once_send_each_message_once(outbox: Outbox, receiver: Receiver) -> None:
    channels = [outbox.channel(receiver) for _ in range(2)]
    for channel in channels:
        outbox.put(channel, *map(str, range(20)))

    async def together() -> None:
        await asyncio.gather(*(outbox.sender().look() for _ in range(3)))

    asyncio.run(together())
    assert len(outbox.messages(State.SENT)) == 40
    assert sorted(receiver.ids) == sorted(each.message_id for each in outbox.messages())


_KILLED = """
import asyncio, sys
from datetime import UTC, datetime
from data.database import Database
from data.outbox import OutboxSender, OutboxSettings
sender = OutboxSender(Database(sys.argv[1]), b"k" * 32, OutboxSettings(timeout_s=30),
    now=lambda: datetime.fromisoformat(sys.argv[2]))
asyncio.run(sender.look())
"""


def test_what_a_killed_sender_was_at_is_sent_again_with_the_same_id_and_nothing_else_is(
    outbox: Outbox, receiver: Receiver
) -> None:
    channel = outbox.channel(receiver)
    outbox.put(channel, "1", "2")
    receiver.answer.clear()
    command = [sys.executable, "-c", _KILLED, outbox.database.whole_url, START.isoformat()]
    sender = subprocess.Popen(command)
    assert receiver.arrived.acquire(timeout=60)
    os.kill(sender.pid, signal.SIGKILL)
    sender.wait()
    receiver.answer.set()
    outbox.look()
    first, second = outbox.messages()
    assert (first.state, second.state) == (State.WAITING, State.SENT)
    assert receiver.ids == [first.message_id, second.message_id]
    outbox.clock.go_on(seconds=60)  # the mark of the killed one is over
    outbox.look()
    outbox.look()
    assert receiver.ids == [first.message_id, second.message_id, first.message_id]
    [first, second] = outbox.messages()
    assert (first.state, first.doubtful, second.doubtful) == (State.SENT, True, False)


def test_one_that_is_left_ends_what_it_is_at_and_begins_nothing_new(
    outbox: Outbox, receiver: Receiver
) -> None:
    outbox.put(outbox.channel(receiver), "1", "2")
    receiver.answer.clear()

    async def leave() -> None:
        async with outbox.sender():
            assert await asyncio.to_thread(receiver.arrived.acquire, timeout=30)
            asyncio.get_running_loop().call_later(0.05, receiver.answer.set)

    asyncio.run(leave())
    states = [(each.state, each.doubtful) for each in outbox.messages()]
    assert states == [(State.SENT, False), (State.WAITING, False)]
    assert len(receiver.received) == 1


def test_it_wakes_up_when_something_is_put_in(outbox: Outbox, receiver: Receiver) -> None:
    channel = outbox.channel(receiver)

    async def put_in() -> None:
        async with outbox.sender():
            await asyncio.to_thread(outbox.put, channel, "新案件")
            assert await asyncio.to_thread(receiver.arrived.acquire, timeout=20)

    asyncio.run(put_in())
    assert len(receiver.received) == 1


def test_a_channel_that_is_switched_off_keeps_its_messages(
    outbox: Outbox, receiver: Receiver
) -> None:
    channel = outbox.channel(receiver, enabled=False)
    outbox.put(channel, "新案件")
    outbox.look()
    assert receiver.received == []
    with outbox.database.begin(SYSTEM) as conn:
        change_channel(conn, Seal(KEY, SEAL_PURPOSE), channel, {"enabled": True})
    outbox.look()
    assert len(receiver.received) == 1


def test_with_another_key_nothing_is_sent_and_the_reason_is_seen(
    outbox: Outbox, receiver: Receiver
) -> None:
    outbox.put(outbox.channel(receiver), "新案件")
    other = OutboxSender(outbox.database, b"x" * 32, OutboxSettings(), now=outbox.clock)
    asyncio.run(other.look())
    [message] = outbox.messages()
    assert (message.state, message.attempts) == (State.WAITING, 0)
    assert "secret.key" in (message.last_error or "")
    outbox.clock.go_on(minutes=10)
    outbox.look()
    assert len(receiver.received) == 1


def test_a_text_goes_to_the_telephone_that_somebody_has_now(
    outbox: Outbox, receiver: Receiver, database: Database
) -> None:
    with database.begin() as conn:
        conn.execute(text("INSERT INTO staff (id, name, phone) VALUES (1, '王', '13800000000')"))
        conn.execute(text("INSERT INTO staff (id, name) VALUES (2, '李')"))
    settings = ChannelSettings(body='{"to":"{phone}","say":"{text}"}')
    channel = outbox.channel(receiver, ChannelKind.SMS, settings=settings)
    with outbox.database.begin(SYSTEM) as conn:
        for person in (1, 2):
            message = Outgoing(
                channel_id=channel,
                kind="x",
                title="x",
                text='说"好"',
                staff_ids=(person,),
                not_before=START,
            )
            enqueue(conn, [message], START)
    with database.begin() as conn:
        conn.execute(text("UPDATE staff SET phone = '13900000000' WHERE id = 1"))
    outbox.look()
    [received] = receiver.received
    assert received.body.decode() == '{"to":"13900000000","say":"说\\"好\\""}'
    assert [each.state for each in outbox.messages()] == [State.SENT, State.GIVEN_UP]


def test_what_has_arrived_goes_after_a_while(outbox: Outbox, receiver: Receiver) -> None:
    outbox.put(outbox.channel(receiver), "新案件")
    outbox.look()
    outbox.clock.go_on(days=31)
    outbox.look()
    assert outbox.messages() == []
