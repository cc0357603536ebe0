"""An acknowledged call for help is an alert, whatever else arrives before or after it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from data.database import Database
from data.editions import GridIndexes
from patrol.tracking.fix import Fix
from patrol.tracking.recorder import Recorder
from tests.duty import put_everybody_on_duty

Add = Callable[..., int]
Make = Callable[..., Fix]
numbers = count()


def alerts_of(database: Database, unit: str) -> list[Any]:
    with database.begin() as conn:
        rows = conn.execute(
            text(
                "SELECT begun_at, last_at, ended_at, lon, lat FROM alerts "
                "JOIN units ON units.id = unit_id WHERE code = :code AND NOT withdrawn "
                "ORDER BY begun_at"
            ),
            {"code": unit},
        )
        return [tuple(row) for row in rows]


@pytest.mark.anyio
async def test_a_call_for_help_is_an_alert_when_its_fix_is_acknowledged(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    await recorder.record([fix(sos=True, lon=118.6, lat=34.5)])
    assert alerts_of(database, "GW-001") == [(now, now, None, 118.6, 34.5)]


@pytest.mark.anyio
async def test_a_call_without_a_usable_place_is_one_at_the_last_known_position(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    add_unit("GW-002")
    await recorder.record([fix(at=now - timedelta(minutes=1), lon=118.6, lat=34.5)])
    nowhere = {"sos": True, "lon": 0.0, "lat": 0.0}
    await recorder.record([fix(**nowhere), fix(unit="GW-002", **nowhere)])
    assert alerts_of(database, "GW-001") == [(now, now, None, 118.6, 34.5)]
    assert alerts_of(database, "GW-002") == [(now, now, None, None, None)]


@pytest.mark.anyio
async def test_an_older_call_that_comes_late_is_not_skipped(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    await recorder.record([fix()])
    called = now - timedelta(minutes=10)
    await recorder.record([fix(at=called, sos=True)])
    assert [alert[:3] for alert in alerts_of(database, "GW-001")] == [(called, called, None)]


@pytest.mark.anyio
async def test_a_button_that_is_held_down_is_one_alert(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    for s in range(50, -1, -10):
        await recorder.record([fix(at=now - timedelta(seconds=s), sos=True)])
    [(begun_at, last_at, *_)] = alerts_of(database, "GW-001")
    assert (begun_at, last_at) == (now - timedelta(seconds=50), now)


@pytest.mark.anyio
async def test_sending_again_raises_nothing_new(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make
) -> None:
    add_unit("GW-001")
    await recorder.record([fix(sos=True)])
    with database.begin() as conn:
        seq = conn.scalar(text("SELECT seq FROM alerts"))
    await recorder.record([fix(sos=True)])
    with database.begin() as conn:
        assert conn.scalars(text("SELECT seq FROM alerts")).all() == [seq]


@pytest.mark.anyio
async def test_two_calls_that_turn_out_to_be_one_keep_the_alert_somebody_acted_on(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    early, late = now - timedelta(minutes=20), now
    await recorder.record([fix(at=early, sos=True), fix(at=late, sos=True)])
    with database.begin() as conn:
        conn.execute(text("UPDATE alerts SET acknowledged_at = now() WHERE ended_at IS NULL"))
    await recorder.record([fix(at=now - timedelta(minutes=10), sos=True)])
    with database.begin() as conn:
        rows = conn.execute(
            text("SELECT begun_at, withdrawn, acknowledged_at IS NOT NULL FROM alerts ORDER BY id")
        ).all()
    assert [tuple(row) for row in rows] == [(early, True, False), (early, False, True)]


@settings(max_examples=25)
@given(data=st.data())
def test_calls_do_not_depend_on_the_order_of_arrival(
    database: Database, add_unit: Add, now: datetime, data: st.DataObject
) -> None:
    minutes = data.draw(st.lists(st.integers(0, 120), min_size=1, max_size=10, unique=True))
    shuffled = data.draw(st.permutations(minutes))
    size = data.draw(st.integers(1, 4))
    parts = [shuffled[i : i + size] for i in range(0, len(shuffled), size)]

    def arrive(batches: Sequence[Sequence[int]]) -> list[Any]:
        code = f"S-{next(numbers)}"
        add_unit(code)
        put_everybody_on_duty(database)
        _record(
            database,
            [
                [
                    Fix(
                        unit=code,
                        at=now - timedelta(minutes=ago),
                        lon=118.6 + ago / 1000,
                        lat=34.5,
                        sos=True,
                    )
                    for ago in batch
                ]
                for batch in batches
            ],
            now,
        )
        return alerts_of(database, code)

    assert arrive(parts) == arrive([sorted(minutes, reverse=True)])


def _record(database: Database, batches: Sequence[Sequence[Fix]], now: datetime) -> None:
    async def send() -> None:
        async with Recorder(database, GridIndexes(database), now=lambda: now) as recorder:
            for batch in batches:
                await recorder.record(batch)

    asyncio.run(send())
