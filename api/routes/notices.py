"""Notices: what one is told, as a list and as a stream, and how one wants to be told."""

import time as clock
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, time
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, IdentityDep, address_of, caller_of
from api.accounts.pending import require_nothing_pending
from api.context import Services, ServicesDep
from api.cursors import read_key_cursor, write_key_cursor
from api.standing import Standing
from data.outbox import ChannelKind, OpenChannel, open_channels
from gis.errors import Conflict, InvalidInput
from gis.local_time import Window
from patrol.notices.kinds import SAYINGS, NoticeKind
from patrol.notices.listing import (
    ListedNotice,
    count_unread,
    last_number,
    list_notices,
    notices_after,
    read_notice,
    read_up_to,
)
from patrol.notices.preferences import Preferences, read_preferences, save_preferences

router = APIRouter(prefix="/notices", tags=["notices"])

HEARTBEAT_S = 15.0
LONGEST_STREAM_S = 900.0
"""Then whoever listens comes again with the number they have."""

_LONGEST_NUMBER = 19  # digits
_AT_ONCE = 100


async def whoever(request: Request, identity: IdentityDep) -> Caller:
    """Whoever is signed in, and through with what they must do first."""
    require_nothing_pending(identity.pending)
    return caller_of(identity, address_of(request))


Me = Annotated[Caller, Depends(whoever)]
NoticeId = Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)]


class Words(BaseModel):
    """In both languages of the interface."""

    zh: str
    en: str


class NoticeAnswer(BaseModel):
    """`case` or `alert` is what it is about. `urgent` passes through quiet hours."""

    id: int
    kind: NoticeKind
    urgent: bool
    title: Words
    text: Words
    case: int | None
    alert: int | None
    created_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, notice: ListedNotice) -> "NoticeAnswer":
        return cls(
            id=notice.id,
            kind=notice.kind,
            urgent=notice.urgent,
            title=Words(zh=notice.zh.title, en=notice.en.title),
            text=Words(zh=notice.zh.text, en=notice.en.text),
            case=notice.case_id,
            alert=notice.alert_id,
            created_at=notice.created_at,
            read_at=notice.read_at,
        )


class NoticePage(BaseModel):
    """`next` is the cursor of the next page, null on the last; `unread` counts all there are. From `seq`
    the stream goes on: pass it as `after`."""

    items: list[NoticeAnswer]
    next: str | None
    unread: int
    seq: int


class UnreadAnswer(BaseModel):
    unread: int


class ReadUpTo(BaseModel):
    model_config = ConfigDict(extra="forbid")

    up_to: Annotated[int, Field(ge=1, lt=2**63, description="The id of the last one.")]


_Clock = Annotated[
    str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["22:00"], description="HH:MM")
]


class QuietHours(BaseModel):
    """Times of the clock on the wall; hours that end earlier than they begin end the next day."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: Annotated[_Clock, Field(alias="from")]
    to: _Clock


_ChannelIds = Annotated[list[Annotated[int, Field(ge=1, lt=2**63)]], Field(max_length=50)]


class NewPreferences(BaseModel):
    """`channels`: for each kind one chooses about, the ids of the channels it goes through besides the
    app, none for the app alone. A kind that is left out goes where the administrator lets it go."""

    model_config = ConfigDict(extra="forbid")

    channels: dict[NoticeKind, _ChannelIds] = Field(default_factory=dict)
    quiet: QuietHours | None = None


class ChannelChoice(BaseModel):
    id: int
    name: str
    kind: ChannelKind


class KindChoice(BaseModel):
    """`channels` are the ids of those it goes through now, `usual` of those without a choice."""

    kind: NoticeKind
    title: Words
    urgent: bool
    channels: list[int]
    usual: list[int]


class PreferencesAnswer(BaseModel):
    """What one has chosen, and what there is to choose from."""

    channels: dict[NoticeKind, list[int]]
    quiet: QuietHours | None
    kinds: list[KindChoice]
    available: list[ChannelChoice]


@router.get("", summary="One's own notices, the newest first")
def list_own_notices(
    me: Me,
    services: ServicesDep,
    unread: Annotated[bool, Query(description="Only those that one has not read.")] = False,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> NoticePage:
    """An account that belongs to nobody on the staff has none."""
    before = None if cursor is None else _id_of(cursor)
    if me.staff_id is None:
        return NoticePage(items=[], next=None, unread=0, seq=0)
    with services.database.begin(me.viewer) as conn:
        seq = last_number(
            conn, me.staff_id
        )  # first: what is numbered later is in the list or comes
        found = list_notices(conn, me.staff_id, unread=unread, before=before, count=limit + 1)
        count = count_unread(conn, me.staff_id)
    page = found[:limit]
    return NoticePage(
        items=[NoticeAnswer.of(notice) for notice in page],
        next=write_key_cursor(page[-1].id) if len(found) > limit else None,
        unread=count,
        seq=seq,
    )


@router.get(
    "/stream",
    summary="One's own notices, as they come",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def stream_notices(
    request: Request,
    me: Me,
    services: ServicesDep,
    after: Annotated[int | None, Query(ge=0, description="`seq` of the list one has.")] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Server-Sent Events `notices`: `{"items": [as GET /notices has them], "unread"}`. The event's id is
    its number: whoever comes back with `Last-Event-ID` misses nothing. Without that or `after` it begins
    with what comes next. One that was in the list already may come once more; it has the same id.
    """
    if last_event_id is not None:
        if not last_event_id.isdecimal() or len(last_event_id) > _LONGEST_NUMBER:
            raise InvalidInput("Last-Event-ID is the id of an event of this stream.")
        after = min(int(last_event_id), 2**63 - 1)
    standing = Standing(request, me, services.identities)
    return StreamingResponse(
        _events(services, me, standing, after),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # or nginx holds events back
    )


