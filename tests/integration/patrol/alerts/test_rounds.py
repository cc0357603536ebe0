"""What the watch makes of fixes and of the clock."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from patrol.tracking.fix import Fix
from tests.integration.patrol.alerts.conftest import NOW, Watched

pytestmark = pytest.mark.anyio

Add = Callable[..., int]
BEGAN = NOW - timedelta(hours=2)
INSIDE, OUTSIDE, YARD = (118.605, 34.505), (118.63, 34.505), (118.61, 34.51)


def walk(*places: tuple[float, float], begin: datetime = BEGAN, **values: Any) -> list[Fix]:
    """A fix every 20 seconds."""
    return [
        Fix(
            unit="GW-001",
            at=begin + timedelta(seconds=20 * step),
            lon=lon,
            lat=lat,
            **values,
        )
        for step, (lon, lat) in enumerate(places)
    ]


def seconds(begin: int) -> datetime:
    return BEGAN + timedelta(seconds=begin)


async def test_who_leaves_their_grid_is_told_of_and_who_returns_too(
    watched: Watched, add_worker: Add
) -> None:
    add_worker("GW-001", (BEGAN, None))
    await watched.send([walk(INSIDE, *[OUTSIDE] * 5)], look=[True])
    assert watched.alerts("GW-001", "kind", "begun_at", "ended_at", "late") == [
        ("left_grid", seconds(20), None, True)
    ]
    back = walk(*[INSIDE] * 4, begin=seconds(200))
    await watched.send([back], look=[True])
    assert watched.alerts("GW-001", "begun_at", "ended_at") == [(seconds(20), seconds(200))]


async def test_a_walk_along_the_border_is_no_alert(watched: Watched, add_worker: Add) -> None:
    add_worker("GW-001", (BEGAN, None))
    just_out, just_in, astray = (118.6202, 34.505), (118.6199, 34.505), (118.621, 34.505)
    await watched.send(
        [walk(*[just_in, just_out, astray, just_out] * 7, accuracy_m=12)], look=[True]
    )
    assert watched.alerts("GW-001", "kind") == []


async def test_a_noisy_fix_far_away_is_no_alert(watched: Watched, add_worker: Add) -> None:
    add_worker("GW-001", (BEGAN, None))
    await watched.send([walk(*[OUTSIDE] * 10, accuracy_m=2000)], look=[True])
    assert watched.alerts("GW-001", "kind") == []


async def test_who_enters_an_area_that_is_for_them_is_told_of(
    watched: Watched, add_worker: Add
) -> None:
    add_worker("GW-001", (BEGAN, None))
    await watched.send([walk(INSIDE, YARD, YARD, INSIDE, INSIDE, INSIDE)], look=[True])
    assert watched.alerts("GW-001", "kind", "begun_at", "ended_at") == [
        ("entered_area", seconds(20), seconds(60))
    ]


async def test_an_area_for_others_is_none_of_their_business(
    watched: Watched, add_worker: Add
) -> None:
    with watched.database.begin() as conn:
        conn.execute(text("UPDATE areas SET roles = '{patroller}'"))
    add_worker("GW-001", (BEGAN, None))
    await watched.send([walk(INSIDE, YARD, YARD, YARD)], look=[True])
    assert watched.alerts("GW-001", "kind") == []


async def test_a_low_battery_is_told_of_once_until_it_is_charged(
    watched: Watched, add_worker: Add
) -> None:
    add_worker("GW-001", (BEGAN, None))
    charge = [40, 15, 17, 14, 18, 30, 12]
    fixes = [
        fix
        for step, percent in enumerate(charge)
        for fix in walk(INSIDE, begin=seconds(20 * step), battery_pct=percent)
    ]
    await watched.send([fixes], look=[True])
    assert watched.alerts("GW-001", "kind", "begun_at", "ended_at", "details") == [
        ("low_battery", seconds(20), seconds(100), {"battery_pct": 15.0}),
        ("low_battery", seconds(120), None, {"battery_pct": 12.0}),
    ]


async def test_who_stands_too_long_is_told_of_until_they_walk_on(
    watched: Watched, add_worker: Add
) -> None:
    add_worker("GW-001", (BEGAN, None))
    await watched.send([walk(*[INSIDE] * 31, (118.608, 34.505))], look=[True])
    assert watched.alerts("GW-001", "kind", "begun_at", "ended_at") == [
        ("still", BEGAN, seconds(620))
    ]


async def test_the_end_of_duty_ends_what_fixes_said(watched: Watched, add_worker: Add) -> None:
    add_worker("GW-001", (BEGAN, None))
    await watched.send([walk(*[OUTSIDE] * 5)], look=[True])
    with watched.database.begin() as conn:
        conn.execute(text("UPDATE duty_sessions SET ended_at = :at"), {"at": seconds(300)})
    async with watched.running() as (_, rounds):
        await watched.look(rounds)
    assert watched.alerts("GW-001", "ended_at") == [(seconds(300),)]


async def test_what_late_fixes_show_not_to_have_been_is_withdrawn_and_kept(
    watched: Watched, add_worker: Add
) -> None:
    add_worker("GW-001", (BEGAN, None))
    sparse = [fix for fix in walk(*[OUTSIDE] * 5) if fix.at in (BEGAN, seconds(80))]
    between = walk(*[INSIDE] * 3, begin=seconds(20))
    await watched.send([sparse, between], look=[True, True])
    assert watched.alerts("GW-001", "kind") == []
    with watched.database.begin() as conn:
        assert conn.scalars(text("SELECT withdrawn FROM alerts")).all() == [True]


async def test_silence_on_duty_is_told_of_by_the_clock_and_ends_with_the_next_fix(
    watched: Watched, add_worker: Add
) -> None:
    add_worker("GW-001", (BEGAN, None))
    add_worker("GW-002", (BEGAN, BEGAN + timedelta(minutes=1)))
    watched.now = seconds(60)
    async with watched.running() as (recorder, rounds):
        await recorder.record(walk(INSIDE))
        await rounds.look_at_the_clock(seconds(600))
        assert watched.alerts("GW-001", "kind") == []
        for _ in range(2):
            await rounds.look_at_the_clock(seconds(601))
        assert watched.alerts("GW-001", "kind", "begun_at", "ended_at", "late") == [
            ("silent", BEGAN, None, False)
        ]
        watched.now = seconds(700)
        await recorder.record(walk(INSIDE, begin=seconds(690)))
        await rounds.look_at_the_clock(seconds(700))
    assert watched.alerts("GW-001", "begun_at", "ended_at") == [(BEGAN, seconds(690))]
    assert watched.alerts("GW-002", "kind") == []


async def test_a_call_for_help_is_over_some_time_after_its_last_fix(
    watched: Watched, add_worker: Add
) -> None:
    add_worker("GW-001", (BEGAN, None))
    watched.now = BEGAN
    async with watched.running() as (recorder, rounds):
        await recorder.record(walk(INSIDE, sos=True))
        await rounds.look_at_the_clock(seconds(899))
        assert watched.alerts("GW-001", "kind", "ended_at") == [
            ("silent", None),
            ("sos", None),
        ]
        await rounds.look_at_the_clock(seconds(900))
    assert watched.alerts("GW-001", "kind", "ended_at")[1:] == [("sos", seconds(900))]


async def test_two_processes_that_look_at_once_raise_once(
    watched: Watched, add_worker: Add
) -> None:
    add_worker("GW-001", (BEGAN, None))
    async with watched.running() as (recorder, one), watched.running() as (_, other):
        await recorder.record(walk(*[OUTSIDE] * 5))
        await asyncio.gather(watched.look(one), watched.look(other))
        await asyncio.gather(one.look_at_the_clock(NOW), other.look_at_the_clock(NOW))
    assert watched.alerts("GW-001", "kind") == [("left_grid",), ("silent",)]
