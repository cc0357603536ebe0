"""Slivers between grids given to one of them: what is narrower than a tolerance is nobody's intention.

The borders of the grids around slivers are noded together once, and each of the faces between them is
given to grids as a whole. So neighbours share the very same vertices, an overlap or a gap that is wider
somewhere stays what it is, and who does it twice changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from gis.errors import InvalidInput
from gis.geodesy import metres_per_degree
from gis.grid import Grid
from gis.redivision.claims import Claim, Family
from gis.redivision.edges import ON_THE_BORDER_DEG, dissolve, edges_of, vertices_of, with_nodes
from gis.topology import FindingKind, faults_of, ground_m2, is_wider, mean_width_m, width_m

NARROW_M = 1.0
"""Up to how wide a sliver is closed where nobody says otherwise."""

MOST_M = 10.0
"""The widest that anything may be to be closed."""

_NOISE_M = 1e-5
_TOUCHING_DEG = 1e-7


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """Ground that was given to the grid `to` and those above it.

    `kind` is what was wrong with it, `codes` the grids that had it or, of a gap, nobody's. `gained` and
    `lost` are all grids whose area changed by it. `area_m2` is on the ground, of all its places together
    (`geometry`, EPSG:4326); none of them is wider than `width_m`.
    """

    kind: FindingKind
    codes: tuple[str, ...]
    to: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    area_m2: float
    width_m: float
    geometry: MultiPolygon

    @property
    def message(self) -> str:
        """What was done, and where the largest of it is."""
        what = {
            FindingKind.OVERLAP: f"that {' and '.join(self.codes)} both had",
            FindingKind.GAP: "that no grid had",
            FindingKind.UNCOVERED_PARENT: f"of {' and '.join(self.codes)} that no grid in it had",
        }.get(self.kind, f"of {' and '.join(self.codes)} outside of the parent")
        where = max(self.geometry.geoms, key=lambda part: part.area).representative_point()
        places = len(self.geometry.geoms)
        return (
            f"{self.area_m2:,.2f} m² {what} went to {self.to}: "
            f"{f'{places} slivers' if places > 1 else 'a sliver'}, at most {self.width_m:.2f} m wide, "
            f"{'the largest ' if places > 1 else ''}at {where.x:.6f} {where.y:.6f}."
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Closed:
    """The grids, those that nothing was done to as they were, and what was done."""

    grids: tuple[Grid, ...]
    repairs: tuple[Repair, ...]


def close_slivers(grids: Iterable[Grid], *, narrower_m: float = NARROW_M) -> Closed:
    """Give each sliver to the neighbour with the longer border along it: of an overlap, of the grids
    that have it; of ground along a parent's outline, of its children; of a gap, of those around it.

    Every geometry has to be valid and every code there once. Raises InvalidInput for a tolerance.
    """
    if not 0 < narrower_m <= MOST_M:
        raise InvalidInput(
            f"Slivers are closed up to a width of more than 0 and at most {MOST_M:.0f} m.",
            field="sliver_m",
        )
    given = tuple(grids)
    narrow, wide = _parts(given, narrower_m)
    if not narrow:
        return Closed(grids=given, repairs=())
    family = Family(given)
    tree = shapely.STRtree([grid.geometry for grid in given])
    _, near = tree.query(narrow, predicate="dwithin", distance=_TOUCHING_DEG)
    involved = family.with_those_above({given[index].code for index in near.tolist()})
    sheet = _Faces([grid for grid in given if grid.code in involved], family)
    moved = sheet.move(narrow, wide)
    if not moved:
        return Closed(grids=given, repairs=())
    drawn = sheet.drawn()
    nodes = sorted(
        set[tuple[float, float]]().union(*(vertices_of(area) for area in drawn.values()))
        - set().union(*(vertices_of(family[code].geometry) for code in involved))
    )
    return Closed(
        grids=tuple(_redrawn(grid, drawn.get(grid.code), nodes) for grid in given),
        repairs=tuple(_repairs(moved, family)),
    )


def _parts(grids: Sequence[Grid], narrower_m: float) -> tuple[list[Polygon], list[Polygon]]:
    """What is wrong, place by place: the slivers, and what is wider somewhere."""
    narrow: list[Polygon] = []
    wide: list[Polygon] = []
    for fault in faults_of(grids):
        for part in fault.area.geoms:
            if is_wider(part, narrower_m):
                wide.append(part)
            elif mean_width_m(part) > _NOISE_M:
                narrow.append(part)
    return narrow, wide


def _redrawn(grid: Grid, drawn: MultiPolygon | None, nodes: Sequence[tuple[float, float]]) -> Grid:
    if drawn is not None:
        return replace(grid, geometry=drawn)
    if nodes and shapely.dwithin(grid.geometry, shapely.multipoints(nodes), ON_THE_BORDER_DEG):
        return replace(grid, geometry=with_nodes(grid.geometry, nodes))
    return grid


@dataclass(frozen=True, kw_only=True, slots=True)
class _Moved:
    face: Polygon
    before: Claim
    after: Claim


class _Faces:
    """The ground that the borders of grids cut into faces, and who claims each."""

    def __init__(self, grids: Sequence[Grid], family: Family) -> None:
        self._grids, self._family = grids, family
        areas = [grid.geometry for grid in grids]
        lines = shapely.union_all(shapely.boundary(areas))
        made = shapely.polygonize(shapely.get_parts(lines).tolist())
        self._faces = np.array(
            [face for face in made.geoms if isinstance(face, Polygon)], dtype=np.object_
        )
        self._places = shapely.STRtree(shapely.point_on_surface(self._faces))
        claims: list[set[str]] = [set() for _ in self._faces]
        for index, face in zip(*self._holding(areas), strict=True):
            claims[face].add(grids[index].code)
        self._before = [frozenset(codes) for codes in claims]
        self._after = list(self._before)
        self._noise = frozenset(
            index
            for index, face in enumerate(self._faces.tolist())
            if mean_width_m(face) <= _NOISE_M
        )

    def move(self, narrow: Sequence[Polygon], wide: Sequence[Polygon]) -> list[_Moved]:
        """Give the faces in slivers to whom they belong; those that are in something wider stay."""
        slivers = {
            face
            for face in set(self._holding(narrow)[1]) - set(self._holding(wide)[1])
            if not self._family.is_line(self._before[face])
        }
        slivers -= self._noise
        slivers -= self._all_that_a_grid_has(slivers | self._noise)
        pending = slivers | self._noise
        borders = self._borders(pending)
        # What lies among slivers only has to wait until one of those belongs to somebody.
        while decided := self._decided(pending, borders):
            for face, heir in decided.items():
                self._after[face] = heir
            pending -= decided.keys()
        return [
            _Moved(face=self._faces[face], before=self._before[face], after=self._after[face])
            for face in sorted(slivers)
            if self._after[face] != self._before[face]
        ]

    def _decided(
        self, pending: set[int], borders: Mapping[int, Mapping[int, float]]
    ) -> Mapping[int, Claim]:
        decided: dict[int, Claim] = {}
        for face in sorted(pending):
            heirs: defaultdict[Claim, float] = defaultdict(float)
            for other, length_m in borders[face].items():
                if other not in pending:
                    heirs[self._after[other]] += length_m
            if face in self._noise:
                heir = max(heirs, key=lambda claim: (heirs[claim], sorted(claim)), default=None)
            else:
                heir = self._family.heir(self._before[face], heirs)
            if heir is not None:
                decided[face] = heir
        return decided

    def drawn(self) -> Mapping[str, MultiPolygon]:
        """The areas of the grids that are others now or have more vertices."""
        found: dict[str, MultiPolygon] = {}
        were, are = _faces_by_code(self._before), _faces_by_code(self._after)
        for grid in self._grids:
            mine = are[grid.code]
            area = dissolve([MultiPolygon([face]) for face in self._faces[mine].tolist()])
            more = shapely.count_coordinates(area) - shapely.count_coordinates(grid.geometry)
            if mine != were[grid.code] or more:
                found[grid.code] = area
        return found

    def _holding(self, areas: Sequence[Polygon | MultiPolygon]) -> tuple[list[int], list[int]]:
        """Pairs of an area and a face inside it."""
        if not areas:
            return [], []
        area, face = self._places.query(np.array(areas, np.object_), predicate="contains")
        return area.tolist(), face.tolist()

    def _all_that_a_grid_has(self, movable: set[int]) -> set[int]:
        """A grid that is nothing but slivers stays."""
        return {
            face
            for mine in _faces_by_code(self._before).values()
            if movable.issuperset(mine)
            for face in mine
        }

    def _borders(self, of: set[int]) -> Mapping[int, Mapping[int, float]]:
        """Of each of these faces, how many metres of border it has with each other face."""
        edges = {face: edges_of(self._faces[face]) for face in of}
        owners: defaultdict[tuple[tuple[float, float], tuple[float, float]], list[int]]
        owners = defaultdict(list)
        for face, around in edges.items():
            for each in around:
                owners[each].append(face)
        borders: dict[int, defaultdict[int, float]] = {face: defaultdict(float) for face in of}
        if not of:
            return borders
        _, near = shapely.STRtree(self._faces).query(
            self._faces[sorted(of)], predicate="intersects"
        )
        for other in sorted(set(near.tolist())):
            for each in edges_of(self._faces[other]):
                for face in owners.get(each, ()):
                    if face != other:
                        (x1, y1), (x2, y2) = each
                        per_lon, per_lat = metres_per_degree(y1)
                        borders[face][other] += float(
                            np.hypot((x2 - x1) * per_lon, (y2 - y1) * per_lat)
                        )
        return borders


def _faces_by_code(claims: Sequence[Claim]) -> Mapping[str, list[int]]:
    faces: defaultdict[str, list[int]] = defaultdict(list)
    for face, claim in enumerate(claims):
        for code in claim:
            faces[code].append(face)
    return faces


def _repairs(moved: Sequence[_Moved], family: Family) -> Iterable[Repair]:
    alike: defaultdict[tuple[Claim, Claim], list[Polygon]] = defaultdict(list)
    for each in moved:
        alike[each.before, each.after].append(each.face)
    for (before, after), faces in sorted(
        alike.items(), key=lambda pair: (sorted(pair[0][0]), sorted(pair[0][1]))
    ):
        area = dissolve([MultiPolygon([face]) for face in faces])
        kind, codes = family.fault_of(before)
        yield Repair(
            kind=kind,
            codes=codes,
            to=family.lowest(after),
            gained=tuple(sorted(after - before)),
            lost=tuple(sorted(before - after)),
            area_m2=ground_m2(area),
            width_m=width_m(area),
            geometry=area,
        )