async def _events(
    services: Services, me: Caller, standing: Standing, after: int | None
) -> AsyncIterator[bytes]:
    ends_at = clock.monotonic() + LONGEST_STREAM_S
    staff_id = me.staff_id or 0
    with (
        services.notices.waiting(staff_id) as waiting,
        services.identities.watched(by=waiting.wake),
    ):
        seq = await to_thread.run_sync(_start, services, me, after)
        yield b"retry: 2000\n\n"
        while clock.monotonic() < ends_at:
            await waiting.wait(within_s=HEARTBEAT_S)
            if not await standing.holds():
                break  # they come back as whoever they are now, or are turned away
            new, unread = await to_thread.run_sync(_new, services, me, seq)
            if len(new) == _AT_ONCE:
                waiting.wake()
            if new:
                assert new[-1].seq is not None
                seq = new[-1].seq
                yield _event(seq, new, unread)
            else:
                yield b": still here\n\n"


def _start(services: Services, me: Caller, after: int | None) -> int:
    """A number that this database has not come to is of another one."""
    if me.staff_id is None:
        return 0
    with services.database.begin(me.viewer) as conn:
        last = last_number(conn, me.staff_id)
    return last if after is None else min(after, last)


def _new(services: Services, me: Caller, seq: int) -> tuple[list[ListedNotice], int]:
    if me.staff_id is None:
        return [], 0
    with services.database.begin(me.viewer) as conn:
        new = notices_after(conn, me.staff_id, seq, count=_AT_ONCE)
        return new, count_unread(conn, me.staff_id) if new else 0


def _event(seq: int, new: list[ListedNotice], unread: int) -> bytes:
    items = b",".join(NoticeAnswer.of(each).model_dump_json().encode() for each in new)
    data = b'{"items":[%b],"unread":%d}' % (items, unread)
    return b"id: %d\nevent: notices\ndata: %b\n\n" % (seq, data)


@router.post("/{id}/read", summary="Say that one has read a notice")
def mark_notice_as_read(notice_id: NoticeId, me: Me, services: ServicesDep) -> NoticeAnswer:
    with services.database.begin(me.viewer) as conn:
        notice = read_notice(conn, me.staff_id or 0, notice_id, datetime.now(UTC))
    return NoticeAnswer.of(notice)


@router.post("/read", summary="Say that one has read all notices up to one")
def mark_notices_as_read(body: ReadUpTo, me: Me, services: ServicesDep) -> UnreadAnswer:
    """What has come since stays unread; the answer counts it."""
    staff_id = me.staff_id or 0
    with services.database.begin(me.viewer) as conn:
        read_up_to(conn, staff_id, body.up_to, datetime.now(UTC))
        return UnreadAnswer(unread=count_unread(conn, staff_id))


@router.get("/preferences", summary="How one is told")
def show_notice_preferences(me: Me, services: ServicesDep) -> PreferencesAnswer:
    with services.database.begin(me.viewer) as conn:
        return _preferences(read_preferences(conn, me.staff_id or 0), open_channels(conn))


@router.put("/preferences", summary="Choose how one wants to be told")
def choose_notice_preferences(
    body: NewPreferences, me: Me, services: ServicesDep
) -> PreferencesAnswer:
    """In place of what one chose before. In quiet hours nothing is sent until they end, but what is
    urgent; the app has it at once. 409 `nobody_on_the_staff` for an account that is told nothing."""
    if me.staff_id is None:
        raise Conflict(
            "This account belongs to nobody on the staff, and is told nothing.",
            code="nobody_on_the_staff",
        )
    wanted = Preferences(
        channels=body.channels,
        quiet=None
        if body.quiet is None
        else Window(
            begins=time.fromisoformat(body.quiet.from_), ends=time.fromisoformat(body.quiet.to)
        ),
    )
    with services.database.begin(me.viewer) as conn:
        save_preferences(conn, me.staff_id, wanted)
        return _preferences(read_preferences(conn, me.staff_id), open_channels(conn))


def _preferences(chosen: Preferences, there: Sequence[OpenChannel]) -> PreferencesAnswer:
    return PreferencesAnswer(
        channels={kind: list(ids) for kind, ids in chosen.channels.items()},
        quiet=None if chosen.quiet is None else QuietHours.model_validate(chosen.quiet.to_json()),
        kinds=[
            KindChoice(
                kind=kind,
                title=Words(zh=SAYINGS[kind]["zh"].title, en=SAYINGS[kind]["en"].title),
                urgent=kind.is_urgent,
                channels=[each.id for each in there if chosen.wants(kind, each)],
                usual=[each.id for each in there if kind in each.notices],
            )
            for kind in NoticeKind
        ],
        available=[ChannelChoice(id=each.id, name=each.name, kind=each.kind) for each in there],
    )


def _id_of(cursor: str) -> int:
    key = read_key_cursor(cursor)
    if not isinstance(key, int):
        raise InvalidInput("This cursor is not one of ours.", field="cursor")
    return key
