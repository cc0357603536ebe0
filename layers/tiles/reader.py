"""Reading PostGIS without blocking the event loop."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from data.database import Database

_WAIT_S = 10.0
# A tile's plan depends on its place: a generic plan cannot know how much of a table a tile covers.
_OPTIONS = (
    "-c timezone=UTC -c plan_cache_mode=force_custom_plan -c default_transaction_read_only=on"
)


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
        self, statement: str, parameters: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """`statement` comes from a `.sql` file. Raises psycopg.OperationalError while the database is
        away, and its subclass PoolTimeout when every connection stays busy."""
        try:
            return await self._rows(statement, parameters)
        except PoolTimeout:
            raise
        except psycopg.OperationalError:
            # The database was restarted, perhaps: replace what connections it left dead.
            await self._pool.check()
            return await self._rows(statement, parameters)

    async def _rows(
        self, statement: str, parameters: Mapping[str, Any] | None
    ) -> list[tuple[Any, ...]]:
        async with self._pool.connection() as conn:
            cursor = await conn.execute(statement, parameters, prepare=True)
            return await cursor.fetchall()
