"""Reading PostGIS without blocking the event loop."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from data.database import Database
from data.scope import Viewer

_WAIT_S = 10.0
# A tile's plan depends on its place: a generic plan cannot know how much of a table a tile covers.
_OPTIONS = (
    "-c timezone=UTC -c plan_cache_mode=force_custom_plan -c default_transaction_read_only=on"
)
_VIEWER = "SELECT set_config('wangge.viewer', %s, true)"


class Reader:
    """A few asynchronous connections for single statements."""

    def __init__(self, database: Database, *, connections: int) -> None:
        self._pool = AsyncConnectionPool(
            make_conninfo(database.conninfo, options=_OPTIONS, application_name="wangge tiles"),
            kwargs={"autocommit": True},
            min_size=1,
            max_size=connections,
            timeout=_WAIT_S,
            open=False,
        )

    async def open(self) -> None:
        await self._pool.open(wait=True)

    async def close(self) -> None:
        await self._pool.close()

    async def rows(
        self,
        statement: str,
        parameters: Mapping[str, Any] | None = None,
        viewer: Viewer | None = None,
    ) -> list[tuple[Any, ...]]:
        """What `statement`, of a `.sql` file, answers, with the rows that `viewer` sees where there is
        row-level security; without one, none of those.

        Raises psycopg.OperationalError while the database is away, and its subclass PoolTimeout when
        every connection stays busy.
        """
        try:
            return await self._rows(statement, parameters, viewer)
        except PoolTimeout:
            raise
        except psycopg.OperationalError:
            # The database was restarted, perhaps: replace what connections it left dead.
            await self._pool.check()
            return await self._rows(statement, parameters, viewer)

    async def _rows(
        self, statement: str, parameters: Mapping[str, Any] | None, viewer: Viewer | None
    ) -> list[tuple[Any, ...]]:
        async with self._pool.connection() as conn:
            # Binary, or a tile would come as text of twice its length.
            cursor = conn.cursor(binary=True)
            if viewer is None:
                await cursor.execute(statement, parameters, prepare=True)
                return await cursor.fetchall()
            async with conn.transaction():
                await cursor.execute(_VIEWER, (viewer.to_setting(),))
                await cursor.execute(statement, parameters, prepare=True)
                return await cursor.fetchall()
