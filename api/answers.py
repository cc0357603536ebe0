"""What several routes answer with: the name of a grid, and GeoJSON's geometries (RFC 7946)."""

from typing import Literal

from pydantic import BaseModel

from gis.grid import Grid

LonLat = tuple[float, float]


class GridName(BaseModel):
    code: str
    name: str


class GridOfLevel(GridName):
    level: int

    @classmethod
    def of(cls, grid: Grid) -> "GridOfLevel":
        return cls(code=grid.code, name=grid.name, level=grid.level)


class PointGeometry(BaseModel):
    type: Literal["Point"]
    coordinates: LonLat


class LineGeometry(BaseModel):
    type: Literal["LineString"]
    coordinates: list[LonLat]
