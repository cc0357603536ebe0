"""How somebody wants to be told: through which channels of what, and when not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from types import MappingProxyType

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from data.outbox import OpenChannel, open_channels
from data.schema import notice_preferences
from gis.errors import InvalidInput
from gis.local_time import Window
from patrol.notices.kinds import NoticeKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Preferences:
    """`channels` has the ids of the channels of each kind that somebody has chosen about; none of
    them is: in the app only. What they have not chosen about goes where the channels say."""

    channels: Mapping[NoticeKind, Sequence[int]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    quiet: Window | None = None

    def wants(self, kind: NoticeKind, channel: OpenChannel) -> bool:
        chosen = self.channels.get(kind)
        return kind in channel.notices if chosen is None else channel.id in chosen


def read_preferences(conn: Connection, staff_id: int) -> Preferences:
    query = select(notice_preferences).where(notice_preferences.c.staff_id == staff_id)
    row = conn.execute(query).one_or_none()
    if row is None:
        return Preferences()
    return preferences_of(row.channels, quiet_window(row.quiet_from, row.quiet_until))


def preferences_of(
    channels: Mapping[str, Sequence[int]] | None, quiet: Window | None
) -> Preferences:
    """As they are stored; a kind that is none any more means nothing."""
    known = {*NoticeKind}
    return Preferences(
        channels={
            NoticeKind(kind): tuple(ids) for kind, ids in (channels or {}).items() if kind in known
        },
        quiet=quiet,
    )


def quiet_window(begins: time | None, ends: time | None) -> Window | None:
    return None if begins is None or ends is None else Window(begins=begins, ends=ends)


def save_preferences(conn: Connection, staff_id: int, wanted: Preferences) -> None:
    """In place of those that were there. Raises InvalidInput for a channel that is not there."""
    there = {channel.id for channel in open_channels(conn)}
    for ids in wanted.channels.values():
        for channel_id in ids:
            if channel_id not in there:
                raise InvalidInput(
                    f"There is no channel {channel_id}; GET /notices/preferences lists those there are.",
                    field="channels",
                )
    if wanted.quiet is not None and wanted.quiet.begins == wanted.quiet.ends:
        raise InvalidInput("Quiet hours end at another time than they begin.", field="quiet")
    values = {
        "channels": {kind.value: sorted({*ids}) for kind, ids in wanted.channels.items()},
        "quiet_from": None if wanted.quiet is None else wanted.quiet.begins,
        "quiet_until": None if wanted.quiet is None else wanted.quiet.ends,
    }
    new = insert(notice_preferences).values(staff_id=staff_id, **values)
    conn.execute(
        new.on_conflict_do_update(index_elements=[notice_preferences.c.staff_id], set_=values)
    )
