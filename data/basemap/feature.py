"""One thing of the basemap."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shapely.geometry.base import BaseGeometry

KINDS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"farmland": (2,), "green": (2,), "built": (2,), "water": (2, 1), "road": (1,), "place": (0,)}
)
"""The kinds that are drawn, with the dimensions of what they are: 0 points, 1 lines, 2 areas."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BasemapFeature:
    """`kind` and `category` are the columns `kind` and `class`."""

    kind: str
    category: str
    name: str | None = None
    geometry: BaseGeometry
