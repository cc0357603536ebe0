"""What is in a tile, as GDAL reads it, against what was stored."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from geopandas import GeoSeries
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text

from data.scope import Viewer
from layers.catalog import BUILT_IN as LAYERS
from layers.catalog import FieldType
from layers.tiles.address import TileAddress
from layers.tiles.service import TileService

pytestmark = pytest.mark.anyio

WORLD_M = 40_075_016.685578488

# A unit that walks and a case, where the camera is.
PATROL = (
    "INSERT INTO units (id, code, kind, name, role, grid_code) "
    "VALUES (1, 'GW-001', 'person', 'one', 'grid_worker', 'A')",
    "INSERT INTO positions (unit_id, at, lon, lat, speed_mps, heading_deg, battery_pct, moved_at, seq) "
    "VALUES (1, now(), 118.6051, 34.5051, 1, 90, 80, now(), 1)",
    "INSERT INTO track_segments VALUES (1, now() - interval '1 hour', now(), current_date, 2, 99, 1, "
    "'SRID=4326;LINESTRINGM(118.605 34.505 1795334400, 118.606 34.506 1795335000)')",
    "INSERT INTO sensors (code, kind, name, geom) "
    "VALUES ('S1', 'manhole', '窨井', ST_SetSRID(ST_MakePoint(118.6051, 34.5051), 4326))",
    "INSERT INTO cases (number, state, source, category, description, geom, grid_code, owner_role, "
    "reported_at, due_at) VALUES ('1', 'filed', 'patrol', 'other', '', "
    "ST_SetSRID(ST_MakePoint(118.6051, 34.5051), 4326), 'A', 'grid_worker', now(), now())",
    "INSERT INTO suspected_changes (digest, source, area_m2, score, geom, found_at, case_id) "
    "SELECT '1', 'x', 9, 0.5, geom, now(), id FROM cases",
    "UPDATE grid_editions SET findings = jsonb_build_array(jsonb_build_object("
    "'type', 'Feature', 'geometry', ST_AsGeoJSON(grids.geom)::jsonb, 'properties', jsonb_build_object("
    "'kind', 'gap', 'message', 'x', 'codes', jsonb_build_array('A'), 'area_m2', 9.5, 'width_m', 2.5))) "
    "FROM grids WHERE grids.edition_id = grid_editions.id",
)

TileAt = Callable[[int, float, float], TileAddress]
Decode = Callable[..., dict[str, Any]]


def projected(wkt: str) -> BaseGeometry:
    geometry: BaseGeometry = GeoSeries.from_wkt([wkt], crs=4326).to_crs(3857).iloc[0]
    return geometry


def envelope(address: TileAddress) -> shapely.Polygon:
    size = WORLD_M / 2**address.z
    west, north = address.x * size - WORLD_M / 2, WORLD_M / 2 - address.y * size
    return shapely.box(west, north - size, west + size, north)


def unit(address: TileAddress) -> float:
    """The step of a tile's coordinates, in metres of EPSG:3857."""
    return WORLD_M / 2**address.z / 4096


AREA = (
    "POLYGON((118.601 34.501, 118.6093 34.4998, 118.6121 34.5057, 118.6077 34.5104, 118.6031 34.5071,"
    " 118.601 34.501), (118.605 34.503, 118.606 34.5035, 118.6055 34.505, 118.605 34.503))"
)
MULTI = AREA.replace("POLYGON(", "MULTIPOLYGON((") + ")"


async def test_an_area_comes_out_where_it_was_put_in(
    tiles: TileService, draw: Callable[..., int], tile_at: TileAt, decode: Decode
) -> None:
    feature_id = draw("water", "pond", AREA, "荷塘")
    for z in (13, 14, 16, 18, 20):
        address = tile_at(z, 118.604, 34.5028)
        water = decode(await tiles.tile(LAYERS["basemap"], address), address)["water"]
        assert list(water.index) == [feature_id]
        assert water[["class", "name"]].to_dict("records") == [{"class": "pond", "name": "荷塘"}]
        expected = projected(AREA) & envelope(address)
        drawn = water.geometry.iloc[0] & envelope(address)
        assert shapely.hausdorff_distance(expected, drawn) < 2 * unit(address)


