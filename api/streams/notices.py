"""One's own notices, as they come."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from anyio import to_thread

from api.access import Caller
from api.notice_answers import NoticeAnswer
from api.streams.stream import Bell, Event, Topic
from data.database import Database
from patrol.notices.listing import ListedNotice, count_unread, last_number, notices_after
from patrol.notices.live import LiveNotices, Waiting

_AT_ONCE = 100


@asynccontextmanager
async def notices_topic(
    live: LiveNotices, database: Database, caller: Caller, bell: Bell, *, after: int | None
) -> AsyncIterator[Topic]:
    """After the number `after`; None begins with what comes next, and so does a number that this
    database has not come to. An account that belongs to nobody on the staff is told nothing."""
    with live.waiting(caller.staff_id, wake=bell.ring) as waiting:
        topic = _Notices(waiting, database, caller)
        await to_thread.run_sync(topic.begin, after)
        yield topic


class _Notices:
    def __init__(self, waiting: Waiting, database: Database, caller: Caller) -> None:
        self.number = 0
        self._waiting = waiting
        self._database = database
        self._caller = caller

    def begin(self, after: int | None) -> None:
        if (staff_id := self._caller.staff_id) is not None:
            with self._database.begin(self._caller.viewer) as conn:
                last = last_number(conn, staff_id)
            self.number = last if after is None else min(after, last)

    async def news(self) -> Sequence[Event]:
        if not self._waiting.take():
            return []
        new, unread = await to_thread.run_sync(self._read)
        if len(new) == _AT_ONCE:
            self._waiting.tell()
        if not new:
            return []
        assert new[-1].seq is not None
        self.number = new[-1].seq
        items = b",".join(NoticeAnswer.of(each).model_dump_json().encode() for each in new)
        return [Event("notices", b'{"items":[%b],"unread":%d}' % (items, unread))]

    def _read(self) -> tuple[list[ListedNotice], int]:
        staff_id = self._caller.staff_id
        if staff_id is None:
            return [], 0
        with self._database.begin(self._caller.viewer) as conn:
            new = notices_after(conn, staff_id, self.number, count=_AT_ONCE)
            return new, count_unread(conn, staff_id) if new else 0
