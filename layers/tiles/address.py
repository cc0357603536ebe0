"""Which tile: zoom, column and row of the usual web Mercator pyramid (row 0 is in the north)."""

import math
from typing import NamedTuple

from gis.errors import InvalidInput

MAX_ZOOM = 20


class TileAddress(NamedTuple):
    """A tuple, for it is the key of the cache on the hot path."""

    z: int
    x: int
    y: int

    def bbox(self, *, margin: float = 0.0) -> tuple[float, float, float, float]:
        """West, south, east, north (EPSG:4326), with a margin of so many sides of the tile."""
        west, east = (self._lon(self.x - margin), self._lon(self.x + 1 + margin))
        south, north = (self._lat(self.y + 1 + margin), self._lat(self.y - margin))
        return west, south, east, north

    def _lon(self, x: float) -> float:
        return x / (1 << self.z) * 360 - 180

    def _lat(self, y: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / (1 << self.z)))))


def read_address(z: int, x: int, y: int) -> TileAddress:
    """Raises InvalidInput, naming the number that lies outside the pyramid."""
    if not 0 <= z <= MAX_ZOOM:
        raise InvalidInput(
            f"z is {z}; a zoom level is from 0 to {MAX_ZOOM}.", field="z", code="no_such_tile"
        )
    last = (1 << z) - 1
    for name, value in (("x", x), ("y", y)):
        if not 0 <= value <= last:
            raise InvalidInput(
                f"{name} is {value}; at zoom {z} it is from 0 to {last}.",
                field=name,
                code="no_such_tile",
            )
    return TileAddress(z, x, y)