async def test_what_crosses_an_edge_is_whole_when_the_tiles_are_put_together(
    tiles: TileService, draw: Callable[..., int], tile_at: TileAt, decode: Decode
) -> None:
    draw("water", "pond", AREA)
    draw("road", "trunk", "LINESTRING(118.59 34.501, 118.605 34.507, 118.62 34.503)")
    z = 15
    first, last = tile_at(z, 118.59, 34.511), tile_at(z, 118.62, 34.4995)
    pieces: dict[str, list[BaseGeometry]] = {"water": [], "road": []}
    crossed = 0
    for x in range(first.x, last.x + 1):
        for y in range(first.y, last.y + 1):
            address = TileAddress(z, x, y)
            found = decode(await tiles.tile(LAYERS["basemap"], address), address)
            for kind, features in found.items():
                piece = features.geometry.iloc[0]
                crossed += not envelope(address).covers(piece)
                pieces[kind].append(piece & envelope(address))
    step = unit(first)
    assert crossed >= 4  # pieces reach over the edge, or the strokes would end at it
    area = projected(AREA)
    together = shapely.union_all(pieces["water"])
    assert together.symmetric_difference(area).area < area.length * step
    # Hairlines between the pieces would close in this, gaps would not.
    assert len(together.buffer(step).interiors) == len(area.interiors)
    road = projected("LINESTRING(118.59 34.501, 118.605 34.507, 118.62 34.503)")
    assert shapely.hausdorff_distance(shapely.union_all(pieces["road"]), road) < 2 * step


async def test_a_point_near_an_edge_is_in_both_tiles(
    tiles: TileService, add_camera: Callable[..., int], tile_at: TileAt, decode: Decode
) -> None:
    address = tile_at(14, 118.6, 34.5)
    edge_lon = (address.x + 1) / 2**14 * 360 - 180
    camera = add_camera("34020000001320000001", edge_lon - 0.0001, 34.5)
    east = address._replace(x=address.x + 1)
    for where in (address, east):
        found = decode(await tiles.tile(LAYERS["cameras"], where), where)["cameras"]
        assert list(found.index) == [camera]


async def test_low_zooms_leave_out_minor_things(
    tiles: TileService, draw: Callable[..., int], tile_at: TileAt, decode: Decode
) -> None:
    trunk = draw("road", "trunk", "LINESTRING(118.60 34.50, 118.62 34.51)")
    path = draw("road", "path", "LINESTRING(118.60 34.51, 118.62 34.50)")
    field = draw("farmland", "field", AREA)
    draw("built", "block", "POLYGON((118.6 34.5, 118.6001 34.5, 118.6001 34.5001, 118.6 34.5))")

    async def shown(z: int) -> set[int]:
        address = tile_at(z, 118.6051, 34.5051)
        layers = decode(await tiles.tile(LAYERS["basemap"], address), address)
        return {feature for features in layers.values() for feature in features.index}

    assert await shown(9) == {trunk, field}
    assert await shown(12) == {trunk, field}
    assert await shown(13) == {trunk, path, field}


async def test_neighbours_still_touch_when_they_are_simplified(
    tiles: TileService, draw: Callable[..., int], tile_at: TileAt, decode: Decode
) -> None:
    south, north = 34.46, 34.54
    ragged = [
        (118.6 + 0.00004 * ((i * 7) % 5), lat)
        for i, lat in enumerate(np.linspace(south, north, 3000))
    ]
    border, back = (", ".join(f"{x} {y}" for x, y in way) for way in (ragged, ragged[::-1]))
    first, last = (f"{x} {y}" for x, y in (ragged[0], ragged[-1]))
    draw("farmland", "field", f"POLYGON(({border}, 118.55 {north}, 118.55 {south}, {first}))")
    draw("farmland", "orchard", f"POLYGON(({back}, 118.65 {south}, 118.65 {north}, {last}))")
    address = tile_at(9, 118.6, 34.5)
    fields = decode(await tiles.tile(LAYERS["basemap"], address), address)["farmland"]
    west, east = fields.geometry
    assert shapely.get_num_coordinates([west, east]).max() < 1500
    step = unit(address)
    assert (west & east).area < projected(f"LINESTRING({border})").length * step
    together = shapely.union_all([west, east]).buffer(step)
    assert together.geom_type == "Polygon"
    assert not together.interiors


