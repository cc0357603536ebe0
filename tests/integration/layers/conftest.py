"""A map in the least data, and GDAL to read its tiles: a decoder that shares no code with PostGIS."""

import gzip
import math
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from geopandas import GeoDataFrame
from sqlalchemy import delete, insert, update

from data.database import Database
from data.schema import basemap_features, cameras, facilities, grid_editions, grids
from layers.tiles.address import TileAddress
from layers.tiles.cache import Tile
from layers.tiles.service import TileService


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def tiles(database: Database, anyio_backend: str) -> AsyncIterator[TileService]:
    service = TileService(database)
    await service.open()
    yield service
    await service.close()


@pytest.fixture
def tile_at() -> Callable[[int, float, float], TileAddress]:
    """`tile_at(z, lon, lat)`: the tile that holds the place."""

    def address(z: int, lon: float, lat: float) -> TileAddress:
        row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
        return TileAddress(z, int((lon + 180) / 360 * 2**z), int(row * 2**z))

    return address


@pytest.fixture
def decode(tmp_path: Path) -> Callable[[Tile, TileAddress], dict[str, GeoDataFrame]]:
    """The sublayers of a tile, in EPSG:3857, indexed by the id of the feature."""

    def sublayers(tile: Tile, address: TileAddress) -> dict[str, GeoDataFrame]:
        if not tile.gzipped:
            return {}
        file = tmp_path / "tile.mvt"
        file.write_bytes(gzip.decompress(tile.gzipped))
        source = f"MVT:{file}"
        place = {"Z": address.z, "X": address.x, "Y": address.y, "CLIP": "NO"}
        return {
            name: pyogrio.read_dataframe(source, layer=name, **place).set_index("mvt_id")
            for name in pyogrio.list_layers(source)[:, 0]
        }

    return sublayers


@pytest.fixture
def add_camera(database: Database) -> Callable[..., int]:
    """`add_camera(code, lon, lat, **columns) -> cameras.id`."""

    def add(code: str, lon: float, lat: float, **columns: Any) -> int:
        values = {
            "name": "东门",
            "network": "雪亮工程",
            "kind": "ball",
            "bearing_deg": 45.0,
            "fov_deg": 60.0,
            "range_m": 80.0,
            **columns,
        }
        with database.begin() as conn:
            row = conn.execute(
                insert(cameras)
                .values(code=code, geom=f"SRID=4326;POINT({lon} {lat})", **values)
                .returning(cameras.c.id)
            )
            return int(row.scalar_one())

    return add


@pytest.fixture
def rename_camera(database: Database) -> Callable[[str, str], None]:
    def rename(code: str, name: str) -> None:
        with database.begin() as conn:
            conn.execute(update(cameras).where(cameras.c.code == code).values(name=name))

    return rename


@pytest.fixture
def remove_camera(database: Database) -> Callable[[str], None]:
    def remove(code: str) -> None:
        with database.begin() as conn:
            conn.execute(delete(cameras).where(cameras.c.code == code))

    return remove


@pytest.fixture
def add_facility(database: Database) -> Callable[..., int]:
    """`add_facility(code, lon, lat) -> facilities.id`."""

    def add(code: str, lon: float, lat: float) -> int:
        with database.begin() as conn:
            row = conn.execute(
                insert(facilities)
                .values(code=code, kind="lamp", name="路灯", geom=f"SRID=4326;POINT({lon} {lat})")
                .returning(facilities.c.id)
            )
            return int(row.scalar_one())

    return add


@pytest.fixture
def draw(database: Database) -> Callable[..., int]:
    """`draw(kind, category, wkt, name=None) -> basemap_features.id`."""

    def add(kind: str, category: str, wkt: str, name: str | None = None) -> int:
        with database.begin() as conn:
            row = conn.execute(
                insert(basemap_features)
                .values({"kind": kind, "class": category, "name": name, "geom": f"SRID=4326;{wkt}"})
                .returning(basemap_features.c.id)
            )
            return int(row.scalar_one())

    return add


@pytest.fixture
def add_edition(database: Database) -> Callable[..., None]:
    """`add_edition(state, (code, level, parent, wkt), ...)`: the one that was active retires."""

    def add(state: str, *rows: tuple[str, int, str | None, str]) -> None:
        with database.begin() as conn:
            if state == "active":
                conn.execute(
                    update(grid_editions)
                    .where(grid_editions.c.state == "active")
                    .values(state="retired")
                )
            edition_id = conn.execute(
                insert(grid_editions)
                .values(name=state, state=state, content_hash=repr((state, rows)))
                .returning(grid_editions.c.id)
            ).scalar_one()
            for code, level, parent, wkt in rows:
                conn.execute(
                    insert(grids).values(
                        edition_id=edition_id,
                        code=code,
                        name=f"网格{code}",
                        level=level,
                        parent_code=parent,
                        area_m2=1.0,
                        geom=f"SRID=4326;{wkt}",
                    )
                )

    return add
