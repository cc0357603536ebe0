"""Clean polygons out of whatever a file or an overlay gives. Any coordinate system."""

from collections.abc import Iterator

import shapely
from shapely import LinearRing, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput


def polygonal(geometry: BaseGeometry) -> MultiPolygon:
    """Return the polygons in a geometry, in two dimensions; points and lines fall away."""
    return MultiPolygon(list(_polygons(shapely.force_2d(geometry))))


def repair(geometry: BaseGeometry) -> tuple[MultiPolygon, tuple[str, ...]]:
    """Return a valid MultiPolygon and what had to be done, in words (nothing: an empty tuple).

    Rings without area are dropped, crossing or overlapping rings become the area that they enclose.
    Only what is certain is changed: a valid geometry keeps every vertex.

    Raises InvalidInput when no area is left.
    """
    done: list[str] = []
    polygons = polygonal(geometry)
    whole = [clean for clean in (_without_flat_rings(p, done) for p in polygons.geoms) if clean]
    repaired = MultiPolygon(whole)
    if not repaired.is_valid:
        done.append(f"Made valid: {shapely.is_valid_reason(repaired)}.")
        # "structure" and not "linework": parts that overlap must unite, not cut a hole.
        repaired = polygonal(shapely.make_valid(repaired, method="structure", keep_collapsed=False))
    if repaired.is_empty:
        raise InvalidInput(
            f"The {geometry.geom_type} encloses no area. Draw it as a polygon.",
            field="geometry",
            code="no_area",
        )
    return repaired, tuple(done)


def _polygons(geometry: BaseGeometry) -> Iterator[Polygon]:
    if isinstance(geometry, Polygon):
        if not geometry.is_empty:
            yield geometry
    else:
        for part in getattr(geometry, "geoms", ()):
            yield from _polygons(part)


def _without_flat_rings(polygon: Polygon, done: list[str]) -> Polygon | None:
    if _is_flat(polygon.exterior):
        done.append(f"Dropped a part without area at {_place(polygon.exterior)}.")
        return None
    flat = [hole for hole in polygon.interiors if _is_flat(hole)]
    if not flat:
        return polygon
    done.extend(f"Dropped a hole without area at {_place(hole)}." for hole in flat)
    return Polygon(polygon.exterior, [hole for hole in polygon.interiors if not _is_flat(hole)])


def _is_flat(ring: LinearRing) -> bool:
    polygon = Polygon(ring)
    # A figure of eight has area, though its two halves cancel.
    return polygon.area == 0 and shapely.make_valid(polygon).area == 0


def _place(ring: LinearRing) -> str:
    x, y = ring.coords[0][:2]
    return f"{x:.6f} {y:.6f}"
