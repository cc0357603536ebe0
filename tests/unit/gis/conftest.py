"""Real grids: the districts and sub-districts of Beijing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from shapely import MultiPolygon
from shapely.geometry import shape

from gis.grid import Grid


@pytest.fixture(scope="session")
def districts(real_data: Path) -> list[Grid]:
    """The outlines of the 16 districts, as level 1."""
    return list(_grids(real_data / "beijing_admin" / "district", level=1))


@pytest.fixture(scope="session")
def sub_districts(real_data: Path) -> list[Grid]:
    """The 248 sub-districts of 12 districts, as level 2."""
    return list(_grids(real_data / "beijing_admin" / "subdistrict", level=2))


def _grids(folder: Path, *, level: int) -> Iterator[Grid]:
    for path in sorted(folder.glob("*.geojson")):
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            geometry, properties = shape(feature["geometry"]), feature["properties"]
            parent = properties.get("parentCode")
            yield Grid(
                code=str(properties["code"]),
                name=properties["Name"],
                level=level,
                parent_code=None if parent is None else str(parent),
                geometry=geometry
                if isinstance(geometry, MultiPolygon)
                else MultiPolygon([geometry]),
            )
