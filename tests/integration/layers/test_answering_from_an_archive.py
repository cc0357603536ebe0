"""The tile service looks into an archive exactly as long as that is true."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from data.database import Database
from data.scope import Viewer
from layers.catalog import BUILT_IN as LAYERS
from layers.selection import EVERYTHING
from layers.tiles.address import TileAddress
from layers.tiles.archive import Archives
from layers.tiles.reader import Reader
from layers.tiles.seeding import seed
from layers.tiles.service import TileService
from layers.tiles.statement import statement_of

pytestmark = pytest.mark.anyio

BASEMAP = LAYERS["basemap"]
LON, LAT = 118.6, 34.5


@pytest.fixture
async def seeded(
    database: Database, draw: Callable[..., int], tmp_path: Path
) -> AsyncIterator[TileService]:
    """A service beside an archive of zooms 8 to 12 with one village in it."""
    draw("place", "village", f"POINT({LON} {LAT})", "李庄")
    seed(database, BASEMAP, tmp_path, minzoom=8, maxzoom=12)
    service = TileService(database, archives=Archives(tmp_path))
    await service.open()
    yield service
    await service.close()


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[TileAddress]]:
    """The tiles that PostGIS was asked for."""
    asked: list[TileAddress] = []
    plain = Reader.rows

    async def rows(
        self: Reader,
        statement: str,
        parameters: Mapping[str, Any] | None = None,
        viewer: Viewer | None = None,
    ) -> list[tuple[Any, ...]]:
        if statement == statement_of(BASEMAP, EVERYTHING) and parameters:
            asked.append(TileAddress(**parameters))
        return await plain(self, statement, parameters, viewer)

    monkeypatch.setattr(Reader, "rows", rows)
    return asked


async def test_while_nothing_changes_nothing_is_built(
    seeded: TileService,
    tiles: TileService,
    builds: list[TileAddress],
    tile_at: Callable[..., TileAddress],
) -> None:
    place = tile_at(12, LON, LAT)
    answered = await seeded.tile(BASEMAP, place)
    nowhere = await seeded.tile(BASEMAP, tile_at(12, 100, 30))
    assert builds == []
    assert answered.gzipped
    assert not nowhere.gzipped
    assert answered == await tiles.tile(BASEMAP, place)
    assert nowhere == await tiles.tile(BASEMAP, tile_at(12, 100, 30))


async def test_a_zoom_that_was_not_seeded_is_built(
    seeded: TileService, builds: list[TileAddress], tile_at: Callable[..., TileAddress]
) -> None:
    place = tile_at(14, LON, LAT)
    assert (await seeded.tile(BASEMAP, place)).gzipped
    assert builds == [place]


async def test_after_a_change_no_tile_of_before_is_answered(
    seeded: TileService,
    builds: list[TileAddress],
    draw: Callable[..., int],
    tile_at: Callable[..., TileAddress],
) -> None:
    place, other = tile_at(12, LON, LAT), tile_at(11, LON, LAT)
    before = await seeded.tile(BASEMAP, place)
    draw("place", "village", f"POINT({LON} {LAT + 0.001})", "王庄")
    assert (await seeded.tile(BASEMAP, place)).digest != before.digest
    await seeded.tile(BASEMAP, other)
    assert builds == [place, other]


async def test_written_again_it_answers_again(
    seeded: TileService,
    builds: list[TileAddress],
    draw: Callable[..., int],
    database: Database,
    tmp_path: Path,
    tile_at: Callable[..., TileAddress],
) -> None:
    await seeded.tile(BASEMAP, tile_at(11, LON, LAT))
    draw("place", "village", f"POINT({LON} {LAT + 0.001})", "王庄")
    seed(database, BASEMAP, tmp_path, minzoom=8, maxzoom=12)
    assert (await seeded.tile(BASEMAP, tile_at(12, LON, LAT))).gzipped
    assert builds == []


async def test_the_archive_of_another_database_with_the_same_version_is_not_believed(
    seeded: TileService,
    builds: list[TileAddress],
    database: Database,
    tile_at: Callable[..., TileAddress],
) -> None:
    with (
        database.begin() as conn
    ):  # as if it were made anew: the version is the same, its writer not
        conn.execute(text("UPDATE layer_versions SET version = version"))
    place = tile_at(12, LON, LAT)
    await seeded.tile(BASEMAP, place)
    assert builds == [place]
