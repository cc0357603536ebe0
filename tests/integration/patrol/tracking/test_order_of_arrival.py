"""Whatever the order, the splits and the repeats in which the same fixes arrive: the same is stored."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text

from data.database import Database
from data.editions import GridIndexes
from data.schema import duty_sessions
from patrol.tracking.fix import Fix
from patrol.tracking.recorder import Recorder

SPEEDS = st.sampled_from([None, None, None, 0.0, 0.7])
SIGHTING = st.tuples(
    st.one_of(st.integers(0, 300), st.integers(0, 3 * 3600)),  # seconds before now
    st.integers(0, 6),  # steps of 20 m
    SPEEDS,
    st.booleans(),
)
numbers = count()


def fixes_of(unit: str, sightings: Sequence[Any], now: datetime) -> list[Fix]:
    return [
        Fix(
            unit=unit,
            at=now - timedelta(seconds=ago),
            lon=118.6,
            lat=34.5 + steps * 20 / 111_195,
            speed_mps=speed,
            sos=sos,
        )
        for ago, steps, speed, sos in sightings
    ]


def stored(database: Database, unit: str) -> tuple[list[Any], list[Any]]:
    columns = "at, lon, lat, speed_mps"
    with database.begin() as conn:
        fixes = conn.execute(
            text(
                f"SELECT {columns} FROM fixes JOIN units ON units.id = unit_id "
                "WHERE code = :code ORDER BY at"
            ),
            {"code": unit},
        ).all()
        positions = conn.execute(
            text(
                f"SELECT {columns}, moved_at, sos_at, interval_s, recent_at FROM positions "
                "JOIN units ON units.id = unit_id WHERE code = :code"
            ),
            {"code": unit},
        ).all()
    return [tuple(row) for row in fixes], [tuple(row) for row in positions]


SESSIONS = st.lists(st.integers(0, 3 * 3600), max_size=8, unique=True).map(
    lambda times: list(zip(*[iter(sorted(times))] * 2, strict=False))
)
"""(ended, began), in seconds before now, not overlapping."""


def add_sessions(database: Database, unit_id: int, sessions: Sequence[Any], now: datetime) -> None:
    with database.begin() as conn:
        for ended, began in sessions:
            conn.execute(
                insert(duty_sessions).values(
                    unit_id=unit_id,
                    began_at=now - timedelta(seconds=began),
                    ended_at=now - timedelta(seconds=ended) if ended else None,
                )
            )


async def deliver(database: Database, parts: Sequence[Sequence[Fix]], now: datetime) -> int:
    async with Recorder(database, GridIndexes(database), now=lambda: now) as recorder:
        receipts = [await recorder.record(part) for part in parts]
    codes = {item.code for receipt in receipts for item in receipt.rejected}
    assert codes <= {"off_duty"}
    return sum(receipt.accepted for receipt in receipts)


@settings(max_examples=60)
@given(
    sightings=st.lists(SIGHTING, min_size=1, max_size=12, unique_by=lambda sighting: sighting[0]),
    sessions=st.one_of(st.just([(0, 10**6)]), SESSIONS),
    data=st.data(),
)
def test_the_set_of_fixes_alone_decides_what_is_stored_and_where_units_are(
    database: Database,
    add_unit: Callable[..., int],
    now: datetime,
    sightings: list[Any],
    sessions: list[Any],
    data: st.DataObject,
) -> None:
    straight, mixed = f"A{next(numbers)}", f"B{next(numbers)}"
    add_sessions(database, add_unit(straight, on_duty=False), sessions, now)
    shuffled_sessions = data.draw(st.permutations(sessions))
    add_sessions(database, add_unit(mixed, on_duty=False), shuffled_sessions, now)
    in_order = fixes_of(straight, sorted(sightings, reverse=True), now)
    repeats = data.draw(st.lists(st.sampled_from(sightings), max_size=5))
    shuffled = fixes_of(mixed, data.draw(st.permutations([*sightings, *repeats])), now)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=5)))
    parts = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]
    on_duty = sum(any(e < ago <= b or e == ago == 0 for e, b in sessions) for ago, *_ in sightings)

    assert asyncio.run(deliver(database, [in_order], now)) == on_duty
    assert asyncio.run(deliver(database, parts, now)) == on_duty
    assert stored(database, mixed) == stored(database, straight)
