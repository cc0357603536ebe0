"""Channels as they are kept: what is secret of them is encrypted with the installation's key."""

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, func, insert, select, update

from data.outbox import sms, webhook
from data.outbox.message import Channel, ChannelKind, ChannelSettings
from data.schema import channels, outbox
from data.sealing import Seal
from gis.errors import InvalidInput, NotFound

SEAL_PURPOSE = "channels"

PER_MINUTE: Mapping[ChannelKind, int] = MappingProxyType(
    {ChannelKind.WECOM: 20, ChannelKind.DINGTALK: 20, ChannelKind.FEISHU: 60}
)
"""What the vendors allow a robot, and for Feishu less: 100 a minute, and 5 a second."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelDraft:
    """A channel as somebody wants it. `notices` are the kinds that go there for whoever has not chosen
    otherwise; `per_minute` is how many it takes, None: as many as there are."""

    name: str
    kind: ChannelKind
    url: str = field(repr=False)
    secret: str = field(repr=False)
    settings: ChannelSettings
    language: str
    notices: tuple[str, ...]
    per_minute: int | None
    enabled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedChannel:
    """A channel as it may be shown: of its address the host."""

    id: int
    name: str
    kind: ChannelKind
    host: str
    settings: ChannelSettings
    language: str
    notices: tuple[str, ...]
    per_minute: int | None
    enabled: bool
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenChannel:
    """A channel that messages can be put in for."""

    id: int
    kind: ChannelKind
    name: str
    language: str
    notices: frozenset[str]


def list_channels(conn: Connection) -> list[ListedChannel]:
    query = select(channels).where(channels.c.removed_at.is_(None)).order_by(channels.c.id)
    return [_listed(row) for row in conn.execute(query)]


def open_channels(conn: Connection) -> list[OpenChannel]:
    """Those that are not removed; what is put in for one that is switched off waits."""
    c = channels.c
    query = select(c.id, c.kind, c.name, c.language, c.notices).where(c.removed_at.is_(None))
    return [
        OpenChannel(
            id=row.id,
            kind=ChannelKind(row.kind),
            name=row.name,
            language=row.language,
            notices=frozenset(row.notices),
        )
        for row in conn.execute(query.order_by(c.id))
    ]


def find_channel(conn: Connection, channel_id: int) -> ListedChannel:
    """Raises NotFound."""
    return _listed(_row(conn, channel_id))


def load_channel(conn: Connection, seal: Seal, channel_id: int) -> Channel:
    """With its secrets. Raises NotFound, and InstallationError where they cannot be decrypted."""
    row = _row(conn, channel_id)
    url, secret = _opened(row, seal)
    return Channel(
        id=row.id,
        kind=ChannelKind(row.kind),
        url=url,
        secret=secret,
        settings=ChannelSettings.model_validate(row.settings),
    )


def add_channel(conn: Connection, seal: Seal, draft: ChannelDraft) -> ListedChannel:
    """Raises InvalidInput."""
    values = {**_values(draft), "kind": draft.kind.value, "sealed": b""}
    channel_id = conn.execute(insert(channels).values(values).returning(channels.c.id)).scalar_one()
    _seal(conn, seal, channel_id, draft)
    return find_channel(conn, channel_id)


def change_channel(
    conn: Connection, seal: Seal, channel_id: int, changes: Mapping[str, Any]
) -> ListedChannel:
    """`changes` are attributes of a ChannelDraft, but for its kind. Raises NotFound, InvalidInput."""
    row = _row(conn, channel_id)
    known = _listed(row)
    url, secret = changes.get("url"), changes.get("secret")
    if url is None or secret is None:
        # Where the old ones cannot be read any more both have to be entered anew.
        old_url, old_secret = _opened(row, seal)
        url = old_url if url is None else url
        secret = old_secret if secret is None else secret
    draft = ChannelDraft(
        name=known.name,
        kind=known.kind,
        url=url,
        secret=secret,
        settings=known.settings,
        language=known.language,
        notices=known.notices,
        per_minute=known.per_minute,
        enabled=known.enabled,
    )
    draft = replace(draft, **{**changes, "url": url, "secret": secret})
    conn.execute(update(channels).where(channels.c.id == channel_id).values(_values(draft)))
    _seal(conn, seal, channel_id, draft)
    return find_channel(conn, channel_id)


def remove_channel(conn: Connection, channel_id: int, now: datetime) -> ListedChannel:
    """What still waits for it is given up. Raises NotFound."""
    known = find_channel(conn, channel_id)
    conn.execute(
        update(channels).where(channels.c.id == channel_id).values(removed_at=now, sealed=b"")
    )
    conn.execute(
        update(outbox)
        .where(
            outbox.c.channel_id == channel_id,
            outbox.c.sent_at.is_(None),
            outbox.c.given_up_at.is_(None),
        )
        .values(given_up_at=now, last_error="the channel was removed", claimed_until=None)
    )
    return known


def address_to_host(url: str) -> str:
    """`https://host:port`. Raises InvalidInput for an address that nothing is sent to: https anywhere,
    http only to this machine or to a private address, and nothing with a password in it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if parts.scheme not in ("http", "https") or not host or not url.isprintable() or " " in url:
        raise InvalidInput("Write the whole address: https://host/path.", field="url")
    if parts.username is not None or "{" in host:
        raise InvalidInput(
            "The host stands alone in an address; a password belongs into a header.", field="url"
        )
    near = host == "localhost"
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
            raise InvalidInput("Nothing is sent to this address.", field="url")
        near = ip.is_loopback or ip.is_private
    if parts.scheme == "http" and not near:
        raise InvalidInput(
            "Without https a message can be read on its way; http is for this machine and for private "
            "addresses such as http://10.0.0.7/.",
            field="url",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{'' if port is None else f':{port}'}"


def _values(draft: ChannelDraft) -> dict[str, Any]:
    host = address_to_host(draft.url)
    probe = Channel(
        id=0, kind=draft.kind, url=draft.url, secret=draft.secret, settings=draft.settings
    )
    if draft.kind is ChannelKind.WEBHOOK:
        webhook.secret_to_key(draft.secret)
    if draft.kind is ChannelKind.SMS:
        sms.require_template(probe)
    return {
        "name": draft.name,
        "host": host,
        "settings": draft.settings.model_dump(mode="json"),
        "language": draft.language,
        "notices": list(draft.notices),
        "per_minute": draft.per_minute,
        "enabled": draft.enabled,
    }


def _seal(conn: Connection, seal: Seal, channel_id: int, draft: ChannelDraft) -> None:
    plain = json.dumps({"url": draft.url, "secret": draft.secret}).encode()
    sealed = seal.seal(plain, owner=_owner(channel_id))
    conn.execute(update(channels).where(channels.c.id == channel_id).values(sealed=sealed))


def _opened(row: Row[*tuple[Any, ...]], seal: Seal) -> tuple[str, str]:
    plain = json.loads(seal.open(row.sealed, owner=_owner(row.id)))
    return plain["url"], plain["secret"]


def _owner(channel_id: int) -> str:
    return f"channel {channel_id}"


def _row(conn: Connection, channel_id: int) -> Row[*tuple[Any, ...]]:
    query = select(channels).where(channels.c.id == channel_id, channels.c.removed_at.is_(None))
    row = conn.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no channel {channel_id}.", field="id")
    return row


def _listed(row: Row[*tuple[Any, ...]]) -> ListedChannel:
    return ListedChannel(
        id=row.id,
        name=row.name,
        kind=ChannelKind(row.kind),
        host=row.host,
        settings=ChannelSettings.model_validate(row.settings),
        language=row.language,
        notices=tuple(row.notices),
        per_minute=row.per_minute,
        enabled=row.enabled,
        created_at=row.created_at,
    )


def count_waiting(conn: Connection, channel_ids: Sequence[int]) -> Mapping[int, int]:
    """How many messages wait for each."""
    o = outbox.c
    query = (
        select(o.channel_id, func.count().label("waiting"))
        .where(o.channel_id.in_(channel_ids), o.sent_at.is_(None), o.given_up_at.is_(None))
        .group_by(o.channel_id)
    )
    return {row.channel_id: row.waiting for row in conn.execute(query)}
