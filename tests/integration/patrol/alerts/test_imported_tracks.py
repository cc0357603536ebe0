"""Fixes of a file make the same alerts as the same fixes sent."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, timedelta

import numpy as np

from data.database import Database
from data.tracks.measured import Measured
from data.tracks.store import store_track
from data.tracks.track import Track
from patrol.tracking.fix import Fix
from tests.integration.patrol.alerts.conftest import NOW, Watched

BEGAN = NOW - timedelta(hours=2)
INSIDE, OUTSIDE = (118.605, 34.505), (118.63, 34.51)


def walk(unit: str) -> list[Fix]:
    """Ten minutes at home, ten outside, ten at home."""
    places = [INSIDE] * 30 + [OUTSIDE] * 30 + [INSIDE] * 30
    return [
        Fix(unit=unit, at=BEGAN + timedelta(seconds=20 * number), lon=lon, lat=lat)
        for number, (lon, lat) in enumerate(places)
    ]


def file_of(fixes: Sequence[Fix]) -> Track:
    return Track(
        at=np.array([fix.at.astimezone(UTC).replace(tzinfo=None) for fix in fixes], "M8[us]"),
        lon=np.array([fix.lon for fix in fixes]),
        lat=np.array([fix.lat for fix in fixes]),
        measured=np.array([Measured()] * len(fixes), np.float32),
        number=np.arange(len(fixes), dtype=np.int32),
        repeats=0,
        refused=(),
    )


def test_an_older_part_that_comes_from_a_file_is_watched_too(
    database: Database, watched: Watched, add_worker: Callable[..., int]
) -> None:
    add_worker("SENT", (BEGAN, None))
    unit_id = add_worker("FILE", (BEGAN, None))
    asyncio.run(watched.send([walk("SENT")], look=[True]))
    assert [kind for kind, *_ in watched.alerts("SENT")] == ["left_grid"]

    fixes = walk("FILE")
    asyncio.run(watched.send([fixes[60:]], look=[True]))
    assert watched.alerts("FILE") == []
    for _ in range(2):  # again: it stores nothing, and nothing is to be looked at
        with database.begin() as conn:
            store_track(conn, file_of(fixes[:60]), unit_id=unit_id, index=None)
        asyncio.run(watched.send([], look=[]))
        assert watched.alerts("FILE") == watched.alerts("SENT")


def test_a_file_of_a_unit_that_was_never_heard_is_watched(
    database: Database, watched: Watched, add_worker: Callable[..., int]
) -> None:
    add_worker("SENT", (BEGAN, None))
    unit_id = add_worker("FILE", (BEGAN, None))
    asyncio.run(watched.send([walk("SENT")], look=[True]))
    with database.begin() as conn:
        store_track(conn, file_of(walk("FILE")), unit_id=unit_id, index=None)
    asyncio.run(watched.send([], look=[]))
    assert watched.alerts("FILE") == watched.alerts("SENT")
