"""Never stale, built once, and alive after a restart of the database."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import text

from data.database import Database
from data.scope import Viewer
from layers.catalog import BUILT_IN as LAYERS
from layers.selection import EVERYTHING
from layers.tiles.address import TileAddress
from layers.tiles.reader import Reader
from layers.tiles.service import TileService
from layers.tiles.statement import statement_of

pytestmark = pytest.mark.anyio

CAMERAS = LAYERS["cameras"]
PLACE = TileAddress(14, 13589, 6517)
LON, LAT = 118.6, 34.5

Rows = list[tuple[Any, ...]]
Around = Callable[[Callable[[], Awaitable[Rows]]], Awaitable[Rows]]
Names = Callable[[], Awaitable[set[str]]]


@pytest.fixture
def names(tiles: TileService, decode: Callable[..., dict[str, Any]]) -> Names:
    """What the cameras in the tile are called."""

    async def read() -> set[str]:
        found = decode(await tiles.tile(CAMERAS, PLACE), PLACE)
        return set(found["cameras"]["name"]) if found else set()

    return read


@pytest.fixture
def around_builds(monkeypatch: pytest.MonkeyPatch) -> Callable[[Around], None]:
    """Put something around the statement that builds a camera tile."""

    def install(around: Around) -> None:
        plain = Reader.rows

        async def rows(
            self: Reader,
            statement: str,
            parameters: Mapping[str, Any] | None = None,
            viewer: Viewer | None = None,
        ) -> Rows:
            async def run() -> Rows:
                return await plain(self, statement, parameters, viewer)

            building = statement == statement_of(CAMERAS, EVERYTHING)
            return await (around(run) if building else run())

        monkeypatch.setattr(Reader, "rows", rows)

    return install


@pytest.fixture
def builds(around_builds: Callable[[Around], None]) -> Counter[str]:
    """Counts the statements that build a tile."""
    counted: Counter[str] = Counter()

    async def count(run: Callable[[], Awaitable[Rows]]) -> Rows:
        counted["builds"] += 1
        return await run()

    around_builds(count)
    return counted


async def test_the_next_tile_shows_every_change(
    names: Names,
    add_camera: Callable[..., int],
    rename_camera: Callable[[str, str], None],
    remove_camera: Callable[[str], None],
) -> None:
    assert await names() == set()
    add_camera("1", LON, LAT, name="东门")
    assert await names() == {"东门"}
    rename_camera("1", "西门")
    assert await names() == {"西门"}
    remove_camera("1")
    assert await names() == set()


async def test_nothing_is_missed_while_somebody_keeps_changing(
    names: Names, add_camera: Callable[..., int]
) -> None:
    committed: set[str] = set()

    async def change() -> None:
        for number in range(30):
            await asyncio.to_thread(add_camera, str(number), LON, LAT, name=str(number))
            committed.add(str(number))

    async def watch() -> None:
        while not changing.done():
            before = set(committed)
            assert before <= await names()

    changing = asyncio.create_task(change())
    await asyncio.gather(changing, *(watch() for _ in range(4)))
    assert await names() == committed


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_change_that_commits_around_a_build_is_in_the_next_tile(
    when: str,
    names: Names,
    add_camera: Callable[..., int],
    around_builds: Callable[[Around], None],
) -> None:
    add_camera("1", LON, LAT, name="东门")
    changes = iter(["西门"])

    async def change_once(run: Callable[[], Awaitable[Rows]]) -> Rows:
        name = next(changes, None)
        if name and when == "before":
            add_camera("2", LON, LAT, name=name)
        rows = await run()
        if name and when == "after":
            add_camera("2", LON, LAT, name=name)
        return rows

    around_builds(change_once)
    assert await names() == ({"东门", "西门"} if when == "before" else {"东门"})
    assert await names() == {"东门", "西门"}


async def test_an_unchanged_tile_is_built_once(
    tiles: TileService, add_camera: Callable[..., int], builds: Counter[str]
) -> None:
    add_camera("1", LON, LAT)
    first = await tiles.tile(CAMERAS, PLACE)
    assert await tiles.tile(CAMERAS, PLACE) is first
    assert builds["builds"] == 1


async def test_a_hundred_who_wait_get_one_build(
    tiles: TileService, add_camera: Callable[..., int], builds: Counter[str]
) -> None:
    add_camera("1", LON, LAT)
    answers = await asyncio.gather(*(tiles.tile(CAMERAS, PLACE) for _ in range(100)))
    assert len({id(tile) for tile in answers}) == 1
    assert builds["builds"] == 1


async def test_one_who_goes_away_does_not_take_the_tile_from_the_others(
    tiles: TileService,
    add_camera: Callable[..., int],
    around_builds: Callable[[Around], None],
) -> None:
    add_camera("1", LON, LAT)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait(run: Callable[[], Awaitable[Rows]]) -> Rows:
        begun.set()
        await go_on.wait()
        return await run()

    around_builds(wait)
    impatient = asyncio.create_task(tiles.tile(CAMERAS, PLACE))
    patient = asyncio.create_task(tiles.tile(CAMERAS, PLACE))
    await begun.wait()
    impatient.cancel()
    go_on.set()
    assert (await patient).gzipped
    assert impatient.cancelled()


async def test_a_change_elsewhere_leaves_the_tile_as_it_was(
    tiles: TileService, add_camera: Callable[..., int]
) -> None:
    add_camera("1", LON, LAT)
    before = await tiles.tile(CAMERAS, PLACE)
    add_camera("2", LON + 1, LAT)
    after = await tiles.tile(CAMERAS, PLACE)
    assert after.version > before.version
    assert after.digest == before.digest


async def test_below_the_zooms_of_a_layer_tiles_are_empty(
    tiles: TileService, add_camera: Callable[..., int]
) -> None:
    add_camera("1", LON, LAT)
    assert not (await tiles.tile(CAMERAS, TileAddress(0, 0, 0))).gzipped


async def test_tiles_come_again_after_the_database_has_dropped_every_connection(
    database: Database, tiles: TileService, add_camera: Callable[..., int], names: Names
) -> None:
    add_camera("1", LON, LAT, name="东门")
    assert await names() == {"东门"}
    with database.begin() as conn:
        ended = conn.scalars(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'wangge tiles' AND datname = current_database()"
            )
        ).all()
    assert len(ended) >= 2
    add_camera("2", LON, LAT, name="西门")
    assert await names() == {"东门", "西门"}
