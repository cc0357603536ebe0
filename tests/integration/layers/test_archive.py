"""An archive has the tiles that the service would build, and is known to be of another content."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pyogrio
import pytest
from geopandas import GeoDataFrame
from sqlalchemy import text

from data.database import Database
from data.installation import Databases
from gis.errors import UnreadableFile
from layers.catalog import BUILT_IN as LAYERS
from layers.tiles.address import TileAddress
from layers.tiles.archive import Archives, TileArchive
from layers.tiles.cache import Tile
from layers.tiles.seeding import read_stamp, seed, tile_ids
from layers.tiles.service import TileService

BASEMAP = LAYERS["basemap"]
LON, LAT = 118.6, 34.5
LAKE = "POLYGON((118.59 34.49, 118.61 34.49, 118.61 34.51, 118.59 34.51, 118.59 34.49))"


@pytest.fixture
def town(draw: Callable[..., int]) -> None:
    draw("water", "lake", LAKE, "柳湖")
    draw("road", "primary", "LINESTRING(118.55 34.5, 118.65 34.52)", "安平公路")
    draw("place", "village", "POINT(118.6 34.5)", "李庄")


@pytest.mark.usefixtures("town")
@pytest.mark.anyio
async def test_every_tile_is_the_one_that_the_service_builds(
    database: Database,
    tiles: TileService,
    tmp_path: Path,
    tile_at: Callable[..., TileAddress],
) -> None:
    seeded = seed(database, BASEMAP, tmp_path, minzoom=6, maxzoom=14)
    with TileArchive(seeded.path) as archive:
        assert archive.version == (await tiles.tile(BASEMAP, TileAddress(6, 53, 25))).version
        filled = 0
        for z in (6, 10, 13, 14):
            first, last = tile_at(z, 118.5, 34.55), tile_at(z, 118.7, 34.45)
            for x in range(first.x - 1, last.x + 2):
                for y in range(first.y - 1, last.y + 2):
                    address = TileAddress(z, x, y)
                    built = (await tiles.tile(BASEMAP, address)).gzipped
                    assert archive.get(address) == built
                    filled += bool(built)
        assert filled > 10


@pytest.mark.usefixtures("town")
def test_another_reader_finds_the_same(database: Database, tmp_path: Path) -> None:
    seeded = seed(database, BASEMAP, tmp_path, minzoom=10, maxzoom=14)
    layers = {str(name) for name in pyogrio.list_layers(seeded.path)[:, 0]}
    assert layers == set(BASEMAP.sublayers)
    water: GeoDataFrame = pyogrio.read_dataframe(seeded.path, layer="water").to_crs(4326)
    assert water["name"].tolist() == ["柳湖"] * len(water)
    assert water.total_bounds == pytest.approx([118.59, 34.49, 118.61, 34.51], abs=1e-4)
    info = pyogrio.read_info(seeded.path, layer="road")
    assert {"class", "name"} <= set(info["fields"])


@pytest.mark.usefixtures("town")
def test_beyond_its_zooms_it_says_nothing_and_outside_its_bounds_that_nothing_is_there(
    database: Database, tmp_path: Path, tile_at: Callable[..., TileAddress]
) -> None:
    with TileArchive(seed(database, BASEMAP, tmp_path, minzoom=8, maxzoom=12).path) as archive:
        assert archive.get(tile_at(7, LON, LAT)) is None
        assert archive.get(tile_at(13, LON, LAT)) is None
        assert archive.get(tile_at(12, LON, LAT))
        assert archive.get(tile_at(12, 100.0, 30.0)) == b""


@pytest.mark.usefixtures("town")
def test_equal_tiles_are_written_once(database: Database, tmp_path: Path) -> None:
    # Inside a lake without a name all tiles are alike.
    sea = "POLYGON((117 33, 120 33, 120 36, 117 36, 117 33))"
    with database.begin() as conn:
        conn.execute(text("TRUNCATE basemap_features"))
        conn.execute(
            text(
                "INSERT INTO basemap_features (kind, class, geom) "
                f"VALUES ('water', 'sea', 'SRID=4326;{sea}')"
            )
        )
    seeded = seed(database, BASEMAP, tmp_path, minzoom=6, maxzoom=12)
    with TileArchive(seeded.path) as archive:
        assert archive.contents < seeded.tiles / 5
        assert seeded.size_bytes < 100_000


@pytest.mark.usefixtures("town")
def test_it_knows_which_content_it_has(
    database: Database, draw: Callable[..., int], tmp_path: Path
) -> None:
    archive = TileArchive(seed(database, BASEMAP, tmp_path, minzoom=8, maxzoom=9).path)
    with database.begin() as conn:
        assert read_stamp(conn, "basemap") == archive.stamp
    draw("place", "village", "POINT(118.7 34.5)", "王庄")
    with database.begin() as conn:
        now = read_stamp(conn, "basemap")
        assert now.version == archive.version + 1
        # A backup is brought back, and so is its number.
        conn.execute(text("DELETE FROM layer_versions"))
        conn.execute(
            text("INSERT INTO layer_versions VALUES ('basemap', :version)"),
            {"version": archive.version},
        )
        again = read_stamp(conn, "basemap")
    assert again.version == archive.version
    assert again != archive.stamp


@pytest.mark.usefixtures("town")
def test_the_servers_own_role_may_read_the_stamp(database: Database) -> None:
    with Databases.beside(database) as databases:
        with databases.owner.begin() as conn:
            expected = read_stamp(conn, "basemap")
        with databases.application.begin() as conn:
            assert read_stamp(conn, "basemap") == expected


@pytest.mark.usefixtures("town")
def test_a_new_archive_is_taken_up_and_who_reads_the_old_one_goes_on(
    database: Database, tmp_path: Path, tile_at: Callable[..., TileAddress]
) -> None:
    archives = Archives(tmp_path)
    assert archives.find("basemap") is None
    seed(database, BASEMAP, tmp_path, minzoom=8, maxzoom=9)
    first = archives.find("basemap")
    assert first is not None
    assert archives.find("basemap") is first
    seed(database, BASEMAP, tmp_path, minzoom=8, maxzoom=10)
    second = archives.find("basemap")
    assert second is not None
    assert second.maxzoom == 10
    assert first.get(tile_at(9, LON, LAT)) == second.get(tile_at(9, LON, LAT)) != b""


@pytest.mark.usefixtures("town")
def test_interrupted_it_leaves_the_archive_that_was_there(
    database: Database, tmp_path: Path
) -> None:
    whole = seed(database, BASEMAP, tmp_path, minzoom=8, maxzoom=9).path.read_bytes()

    def interrupt(done: int, _all: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seed(database, BASEMAP, tmp_path, minzoom=8, maxzoom=12, progress=interrupt)
    assert [file.name for file in tmp_path.iterdir()] == ["basemap.pmtiles"]
    assert (tmp_path / "basemap.pmtiles").read_bytes() == whole


def test_a_file_that_is_none_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    file = tmp_path / "basemap.pmtiles"
    for content in (b"", b"PMTiles\x03", b"PMTiles\x03" + bytes(500), b"x" * 500):
        file.write_bytes(content)
        assert Archives(tmp_path).find("basemap") is None
    with pytest.raises(UnreadableFile, match="layers seed"):
        TileArchive(file)


def test_tiles_are_numbered_in_order_and_take_the_neighbours_that_are_drawn_into() -> None:
    # A point on the corner of four tiles is drawn into all of them.
    assert len(tile_ids((0.0, 0.0, 0.0, 0.0), 4, 4)) == 4
    ids = tile_ids((-180.0, -90.0, 180.0, 90.0), 0, 5)
    assert ids == list(range(sum(4**z for z in range(6))))


def test_a_gzipped_tile_of_equal_content_has_equal_bytes() -> None:
    assert Tile.of(1, b"x").gzipped == Tile.of(2, b"x").gzipped
    assert gzip.decompress(Tile.of(1, b"x").gzipped) == b"x"
