"""The queue of messages: putting in, taking one out, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, insert, text

from data.outbox.backoff import Patience
from data.outbox.channels import load_channel
from data.outbox.message import (
    Channel,
    ChannelKind,
    GiveUp,
    Message,
    Outcome,
    Sent,
    TryAgain,
)
from data.schema import outbox
from data.sealing import Seal
from data.sql import load_sql

_SQL = load_sql("data.outbox", "outbox.sql")

CLAIM = timedelta(seconds=60)
"""So long a sender may be at a message before another one takes it for dead."""

_REST_S = 10.0
"""A channel rests for so long after an attempt that failed: who is away is not asked once for every
message."""

_CANNOT = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """A message to be sent through a channel at `not_before` or later; what is `urgent` goes first.
    `kind` is a word for programs; `data` goes to webhooks, as JSON. No name or number of anybody may be
    in it: the telephone numbers of `staff_ids` are looked up when it is sent."""

    channel_id: int
    kind: str
    title: str
    text: str
    staff_ids: tuple[int, ...]
    not_before: datetime
    urgent: bool = False
    data: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A message that somebody is sending, until `until`; `attempts` counts this one."""

    outbox_id: int
    attempts: int
    tried_since: datetime
    until: datetime
    channel: Channel
    message: Message


def enqueue(conn: Connection, messages: Sequence[Outgoing], now: datetime) -> None:
    """Put them in, with whatever else the transaction does; the sender wakes up at its end."""
    if not messages:
        return
    conn.execute(
        insert(outbox).inline(),  # whoever puts it in may not look at it
        [
            {
                "channel_id": each.channel_id,
                "kind": each.kind,
                "title": each.title,
                "text": each.text,
                "data": dict(each.data),
                "staff_ids": list(each.staff_ids),
                "urgent": each.urgent,
                "created_at": now,
                "not_before": each.not_before,
                "next_at": each.not_before,
            }
            for each in messages
        ],
    )
    conn.execute(text("SELECT pg_notify('outbox', '')"))


def due_channels(conn: Connection, now: datetime) -> list[int]:
    return list(conn.scalars(text(_SQL["due_channels"]), {"now": now}))


def claim(conn: Connection, seal: Seal, channel_id: int, now: datetime) -> Claim | None:
    """The next message of the channel, for the caller alone once the transaction is committed; None
    when none is due or the channel is not free. Raises InstallationError."""
    here = {"channel_id": channel_id, "now": now}
    locked = conn.execute(text(_SQL["lock_channel"]), here).one_or_none()
    if locked is None or not locked.is_free:
        return None
    until = now + CLAIM
    row = conn.execute(text(_SQL["claim"]), {**here, "claimed_until": until}).one_or_none()
    if row is None:
        return None
    if locked.per_minute is not None:
        free_at = now + timedelta(seconds=60 / locked.per_minute)
        conn.execute(text(_SQL["pace"]), {"channel_id": channel_id, "free_at": free_at})
    channel = load_channel(conn, seal, channel_id)
    phones: tuple[str, ...] = ()
    if channel.kind is ChannelKind.SMS or channel.settings.with_phones:
        wanted = {"staff_ids": row.staff_ids}
        phones = tuple(conn.scalars(text(_SQL["phones"]), wanted))
    return Claim(
        outbox_id=row.id,
        attempts=row.attempts,
        tried_since=row.tried_since,
        until=until,
        channel=channel,
        message=Message(
            id=row.message_id,
            kind=row.kind,
            title=row.title,
            text=row.text,
            data=row.data,
            staff_ids=tuple(row.staff_ids),
            phones=phones,
            created_at=row.created_at,
            perhaps_again=row.doubtful,
        ),
    )


def settle(
    conn: Connection,
    claimed: Claim,
    outcome: Outcome,
    now: datetime,
    *,
    patience: Patience,
    chance: float,
) -> None:
    """Write down what became of it; the channel rests where it has to."""
    values: dict[str, Any] = {
        "id": claimed.outbox_id,
        "attempts": claimed.attempts,
        "sent_at": None,
        "given_up_at": None,
        "next_at": now,
        "last_error": None,
        "doubtful": False,
    }
    match outcome:
        case Sent():
            values["sent_at"] = now
        case GiveUp(reason=reason):
            values |= {"given_up_at": now, "last_error": reason}
        case TryAgain(reason=reason, after_s=after_s, doubtful=doubtful):
            values |= {"last_error": reason, "doubtful": doubtful}
            if now - claimed.tried_since >= patience.keep_trying:
                days = patience.keep_trying / timedelta(days=1)
                values["given_up_at"] = now
                values["last_error"] = f"tried for {days:g} days: {reason}"
            wait_s = max(after_s or 0.0, patience.wait_s(claimed.attempts, chance))
            values["next_at"] = now + timedelta(seconds=wait_s)
            rest_s = after_s or min(_REST_S, wait_s)
            rests = {
                "channel_id": claimed.channel.id,
                "free_at": now + timedelta(seconds=rest_s),
            }
            conn.execute(text(_SQL["rest"]), rests)
    conn.execute(text(_SQL["settle"]), values)


def next_due(conn: Connection) -> datetime | None:
    """When something is to be sent next; None while there is nothing."""
    due: datetime | None = conn.scalar(text(_SQL["next_due"]))
    return due


def tidy(conn: Connection, before: datetime) -> None:
    """Drop what had arrived by then."""
    conn.execute(text(_SQL["tidy"]), {"before": before})


def put_off(conn: Connection, channel_id: int, reason: str, now: datetime) -> None:
    """What is due through a channel that cannot be opened waits until somebody has put that right."""
    next_at = now + _CANNOT
    values = {"channel_id": channel_id, "reason": reason, "now": now, "next_at": next_at}
    conn.execute(text(_SQL["put_off"]), values)
