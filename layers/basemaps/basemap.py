"""A basemap of somebody else: what it shows, and where each of its tiles is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

from gis.errors import InvalidInput
from layers.catalog import Title
from layers.tiles.address import TileAddress

LABELS = ".labels"
"""What the id of a basemap's second pyramid ends with; an id itself has no dot."""


class TileCrs(StrEnum):
    """What the tiles are drawn in.

    MERCATOR: EPSG:3857, one tile at zoom 0. CGCS2000: degrees (EPSG:4490) as in Tianditu's matrix set
    "c": at zoom z there are 2^z columns of 360/2^z degrees from 180° W, and rows as high from 90° N.
    GCJ02: as MERCATOR, of positions in GCJ-02, as the commercial maps of China are.
    """

    MERCATOR = "3857"
    CGCS2000 = "4490"
    GCJ02 = "gcj02"

    def rows(self, z: int) -> int:
        """How many rows there are at zoom `z`; of columns there are always 2^z."""
        return max(1, 1 << z >> 1) if self is TileCrs.CGCS2000 else 1 << z


@dataclass(frozen=True, kw_only=True, slots=True)
class Pyramid:
    """The tiles of one address.

    `template` has {z}, {x} and {y}, or {-y} for rows counted from the south; where a map server has
    several names, {s}, one of `subdomains`; and {key}, which nobody but the map server ever sees.
    `zoom_offset` is added to z on the way out.
    """

    id: str
    template: str
    crs: TileCrs
    minzoom: int
    maxzoom: int
    subdomains: tuple[str, ...] = ()
    zoom_offset: int = 0
    key: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def kept_as(self) -> str:
        """The name its tiles are kept under: another address is another map."""
        told = f"{self.template} {self.zoom_offset} {self.crs}".encode()
        return f"{self.id}:{blake2b(told, digest_size=6).hexdigest()}"

    def read_address(self, z: int, x: int, y: int) -> TileAddress:
        """Raises InvalidInput, naming the number that lies outside this pyramid."""
        limits = {"z": (z, self.minzoom, self.maxzoom)}
        if self.minzoom <= z <= self.maxzoom:
            limits |= {"x": (x, 0, (1 << z) - 1), "y": (y, 0, self.crs.rows(z) - 1)}
        for name, (value, least, most) in limits.items():
            if not least <= value <= most:
                raise InvalidInput(
                    f"{name} is {value}; in this basemap it is from {least} to {most}.",
                    field=name,
                    code="no_such_tile",
                )
        return TileAddress(z, x, y)

    def url_of(self, address: TileAddress) -> str:
        """Where the tile is. Holds the key: never log it."""
        z, x, y = address
        names = self.subdomains or ("",)
        values = {
            "{z}": str(z + self.zoom_offset),
            "{x}": str(x),
            "{y}": str(y),
            "{-y}": str(self.crs.rows(z) - 1 - y),
            "{s}": names[(x + y) % len(names)],
            "{key}": self.key,
        }
        url = self.template
        for placeholder, value in values.items():
            url = url.replace(placeholder, value)
        return url


@dataclass(frozen=True, kw_only=True, slots=True)
class Basemap:
    """What somebody may choose: the ground and, over it, perhaps names."""

    id: str
    title: Title
    attribution: str
    tile_size: int
    ground: Pyramid
    labels: Pyramid | None = None

    @property
    def pyramids(self) -> tuple[Pyramid, ...]:
        return (self.ground,) if self.labels is None else (self.ground, self.labels)
