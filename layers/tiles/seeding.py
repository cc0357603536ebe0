"""Writing all tiles of a layer into an archive, as the tile service would build them."""

import math
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pmtiles.tile import Compression, TileType, tileid_to_zxy, zxy_to_tileid
from pmtiles.writer import Writer
from sqlalchemy import Connection

from data.database import Database
from data.sql import load_sql
from gis.errors import InvalidInput
from layers.catalog import Layer
from layers.selection import EVERYTHING
from layers.tiles.address import MAX_ZOOM, TileAddress
from layers.tiles.archive import MEMBER, SUFFIX, Stamp
from layers.tiles.cache import Tile
from layers.tiles.statement import statement_of
from layers.tiles.tilejson import tilejson

_ARCHIVE = load_sql("layers.tiles", "archive.sql")
_MOST_TILES = 2_000_000
_MARGIN = 64 / 4096  # a feature is drawn into the next tile as far as this, in tiles

Progress = Callable[[int, int], None]
"""Told how many tiles are done and how many there are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seeded:
    """What was written: `tiles` that hold something, out of those that were `tried`."""

    path: Path
    version: int
    tried: int
    tiles: int
    size_bytes: int


def seed(
    database: Database,
    layer: Layer,
    folder: Path,
    *,
    minzoom: int,
    maxzoom: int,
    progress: Progress = lambda _done, _all: None,
) -> Seeded:
    """Write `<layer>.pmtiles` into `folder`, of one moment of the database.

    It takes the place of the one before when it is whole; whoever interrupts leaves that one. Raises
    InvalidInput for zooms that cannot be, for more tiles than make sense and for an empty layer.
    """
    if layer.is_personal or not layer.is_versioned:
        raise InvalidInput(
            f"{layer.id!r} cannot be seeded: it is not the same for everybody, or changes all the time.",
            field="layer",
        )
    if not 0 <= minzoom <= maxzoom <= MAX_ZOOM:
        raise InvalidInput(
            f"Zooms {minzoom} to {maxzoom} cannot be; they go from 0 to {MAX_ZOOM}.", field="zooms"
        )
    folder.mkdir(parents=True, exist_ok=True)
    with database.engine.connect() as plain:
        conn = plain.execution_options(isolation_level="REPEATABLE READ")
        with conn.begin():
            conn.exec_driver_sql(_ARCHIVE["plan_each"])
            described = tilejson(conn, [layer], tiles_url="")
            if "bounds" not in described:
                raise InvalidInput(f"The layer {layer.id!r} is empty: there is nothing to seed.")
            ids = tile_ids(described["bounds"], max(minzoom, layer.minzoom), maxzoom)
            stamp = read_stamp(conn, layer.id)
            metadata = {
                "name": layer.title.en,
                "vector_layers": described["vector_layers"],
                MEMBER: {**stamp._asdict(), "minzoom": minzoom, "maxzoom": maxzoom},
            }
            header = _header(described["bounds"], minzoom)
            return _written(
                folder / f"{layer.id}{SUFFIX}",
                ids,
                _tiles(conn, layer, ids, progress),
                header,
                metadata,
            )


def read_stamp(conn: Connection, layer_id: str) -> Stamp:
    """Which content of the layer the transaction sees."""
    return Stamp(*conn.exec_driver_sql(_ARCHIVE["stamp"], {"layer": layer_id}).one())


def tile_ids(bounds: Sequence[float], minzoom: int, maxzoom: int) -> list[int]:
    """PMTiles' numbers of the tiles that something inside `bounds` (west, south, east, north in degrees)
    may be drawn in, in order. Raises InvalidInput for too many."""
    west, south, east, north = bounds
    ids: list[int] = []
    for z in range(minzoom, maxzoom + 1):
        columns = _span(_column(west, z), _column(east, z), z)
        rows = _span(_row(north, z), _row(south, z), z)
        if len(ids) + len(columns) * len(rows) > _MOST_TILES:
            raise InvalidInput(
                f"That is more than {_MOST_TILES:,} tiles; choose a smaller --maxzoom.",
                field="maxzoom",
            )
        ids += sorted(zxy_to_tileid(z, x, y) for x in columns for y in rows)
    return ids


def _span(first: float, last: float, z: int) -> range:
    end = (1 << z) - 1
    return range(max(0, math.floor(first - _MARGIN)), min(end, math.floor(last + _MARGIN)) + 1)


def _column(lon: float, z: int) -> float:
    return (lon + 180) / 360 * (1 << z)


def _row(lat: float, z: int) -> float:
    within = math.radians(max(-85.06, min(85.06, lat)))
    return (1 - math.asinh(math.tan(within)) / math.pi) / 2 * (1 << z)


def _tiles(
    conn: Connection, layer: Layer, ids: Sequence[int], progress: Progress
) -> Iterator[bytes]:
    """The content of each tile, gzipped, empty where there is none."""
    statement = statement_of(layer, EVERYTHING)
    driver = conn.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor:
        for done, tile_id in enumerate(ids, start=1):
            address = TileAddress(*tileid_to_zxy(tile_id))
            cursor.execute(statement, address._asdict(), prepare=True)
            [(version, content)] = cursor.fetchall()
            yield Tile.of(version, bytes(content or b"")).gzipped
            progress(done, len(ids))


def _written(
    path: Path,
    ids: Sequence[int],
    tiles: Iterator[bytes],
    header: dict[str, Any],
    metadata: dict[str, Any],
) -> Seeded:
    temporary = tempfile.NamedTemporaryFile(  # noqa: SIM115  (it outlives the block: it is renamed)
        dir=path.parent, prefix=f".{path.name}.", delete=False
    )
    try:
        writer = Writer(temporary)
        with temporary, writer.tile_f:  # an archive that is not finished leaves the latter open
            for tile_id, gzipped in zip(ids, tiles, strict=True):
                if gzipped:
                    writer.write_tile(tile_id, gzipped)
            if not writer.tile_entries:
                raise InvalidInput("Nothing of the layer is drawn in these zooms; choose others.")
            writer.finalize(header, metadata)
            temporary.flush()
            os.fsync(temporary.fileno())
        made = Path(temporary.name)
        made.chmod(0o644)
        size_bytes = made.stat().st_size
        made.rename(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(temporary.name).unlink()
        raise
    return Seeded(
        path=path,
        version=metadata[MEMBER]["version"],
        tried=len(ids),
        tiles=writer.addressed_tiles,
        size_bytes=size_bytes,
    )


def _header(bounds: Sequence[float], zoom: int) -> dict[str, Any]:
    west, south, east, north = (round(degrees * 1e7) for degrees in bounds)
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": zoom,
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }
