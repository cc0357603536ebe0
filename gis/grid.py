"""A grid: an area with a code, a level and someone who answers for it."""

from dataclasses import dataclass

from shapely import MultiPolygon


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """One area of the grid tree.

    `geometry` is in EPSG:4326, lon before lat. Level 1 lies inside a town, level 2 inside level 1;
    deeper levels are allowed. `parent_code` is None at the top.
    """

    code: str
    name: str
    level: int
    parent_code: str | None
    geometry: MultiPolygon
