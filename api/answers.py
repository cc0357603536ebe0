"""What several routes answer with: the name of a grid, ratios, and GeoJSON's geometries (RFC 7946)."""

from typing import Any, Literal

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from gis.grid import Grid
from gis.ratio import Ratio

LonLat = tuple[float, float]


class GeoJsonResponse(JSONResponse):
    """`content` is the document as it goes out: bytes of JSON."""

    media_type = "application/geo+json"

    def render(self, content: Any) -> bytes:
        assert isinstance(content, bytes)
        return content


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


class RatioAnswer(BaseModel):
    """`rate` is `reached / required`; null where nothing is required."""

    reached: int
    required: int
    rate: float | None

    @classmethod
    def of(cls, ratio: Ratio) -> "RatioAnswer":
        return cls(
            reached=ratio.reached,
            required=ratio.required,
            rate=None if ratio.rate is None else round(ratio.rate, 4),
        )
