"""Notices: what one is told, and how one wants to be told."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, requires
from api.context import ServicesDep
from api.cursors import read_key_cursor, write_key_cursor
from api.notice_answers import NoticeAnswer, Words
from data.outbox import ChannelKind, OpenChannel, open_channels
from gis.errors import Conflict, InvalidInput
from gis.local_time import Window
from patrol.notices.kinds import NoticeKind
from patrol.notices.listing import (
    count_unread,
    last_number,
    list_notices,
    read_notice,
    read_up_to,
)
from patrol.notices.preferences import Preferences, read_preferences, save_preferences
from patrol.notices.sayings import SAYINGS

router = APIRouter(prefix="/notices", tags=["notices"])

Me = Annotated[Caller, requires()]
NoticeId = Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)]


class NoticePage(BaseModel):
    """`next` is the cursor of the next page, null on the last; `unread` counts all there are. From `seq`
    on goes GET /stream."""

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
