"""Tiles of a district of a thousand grids: no seams in them, and never one that is out of date."""

import asyncio
import gzip
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from data.audit import Who
from data.database import Database
from data.editions import activate, copy_to_draft, draft_edition
from gis.grid import Grid
from layers.catalog import BUILT_IN
from layers.tiles.address import TileAddress
from layers.tiles.service import TileService
from tests.divisions import voronoi

pytestmark = pytest.mark.anyio

GRIDS = BUILT_IN["grids"]
COUNT = 1000
WORLD_M = 40_075_016.685578488
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def division() -> list[Grid]:
    return voronoi(COUNT, parents=26, seed=7)


@pytest.fixture
def edition(database: Database, division: list[Grid]) -> int:
    """The division in force, which nobody has looked at yet."""
    with database.begin() as conn:
        draft = draft_edition(conn, division, name="before").edition
        activate(conn, draft.id, at=BEGAN, accept_reason="a test")
    return draft.id


def address_of(z: int, lon: float, lat: float) -> TileAddress:
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return TileAddress(z, int((lon + 180) / 360 * 2**z), int(row * 2**z))


def addresses(z: int, division: list[Grid]) -> Iterator[TileAddress]:
    """Every tile of the zoom that the division lies in."""
    west, south, east, north = shapely.total_bounds([grid.geometry for grid in division])
    first, last = address_of(z, west, north), address_of(z, east, south)
    for x in range(first.x, last.x + 1):
        for y in range(first.y, last.y + 1):
            yield TileAddress(z, x, y)


def envelope(address: TileAddress) -> shapely.Polygon:
    size = WORLD_M / 2**address.z
    west, north = address.x * size - WORLD_M / 2, WORLD_M / 2 - address.y * size
    return shapely.box(west, north - size, west + size, north)


@pytest.mark.parametrize("z", [9, 11, 12, 13])
async def test_neither_tiles_nor_neighbours_leave_a_gap_between_them(
    z: int,
    tiles: TileService,
    edition: int,
    division: list[Grid],
    decode: Callable[..., dict[str, Any]],
) -> None:
    level = 2 if z >= 11 else 1
    pieces = []
    for address in addresses(z, division):
        found = decode(await tiles.tile(GRIDS, address), address)
        if "grids" in found:
            grids = found["grids"]
            areas = grids[grids["level"] == level].geometry.to_numpy()
            pieces.append(shapely.intersection(areas, envelope(address)))
    step = WORLD_M / 2**z / 4096
    drawn = np.concatenate(pieces)
    together = shapely.union_all(drawn)
    # What overlaps is counted twice in the sum. Coordinates are rounded to a step of the tile.
    borders_m = shapely.length(drawn).sum()
    assert shapely.area(drawn).sum() - together.area < borders_m * step
    closed = together.buffer(step, join_style="mitre")
    assert closed.geom_type == "Polygon"
    assert not closed.interiors
    town = shapely.box(*shapely.total_bounds(drawn))
    assert town.difference(closed).area < town.length * step * 2


async def test_of_a_thousand_grids_that_are_edited_one_by_one_no_tile_is_stale(
    database: Database, tiles: TileService, edition: int, division: list[Grid]
) -> None:
    leaves = [grid for grid in division if grid.level == 2]
    inside = {grid.code: grid.geometry.representative_point() for grid in leaves}
    tile_of = {code: address_of(15, point.x, point.y) for code, point in inside.items()}
    kept = {address: await tiles.tile(GRIDS, address) for address in set(tile_of.values())}
    assert all(tile.gzipped for tile in kept.values())
    stale = 0
    changing = True

    def rename(code: str) -> None:
        with database.begin() as conn:
            conn.execute(
                text("UPDATE grids SET name = 'new ' || code WHERE edition_id = :e AND code = :c"),
                {"e": edition, "c": code},
            )

    async def look() -> None:
        """Somebody whose map asks for all tiles again and again, so that builds are under way."""
        while changing:
            for address in kept:
                await tiles.tile(GRIDS, address)

    lookers = [asyncio.create_task(look()) for _ in range(2)]
    for code, address in tile_of.items():
        await asyncio.to_thread(rename, code)
        tile = await tiles.tile(GRIDS, address)
        stale += f"new {code}".encode() not in gzip.decompress(tile.gzipped)
    changing = False
    await asyncio.gather(*lookers)
    for address in kept:
        content = gzip.decompress((await tiles.tile(GRIDS, address)).gzipped)
        stale += any(
            f"new {code}".encode() not in content for code, at in tile_of.items() if at == address
        )
    assert len(tile_of) == COUNT
    assert stale == 0


async def test_once_another_edition_is_in_force_every_tile_is_of_it(
    database: Database, tiles: TileService, edition: int, division: list[Grid]
) -> None:
    shown = [address for z in (10, 12, 14) for address in addresses(z, division)]
    for address in shown:
        await tiles.tile(GRIDS, address)
    with database.begin() as conn:
        draft = copy_to_draft(conn, Who.at_the_machine(), of=edition, name="after")
        conn.execute(
            text("UPDATE grids SET name = 'after ' || code WHERE edition_id = :e"), {"e": draft.id}
        )
        activate(conn, draft.id, at=BEGAN + timedelta(days=1), accept_reason="a test")
    stale = 0
    for address in shown:
        tile = await tiles.tile(GRIDS, address)
        content = gzip.decompress(tile.gzipped) if tile.gzipped else b""
        # Every feature has a name of its own, and each is said once in a sublayer.
        stale += content.count("网格".encode()) + (bool(content) and b"after " not in content)
    assert stale == 0
