"""A way: a line of the plane that something flows or travels along."""

from collections.abc import Iterable
from dataclasses import dataclass

from shapely import LineString

RIVER, CANAL = "river", "canal"
TRUNK, MAIN, MINOR, PATH = "trunk", "main", "minor", "path"
WATERWAYS = frozenset({RIVER, CANAL})
ROADS = frozenset({TRUNK, MAIN, MINOR, PATH})


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """`line` in metres of the plane; `kind` is one of the words above."""

    kind: str
    line: LineString
    name: str | None = None


def lines_of(ways: Iterable[Way], *kinds: str) -> list[LineString]:
    return [way.line for way in ways if way.kind in kinds]
