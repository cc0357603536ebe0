"""A layer: what it is called, where its features are, and who may see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

GeometryKind = Literal["point", "line", "polygon", "mixed"]


class FieldType(StrEnum):
    """What a field of a feature holds, in the words of TileJSON 3; an instant is ISO 8601."""

    STRING = "String"
    NUMBER = "Number"
    BOOLEAN = "Boolean"
    INSTANT = "Instant"


class LayerSource(StrEnum):
    """Where a layer comes from."""

    BUILT_IN = "built_in"
    FILE = "file"
    VIEW = "view"
    """A table or view of the database that an administrator names."""
    COMPUTED = "computed"
    """Cells that are worked out when somebody asks (`layers.cells`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Title:
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Relation:
    """The table or view that holds a layer's features.

    `key` tells them apart and is the order of their pages. `projected` is the column with the geometry
    in EPSG:3857; without one it is projected when it is read, from `srid`. With a `document` the fields
    are the members of that column instead of columns. With `layer_id` the features of several layers are
    in the relation, and this one's have that `layer_id`.
    """

    name: str
    schema: str | None = None
    key: str = "id"
    key_is_number: bool = True
    geometry: str = "geom"
    srid: int = 4326
    projected: str | None = "geom_3857"
    document: str | None = None
    layer_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Validity:
    """When a feature holds: from its field `begins` until its field `ends`; without `ends`, at `begins`.

    Who names no time is shown what holds now: the features whose column `current` is true; without one,
    all of them.
    """

    begins: str
    ends: str | None = None
    current: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Layer:
    """Something the map can show.

    `sublayers` are the names inside its vector tiles; each of their features has the same `fields`.
    Below `minzoom` a tile is empty; beyond `maxzoom` it holds nothing new and a client enlarges it.
    `permission` is the word of what whoever looks must be permitted. `style` is how it is drawn:
    `color` (#RRGGBB), `radius_px`, `width_px`, `opacity`; `colors` gives features another colour by the
    value of a field, and does not draw those with a value that it has not; `over_time` are those where
    it is asked over `windows`; `shade` makes what has more of a field less transparent, from `least` to
    `most` in a logarithmic scale.

    `version` in `layer_versions` (under the id) rises whenever an `is_versioned` layer changes; tiles of
    others are built every time they are asked for. What is shown of an `is_personal` layer depends on
    who looks, by row-level security; an `is_audited` one tells where people have been.
    `statement` is the name of its own statement in `layers/tiles/tiles.sql`.
    """

    id: str
    title: Title
    geometry: GeometryKind
    fields: Mapping[str, FieldType]
    relation: Relation
    minzoom: int
    maxzoom: int
    sublayers: tuple[str, ...] = ()
    source: LayerSource = LayerSource.BUILT_IN
    origin: str | None = None
    """The name of the file, or of the table or view."""
    permission: str = "read_layers"
    style: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    validity: Validity | None = None
    is_versioned: bool = True
    is_personal: bool = False
    is_audited: bool = False
    statement: str | None = None
    choices: Mapping[str, FieldType] = field(default_factory=lambda: MappingProxyType({}))
    """What a computed layer is asked with, beside a time."""

    @property
    def is_computed(self) -> bool:
        """Whether the rows of its relation come with the question, as arrays (`layers.cells.rows`)."""
        return self.source is LayerSource.COMPUTED

    @property
    def has_time(self) -> bool:
        return self.validity is not None or self.is_computed

    @property
    def has_tiles(self) -> bool:
        """Not where each look goes on the audit: a map asks for dozens of tiles."""
        return not self.is_audited

    def __post_init__(self) -> None:
        if not self.sublayers:
            object.__setattr__(self, "sublayers", (self.id,))
