"""The outbox as an administrator looks at it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, select, text, update

from data.outbox.message import ChannelKind
from data.schema import channels, outbox
from gis.errors import Conflict, NotFound

_O = outbox.c


class State(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A message and what has become of it. `next_at` is None once that is settled; `doubtful`: it may
    have arrived more often than once, or although it was given up."""

    id: int
    message_id: str
    channel_id: int
    channel: str
    channel_kind: ChannelKind
    kind: str
    title: str
    text: str
    staff_ids: tuple[int, ...]
    state: State
    created_at: datetime
    next_at: datetime | None
    attempts: int
    last_error: str | None
    doubtful: bool
    sent_at: datetime | None
    given_up_at: datetime | None


_MESSAGES = select(
    outbox, channels.c.name.label("channel"), channels.c.kind.label("channel_kind")
).select_from(outbox.join(channels, channels.c.id == _O.channel_id))


def list_messages(
    conn: Connection,
    *,
    state: State | None,
    channel_id: int | None,
    before: int | None,
    count: int,
) -> list[Listed]:
    """The newest first, with ids below `before`."""
    query = _MESSAGES.order_by(_O.id.desc()).limit(count)
    if state is not None:
        query = query.where(_is_in(state))
    if channel_id is not None:
        query = query.where(_O.channel_id == channel_id)
    if before is not None:
        query = query.where(_O.id < before)
    return [_listed(row) for row in conn.execute(query)]


def send_again(conn: Connection, outbox_id: int, now: datetime) -> Listed:
    """Try a message that was given up anew, from now on and for as long as a new one. Raises NotFound,
    and Conflict for one that was not given up or whose channel is gone."""
    row = conn.execute(_MESSAGES.where(_O.id == outbox_id).with_for_update(of=outbox)).one_or_none()
    if row is None:
        raise NotFound(f"There is no message {outbox_id} in the outbox.", field="id")
    if row.given_up_at is None:
        raise Conflict("Only a message that was given up is sent again.", code="not_given_up")
    is_gone = conn.scalar(select(channels.c.removed_at).where(channels.c.id == row.channel_id))
    if is_gone is not None:
        raise Conflict("Its channel was removed; nothing can be sent there.", code="no_channel")
    again = {"given_up_at": None, "tried_since": None, "next_at": now, "last_error": None}
    conn.execute(update(outbox).where(_O.id == outbox_id).values(again))
    conn.execute(text("SELECT pg_notify('outbox', '')"))
    return _listed(conn.execute(_MESSAGES.where(_O.id == outbox_id)).one())


def _is_in(state: State) -> ColumnElement[bool]:
    match state:
        case State.SENT:
            return _O.sent_at.is_not(None)
        case State.GIVEN_UP:
            return _O.given_up_at.is_not(None)
        case State.WAITING:
            return and_(_O.sent_at.is_(None), _O.given_up_at.is_(None))


def _listed(row: Row[*tuple[Any, ...]]) -> Listed:
    state = State.WAITING
    if row.sent_at is not None:
        state = State.SENT
    elif row.given_up_at is not None:
        state = State.GIVEN_UP
    return Listed(
        id=row.id,
        message_id=row.message_id,
        channel_id=row.channel_id,
        channel=row.channel,
        channel_kind=ChannelKind(row.channel_kind),
        kind=row.kind,
        title=row.title,
        text=row.text,
        staff_ids=tuple(row.staff_ids),
        state=state,
        created_at=row.created_at,
        next_at=row.next_at if state is State.WAITING else None,
        attempts=row.attempts,
        last_error=row.last_error,
        doubtful=row.doubtful,
        sent_at=row.sent_at,
        given_up_at=row.given_up_at,
    )