async def test_grids_are_those_of_the_active_edition(
    tiles: TileService, add_edition: Callable[..., None], tile_at: TileAt, decode: Decode
) -> None:
    add_edition("draft", ("D", 1, None, MULTI))
    add_edition("active", ("A", 1, None, MULTI))
    address = tile_at(14, 118.604, 34.5028)

    async def codes() -> list[str]:
        found = decode(await tiles.tile(LAYERS["grids"], address), address)
        return list(found["grids"]["code"])

    assert await codes() == ["A"]
    add_edition("active", ("B", 1, None, MULTI))
    assert await codes() == ["B"]


async def test_deeper_grids_come_in_with_the_zoom(
    tiles: TileService, add_edition: Callable[..., None], tile_at: TileAt, decode: Decode
) -> None:
    add_edition("active", *((f"L{level}", level, f"L{level - 1}", MULTI) for level in range(-1, 4)))

    async def levels(z: int) -> list[int]:
        address = tile_at(z, 118.604, 34.5028)
        found = decode(await tiles.tile(LAYERS["grids"], address), address)
        return list(found["grids"]["level"])

    assert await levels(10) == [-1, 0, 1]
    assert await levels(11) == [-1, 0, 1, 2]
    assert await levels(12) == [-1, 0, 1, 2, 3]


async def test_a_grid_has_one_label_however_many_tiles_it_crosses(
    tiles: TileService, add_edition: Callable[..., None], tile_at: TileAt, decode: Decode
) -> None:
    add_edition("active", ("A", 1, "T", MULTI))
    z = 16
    first, last = tile_at(z, 118.6005, 34.511), tile_at(z, 118.6125, 34.4995)
    areas, labels = 0, []
    for x in range(first.x, last.x + 1):
        for y in range(first.y, last.y + 1):
            address = TileAddress(z, x, y)
            found = decode(await tiles.tile(LAYERS["grids"], address), address)
            areas += len(found.get("grids", ()))
            labels += list(found["grid_labels"].geometry) if "grid_labels" in found else []
    assert areas > 4
    assert len(labels) == 1
    assert projected(MULTI).contains(labels[0])


@pytest.mark.parametrize(
    "layer",
    [layer for layer in LAYERS.values() if not layer.is_computed],
    ids=lambda layer: str(layer.id),
)
async def test_features_have_the_fields_of_the_catalog(
    layer: Any,
    database: Any,
    tiles: TileService,
    add_camera: Callable[..., int],
    add_edition: Callable[..., None],
    add_facility: Callable[..., int],
    draw: Callable[..., int],
    tile_at: TileAt,
    decode: Decode,
) -> None:
    add_camera("1", 118.6051, 34.5051)
    add_facility("1", 118.6051, 34.5051)
    add_edition("active", ("A", 1, "T", MULTI))
    for sublayer in LAYERS["basemap"].sublayers:
        draw(sublayer, "some", AREA, "名")
    with database.begin() as conn:
        for statement in PATROL:
            conn.execute(text(statement))
    address = tile_at(13, 118.6051, 34.5051)
    found = decode(await tiles.tile(layer, address, viewer=Viewer.everything()), address)
    assert set(found) == set(layer.sublayers)
    for features in found.values():
        fields = features.drop(columns="geometry")
        # A tile holds no nulls: an open case has not ended, and nobody has judged the change.
        absent = {"ended_at", "verdict", "verdict_at"}
        assert list(fields.columns) == [name for name in layer.fields if name not in absent]
        kinds = {name: KINDS.get(values.dtype.kind, "String") for name, values in fields.items()}
        assert kinds == {name: as_in_a_tile(layer.fields[name]) for name in kinds}


KINDS = {"i": "Number", "f": "Number", "b": "Boolean"}


def as_in_a_tile(kind: FieldType) -> str:
    return {"Instant": "String"}.get(kind, kind)
