"""The sender: takes what is due out of the outbox and sends it.

A message is marked before it is sent, and what became of it is written down after. A sender that is
killed in between leaves the mark: when its time is over another sender takes the message, which may then
arrive a second time (decision 44).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from data.background import Reconnecting
from data.database import Database
from data.outbox import queue
from data.outbox.channels import SEAL_PURPOSE
from data.outbox.message import Outcome, Sent, TryAgain
from data.outbox.post import Post
from data.outbox.queue import Claim
from data.outbox.settings import OutboxSettings
from data.scope import Viewer
from data.sealing import Seal
from gis.errors import InstallationError

_log = structlog.get_logger(__name__)

_LOOK_ANYWAY_S = 30.0
_SHORTEST_REST_S = 0.2
_MOST_IN_A_ROUND = 100
_TIDY_EVERY = timedelta(hours=1)


class OutboxSender(Reconnecting):
    """`async with OutboxSender(…):` sends until it is left, and lets what is under way end then.

    `database` is as the role that answers requests. Channels are served side by side, and each one
    message after the other: a receiver that hangs holds up nobody else's.
    """

    def __init__(
        self,
        database: Database,
        secret_key: bytes,
        settings: OutboxSettings,
        *,
        retry_s: float = 5.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(retry_s=retry_s)
        self._database = database
        self._seal = Seal(secret_key, SEAL_PURPOSE)
        self._settings = settings
        self._now = now
        self._chance = chance
        self._tidy_at = datetime.min.replace(tzinfo=UTC)
        self._wake_up = asyncio.Event()
        self._leaving = False
        self._under_way: asyncio.Task[None] | None = None

    def _coroutines(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return self._listen, self._send

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._leaving = True
        await super().__aexit__(kind, error, traceback)
        if self._under_way is not None:
            with suppress(SQLAlchemyError):
                await self._under_way

    async def _listen(self) -> None:
        async with await self._database.connect_async() as conn:
            await conn.execute("LISTEN outbox")
            self._wake_up.set()
            async for _ in conn.notifies():
                self._wake_up.set()

    async def _send(self) -> None:
        while True:
            self._wake_up.clear()
            # Leaving waits for it: a message that is cut off is one that may arrive twice.
            self._under_way = asyncio.create_task(self.look())
            await asyncio.shield(self._under_way)
            due = await asyncio.to_thread(self._next_due)
            rest_s = _LOOK_ANYWAY_S
            if due is not None:
                rest_s = min(rest_s, max(_SHORTEST_REST_S, (due - self._now()).total_seconds()))
            with suppress(TimeoutError):
                # Not wait_for: before Python 3.12 it swallows a cancellation that comes with it.
                async with asyncio.timeout(rest_s):
                    await self._wake_up.wait()

    async def look(self) -> None:
        """Send what is due now."""
        channel_ids = await asyncio.to_thread(self._due_channels)
        if not channel_ids:
            return
        async with Post(timeout_s=self._settings.timeout_s, proxy=self._settings.proxy) as post:
            served = await asyncio.gather(
                *(self._serve(channel_id, post) for channel_id in channel_ids),
                return_exceptions=True,  # who is served goes on when the database is lost for another
            )
        for failed in served:
            if failed is not None:
                raise failed

    async def _serve(self, channel_id: int, post: Post) -> None:
        for _ in range(_MOST_IN_A_ROUND):
            if self._leaving:
                return
            claimed = await asyncio.to_thread(self._claim, channel_id)
            if claimed is None:
                return
            outcome = await self._attempt(claimed, post)
            await asyncio.to_thread(self._settle, claimed, outcome)
            if not isinstance(outcome, Sent):
                _log.warning(
                    "a message was not sent",
                    message=claimed.message.id,
                    channel=channel_id,
                    attempts=claimed.attempts,
                    reason=outcome.reason,
                )

    async def _attempt(self, claimed: Claim, post: Post) -> Outcome:
        # Whoever was held up for so long that another may have it by the time of the answer leaves it.
        answered_by = self._now() + timedelta(seconds=post.timeout_s)
        if answered_by >= claimed.until:
            return TryAgain(reason="the sender was held up")
        try:
            return await post.send(claimed.channel, claimed.message, self._now())
        except Exception:  # whatever it is, the other messages go on
            _log.exception("a message cannot be sent", message=claimed.message.id)
            return TryAgain(reason="something went wrong inside Wangge; the worker's log says more")

    def _due_channels(self) -> list[int]:
        now = self._now()
        with self._database.begin(Viewer.everything()) as conn:
            if now >= self._tidy_at:
                queue.tidy(conn, now - timedelta(days=self._settings.keep_sent_days))
                self._tidy_at = now + _TIDY_EVERY
            return queue.due_channels(conn, now)

    def _claim(self, channel_id: int) -> Claim | None:
        try:
            with self._database.begin(Viewer.everything()) as conn:
                return queue.claim(conn, self._seal, channel_id, self._now())
        except (InstallationError, ValidationError) as error:
            reason = "its settings cannot be read: enter them anew"
            if isinstance(error, InstallationError):
                reason = error.message
            _log.error("a channel cannot be used", channel=channel_id, reason=reason)
            with self._database.begin(Viewer.everything()) as conn:
                queue.put_off(conn, channel_id, reason, self._now())
            return None

    def _settle(self, claimed: Claim, outcome: Outcome) -> None:
        with self._database.begin(Viewer.everything()) as conn:
            queue.settle(
                conn,
                claimed,
                outcome,
                self._now(),
                patience=self._settings.patience,
                chance=self._chance(),
            )

    def _next_due(self) -> datetime | None:
        with self._database.begin(Viewer.everything()) as conn:
            return queue.next_due(conn)
