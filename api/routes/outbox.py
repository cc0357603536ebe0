"""The outbox: what has left, what waits and what was given up. For administrators."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.cursors import read_key_cursor, write_key_cursor
from data.audit import record
from data.outbox.listing import Listed, State, list_messages, send_again
from data.outbox.message import ChannelKind
from gis.errors import InvalidInput

router = APIRouter(prefix="/outbox", tags=["notices"])

MayManage = Annotated[Caller, requires(Permission.ADMINISTER)]


class ChannelName(BaseModel):
    id: int
    name: str
    kind: ChannelKind


class MessageAnswer(BaseModel):
    """`message_id` is what receivers know it by. `staff` are the ids of those whom it is for. `next_at`
    is when it is tried again; `doubtful`: an attempt ended without an answer, and may have arrived."""

    id: int
    message_id: str
    channel: ChannelName
    kind: str
    title: str
    text: str
    staff: list[int]
    state: State
    created_at: datetime
    next_at: datetime | None
    attempts: int
    last_error: str | None
    doubtful: bool
    sent_at: datetime | None
    given_up_at: datetime | None

    @classmethod
    def of(cls, message: Listed) -> "MessageAnswer":
        return cls(
            id=message.id,
            message_id=message.message_id,
            channel=ChannelName(
                id=message.channel_id, name=message.channel, kind=message.channel_kind
            ),
            kind=message.kind,
            title=message.title,
            text=message.text,
            staff=list(message.staff_ids),
            state=message.state,
            created_at=message.created_at,
            next_at=message.next_at,
            attempts=message.attempts,
            last_error=message.last_error,
            doubtful=message.doubtful,
            sent_at=message.sent_at,
            given_up_at=message.given_up_at,
        )


class MessagePage(BaseModel):
    """`next` is the cursor of the next page, null on the last."""

    items: list[MessageAnswer]
    next: str | None


@router.get("", summary="Messages, the newest first")
def list_outbox(
    *,
    caller: MayManage,
    services: ServicesDep,
    state: State | None = None,
    channel: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Its id.")] = None,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> MessagePage:
    """What has arrived is kept for 30 days."""
    before = None if cursor is None else read_key_cursor(cursor)
    if isinstance(before, str):
        raise InvalidInput("This cursor is not one of ours.", field="cursor")
    with services.database.begin(caller.viewer) as conn:
        found = list_messages(conn, state=state, channel_id=channel, before=before, count=limit + 1)
    page = found[:limit]
    return MessagePage(
        items=[MessageAnswer.of(message) for message in page],
        next=write_key_cursor(page[-1].id) if len(found) > limit else None,
    )


@router.post("/{id}/retry", summary="Send a message again that was given up")
def retry_message(
    outbox_id: Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)],
    caller: MayManage,
    services: ServicesDep,
) -> MessageAnswer:
    """From now on, and for as long as a new one. 409 `not_given_up`, or `no_channel` where that was
    removed."""
    with services.database.begin(caller.viewer) as conn:
        message = send_again(conn, outbox_id, datetime.now(UTC))
        record(conn, caller.who, "outbox.retry", f"message {message.message_id}")
    return MessageAnswer.of(message)
