"""Channels: robots, webhooks and gateways that messages leave through. For administrators."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from api.access import Caller, Permission, requires
from api.context import Services, ServicesDep
from data.audit import record
from data.outbox.channels import (
    PER_MINUTE,
    ChannelDraft,
    ListedChannel,
    add_channel,
    change_channel,
    count_waiting,
    find_channel,
    list_channels,
    load_channel,
    remove_channel,
)
from data.outbox.message import Channel, ChannelKind, ChannelSettings, Message, Sent
from data.outbox.post import Post
from data.schema import staff
from gis.errors import InvalidInput
from patrol.cases.report import read_text
from patrol.notices.kinds import NoticeKind

router = APIRouter(prefix="/channels", tags=["notices"])

MayManage = Annotated[Caller, requires(Permission.ADMINISTER)]
ChannelId = Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)]

_Address = Annotated[
    str, Field(min_length=1, max_length=2000, description="Write-only: it may hold a key.")
]
_Secret = Annotated[str, Field(max_length=500, description="Write-only.")]
_PerMinute = Annotated[int, Field(ge=1, le=6000)]
_NAME_LIMIT = 100


class ChannelAnswer(BaseModel):
    """Of the address only the `host` is shown, and of the secret nothing. `notices` are the kinds that
    go there for whoever has not chosen otherwise; `waiting` counts what has not arrived."""

    id: int
    name: str
    kind: ChannelKind
    host: str
    settings: ChannelSettings
    language: Literal["zh", "en"]
    notices: list[NoticeKind]
    per_minute: int | None
    enabled: bool
    waiting: int
    created_at: datetime

    @classmethod
    def of(cls, channel: ListedChannel, waiting: int = 0) -> "ChannelAnswer":
        known = {*NoticeKind}
        return cls.model_validate(
            {
                "id": channel.id,
                "name": channel.name,
                "kind": channel.kind,
                "host": channel.host,
                "settings": channel.settings,
                "language": channel.language,
                "notices": [kind for kind in channel.notices if kind in known],
                "per_minute": channel.per_minute,
                "enabled": channel.enabled,
                "waiting": waiting,
                "created_at": channel.created_at,
            }
        )


class ChannelList(BaseModel):
    items: list[ChannelAnswer]


class NewChannel(BaseModel):
    """`secret` is `whsec_…` for a webhook, the one for signing of a robot of DingTalk or Feishu if it
    has one, and what stands for `{secret}` in the template of a gateway for SMS. `per_minute` is what
    the receiver takes; without it what the vendors of robots allow."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(examples=["城东网格群"])]
    kind: ChannelKind
    url: _Address
    secret: _Secret = ""
    settings: ChannelSettings = ChannelSettings()
    language: Literal["zh", "en"] = "zh"
    notices: list[NoticeKind] = Field(default_factory=list)
    per_minute: _PerMinute | None = None
    enabled: bool = True


class ChannelChanges(BaseModel):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    url: _Address | None = None
    secret: _Secret | None = None
    settings: ChannelSettings | None = None
    language: Literal["zh", "en"] | None = None
    notices: list[NoticeKind] | None = None
    per_minute: _PerMinute | None = None
    enabled: bool | None = None


class TestAnswer(BaseModel):
    """`reason` says why it was not sent."""

    sent: bool
    reason: str | None


@router.get("", summary="Where messages leave to")
def list_all_channels(caller: MayManage, services: ServicesDep) -> ChannelList:
    with services.database.begin(caller.viewer) as conn:
        listed = list_channels(conn)
        waiting = count_waiting(conn, [channel.id for channel in listed])
    return ChannelList(
        items=[ChannelAnswer.of(channel, waiting.get(channel.id, 0)) for channel in listed]
    )


