from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from data.database import Database
from data.editions import GridIndexes
from patrol.tracking.fix import Fix
from patrol.tracking.recorder import Recorder
from tests.duty import put_everybody_on_duty

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """What the recorder's clock says, always."""
    return NOW


@pytest.fixture
async def recorder(database: Database) -> AsyncIterator[Recorder]:
    async with Recorder(database, GridIndexes(database), now=lambda: NOW) as recorder:
        yield recorder


@pytest.fixture
def add_unit(database: Database, add_unit: Callable[..., int]) -> Callable[..., int]:
    """The same, on duty; with `on_duty=False` not."""

    def add(code: str, *, on_duty: bool = True, **columns: Any) -> int:
        unit_id = add_unit(code, **columns)
        if on_duty:
            put_everybody_on_duty(database)
        return unit_id

    return add


@pytest.fixture
def fix() -> Callable[..., Fix]:
    """`fix(at=…, lon=…)`: a good fix of GW-001, but for what is named."""

    def make(**changes: Any) -> Fix:
        return Fix(**{"unit": "GW-001", "at": NOW, "lon": 118.6, "lat": 34.5, **changes})

    return make
