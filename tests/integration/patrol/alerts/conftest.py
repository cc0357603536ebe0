"""A square grid, an area in it, and what is needed to send fixes and to watch them."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import insert, text

from data.database import Database
from data.editions import GridIndexes
from data.schema import areas, duty_sessions, grid_editions, grids
from patrol.alerts.rounds import Rounds
from patrol.alerts.rules import Rules
from patrol.tracking.fix import Fix
from patrol.tracking.presence import Thresholds
from patrol.tracking.recorder import Recorder

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HOME = box(118.60, 34.50, 118.62, 34.52)
YARD = box(118.609, 34.509, 118.611, 34.511)
RULES = Rules(
    left_m=30, left_s=60, returned_s=30, entered_s=20, exited_s=30, still_m=100, still_s=600
)

Minutes = float
Send = Callable[..., None]


class Watched:
    """The database with a recorder and a watch, which look at the same clock."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[Recorder, Rounds]]:
        indexes = GridIndexes(self.database)
        rounds = Rounds(
            await self.database.connect_async(), indexes, rules=RULES, thresholds=Thresholds()
        )
        async with Recorder(self.database, indexes, now=lambda: self.now) as recorder:
            yield recorder, rounds
        await rounds.close()

    async def send(self, batches: Iterable[Sequence[Fix]], *, look: Iterable[bool]) -> None:
        """Record each batch, and look at what is new where told to, and in the end."""
        async with self.running() as (recorder, rounds):
            for batch, looks in zip(batches, look, strict=True):
                receipt = await recorder.record(batch)
                assert receipt.rejected == ()
                if looks:
                    await self.look(rounds)
            await self.look(rounds)

    async def look(self, rounds: Rounds) -> None:
        changed = await rounds.changed_units(0)
        await rounds.look_at_fixes([unit_id for unit_id, _ in changed], self.now)

    def alerts(self, unit: str, *columns: str) -> list[Any]:
        """Those that stand, in their order."""
        names = columns or ("kind", "begun_at", "ended_at", "lon", "lat", "area_id", "details")
        with self.database.begin() as conn:
            rows = conn.execute(
                text(
                    f"SELECT {', '.join(f'alerts.{name}' for name in names)} FROM alerts "
                    "JOIN units ON units.id = unit_id WHERE code = :code AND NOT withdrawn "
                    "ORDER BY alerts.kind, begun_at"
                ),
                {"code": unit},
            )
            return [tuple(row) for row in rows]


@pytest.fixture
def watched(database: Database) -> Watched:
    with database.begin() as conn:
        edition = conn.execute(
            insert(grid_editions)
            .values(name="2026", state="active", content_hash="one square")
            .returning(grid_editions.c.id)
        ).scalar_one()
        conn.execute(
            insert(grids).values(
                edition_id=edition,
                code="E1",
                name="一网格",
                level=1,
                area_m2=1.0,
                geom=f"SRID=4326;{MultiPolygon([HOME]).wkt}",
            )
        )
        conn.execute(
            insert(areas).values(
                name="采石场",
                kind="forbidden",
                geom=f"SRID=4326;{MultiPolygon([YARD]).wkt}",
                valid_from=datetime(2026, 1, 1, tzinfo=UTC),
            )
        )
    return Watched(database)


@pytest.fixture
def add_worker(database: Database, add_unit: Callable[..., int]) -> Callable[..., int]:
    """`add_worker("GW-001", (began_at, ended_at), …)`: at home in the square, with these sessions."""

    def add(code: str, *sessions: tuple[datetime, datetime | None], **columns: Any) -> int:
        unit_id = add_unit(code, **{"grid_code": "E1", **columns})
        with database.begin() as conn:
            for began_at, ended_at in sessions:
                conn.execute(
                    insert(duty_sessions).values(
                        unit_id=unit_id, began_at=began_at, ended_at=ended_at
                    )
                )
        return unit_id

    return add
