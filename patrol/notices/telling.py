"""Telling people, in the transaction of what they are told of."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from data.outbox import OpenChannel, Outgoing, enqueue, open_channels
from patrol.notices.notice import Notice, text_of
from patrol.notices.preferences import Preferences, preferences_of, quiet_window
from patrol.notices.quiet import deliver_at

# Whoever waits is woken by the commit, once, however many there are.
_TELL = text(
    "SELECT told.*, pg_notify('notices', '') FROM tell_notices(CAST(:told AS jsonb)) AS told"
)

Heard = tuple[Notice, Preferences, bool]
"""A notice that is new, what its person has chosen, and whether they have a telephone number."""


def tell(conn: Connection, notices: Iterable[Notice], now: datetime) -> int:
    """Write the notices down, and put messages about them into the outbox as their people have chosen.
    Whom has been told of a fact before is not told again. Returns how many are new.

    Everything is committed or rolled back with the rest of the transaction, which may be anybody's.
    """
    told = {(notice.staff_id, notice.key): notice for notice in notices}
    if not told:
        return 0
    rows = conn.execute(_TELL, {"told": json.dumps([_values(each, now) for each in told.values()])})
    heard: list[Heard] = [
        (
            told[row.staff_id, row.key],
            preferences_of(row.channels, quiet_window(row.quiet_from, row.quiet_until)),
            row.has_phone,
        )
        for row in rows
    ]
    if heard:
        enqueue(conn, messages_about(heard, open_channels(conn), now), now)
    return len(heard)


def messages_about(
    heard: Sequence[Heard], channels: Sequence[OpenChannel], now: datetime
) -> list[Outgoing]:
    """One message for each channel, fact and instant, whomever it is for: a group hears of a fact once.
    Where a channel reaches people one by one, each has their own."""
    together: dict[tuple[object, ...], list[tuple[OpenChannel, Notice, datetime]]] = {}
    for notice, preferences, has_phone in heard:
        not_before = deliver_at(now, preferences.quiet, urgent=notice.urgent)
        for channel in channels:
            if not preferences.wants(notice.kind, channel):
                continue
            if channel.kind.is_personal and not has_phone:
                continue
            who = notice.staff_id if channel.kind.is_personal else None
            key = (channel.id, notice.key, notice.kind, not_before, who)
            together.setdefault(key, []).append((channel, notice, not_before))
    return [_message(several) for several in together.values()]


def _message(several: Sequence[tuple[OpenChannel, Notice, datetime]]) -> Outgoing:
    channel, notice, not_before = several[0]
    said = text_of(notice.kind, notice.words, channel.language)
    about = {"case": notice.case_id, "alert": notice.alert_id, "urgent": notice.urgent}
    return Outgoing(
        channel_id=channel.id,
        kind=f"notice.{notice.kind}",
        title=said.title,
        text=said.text,
        staff_ids=tuple(sorted({each.staff_id for _, each, _ in several})),
        not_before=not_before,
        urgent=notice.urgent,
        data={name: value for name, value in about.items() if value is not None},
    )


def _values(notice: Notice, now: datetime) -> dict[str, object]:
    return {
        "staff_id": notice.staff_id,
        "kind": notice.kind.value,
        "key": notice.key,
        "urgent": notice.urgent,
        "case_id": notice.case_id,
        "alert_id": notice.alert_id,
        "words": dict(notice.words),
        "at": now.isoformat(),
    }