@router.post("", status_code=status.HTTP_201_CREATED, summary="Add a channel")
def create_channel(body: NewChannel, caller: MayManage, services: ServicesDep) -> ChannelAnswer:
    """https anywhere; http only to this machine or a private address. Redirects are not followed."""
    draft = ChannelDraft(
        name=_name(body.name),
        kind=body.kind,
        url=body.url,
        secret=body.secret,
        settings=body.settings,
        language=body.language,
        notices=tuple(body.notices),
        per_minute=body.per_minute or PER_MINUTE.get(body.kind),
        enabled=body.enabled,
    )
    with services.database.begin(caller.viewer) as conn:
        channel = add_channel(conn, services.channel_seal, draft)
        details = {"name": channel.name, "kind": channel.kind.value, "host": channel.host}
        record(conn, caller.who, "channel.create", f"channel {channel.id}", details=details)
    return ChannelAnswer.of(channel)


@router.patch("/{id}", summary="Change a channel")
def update_channel(
    channel_id: ChannelId, body: ChannelChanges, caller: MayManage, services: ServicesDep
) -> ChannelAnswer:
    """What waits goes to the new address. A channel that is switched off keeps what waits."""
    changes: dict[str, Any] = {
        name: getattr(body, name)
        for name in body.model_fields_set
        if getattr(body, name) is not None
    }
    if "name" in changes:
        changes["name"] = _name(changes["name"])
    if "notices" in changes:
        changes["notices"] = tuple(changes["notices"])
    with services.database.begin(caller.viewer) as conn:
        channel = change_channel(conn, services.channel_seal, channel_id, changes)
        details = {"changed": sorted(changes), "host": channel.host}
        record(conn, caller.who, "channel.change", f"channel {channel_id}", details=details)
        waiting = count_waiting(conn, [channel_id])
    return ChannelAnswer.of(channel, waiting.get(channel_id, 0))


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, summary="Remove a channel")
def delete_channel(channel_id: ChannelId, caller: MayManage, services: ServicesDep) -> None:
    """What still waits for it is given up."""
    with services.database.begin(caller.viewer) as conn:
        channel = remove_channel(conn, channel_id, datetime.now(UTC))
        details = {"name": channel.name}
        record(conn, caller.who, "channel.remove", f"channel {channel_id}", details=details)


@router.post("/{id}/test", summary="Send a message to try a channel")
async def try_channel(
    channel_id: ChannelId, caller: MayManage, services: ServicesDep
) -> TestAnswer:
    """At once and not through the outbox; an SMS goes to one's own telephone. The answer says whether
    the receiver has taken it."""
    channel, message = await to_thread.run_sync(_test_message, services, caller, channel_id)
    async with Post(
        timeout_s=services.settings.outbox.timeout_s, proxy=services.settings.outbox.proxy
    ) as post:
        outcome = await post.send(channel, message, datetime.now(UTC))
    if isinstance(outcome, Sent):
        return TestAnswer(sent=True, reason=None)
    return TestAnswer(sent=False, reason=outcome.reason)


def _test_message(services: Services, caller: Caller, channel_id: int) -> tuple[Channel, Message]:
    now = datetime.now(UTC)
    with services.database.begin(caller.viewer) as conn:
        language = find_channel(conn, channel_id).language
        channel = load_channel(conn, services.channel_seal, channel_id)
        phone = conn.scalar(select(staff.c.phone).where(staff.c.id == caller.staff_id))
        record(conn, caller.who, "channel.test", f"channel {channel_id}")
    title, said = (
        ("测试", "这是网格系统发出的测试消息。")
        if language == "zh"
        else ("Test", "This is a test message of Wangge.")
    )
    wants_phone = channel.kind.is_personal or channel.settings.with_phones
    return channel, Message(
        id=f"msg_test_{int(now.timestamp() * 1e6)}",
        kind="test",
        title=title,
        text=said,
        data={},
        staff_ids=() if caller.staff_id is None else (caller.staff_id,),
        phones=(phone,) if phone and wants_phone else (),
        created_at=now,
    )


def _name(text: str) -> str:
    name = read_text(text, field="name", limit=_NAME_LIMIT)
    if name is None:
        raise InvalidInput("Give the channel a name.", field="name")
    return name
