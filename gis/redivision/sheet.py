"""A sheet: the grids that an operation may touch, while it is at work on them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import MultiPolygon

from gis.errors import Conflict, InvalidInput, NotFound
from gis.grid import Grid
from gis.redivision.edges import ON_THE_BORDER_DEG, Vertex, dissolve, vertices_of, with_nodes
from gis.topology import TOLERANCE_M2, ground_m2

_SAME_AREA = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What an operation did: the grids as they were that are no more so, and those in their place."""

    before: tuple[Grid, ...]
    after: tuple[Grid, ...]


class Sheet:
    """`grids` have to hold those an operation names, what is below and above them, all children of what
    is above them, and whatever is beside them, of every level. `used_codes` were given to a grid once:
    they are not given again."""

    def __init__(self, grids: Iterable[Grid], *, used_codes: Iterable[str] = ()) -> None:
        self._before = {grid.code: grid for grid in grids}
        self._now = dict(self._before)
        self._used = {*used_codes, *self._before}

    @property
    def grids(self) -> list[Grid]:
        return list(self._now.values())

    @property
    def used_codes(self) -> frozenset[str]:
        return frozenset(self._used)

    def __getitem__(self, code: str) -> Grid:
        """Raises NotFound."""
        try:
            return self._now[code]
        except KeyError:
            raise NotFound(f"There is no grid {code} in this edition.", field="grid") from None

    def children(self, code: str) -> list[Grid]:
        return [grid for grid in self._now.values() if grid.parent_code == code]

    def put(self, grid: Grid) -> None:
        """In the place of the grid with this code, or as a new one."""
        self._now[grid.code] = grid
        self._used.add(grid.code)

    def remove(self, code: str) -> None:
        del self._now[code]

    def claim(self, code: str) -> str:
        """The code for a new grid. Raises InvalidInput when it was ever given to another."""
        if code in self._used:
            raise InvalidInput(
                f"Code {code} is or was on a grid already, be it in another draft. Codes are never used "
                "again: take another.",
                field="code",
                code="code_used",
            )
        self._used.add(code)
        return code

    def weave(self, nodes: Sequence[Vertex]) -> None:
        """Put nodes into the borders that they lie on, of every grid that has one there."""
        if not nodes:
            return
        grids = self.grids
        points = shapely.multipoints(nodes)
        near = shapely.dwithin([grid.geometry for grid in grids], points, ON_THE_BORDER_DEG)
        for grid, is_near in zip(grids, near.tolist(), strict=True):
            if is_near:
                self._reshape(grid, with_nodes(grid.geometry, nodes))

    def rebuild(self, codes: Iterable[str | None]) -> None:
        """Draw these parents' outlines, and those above them, anew: what their children add up to.

        Raises Conflict where that was not so before, and when a parent is left without children.
        """
        pending = [code for code in dict.fromkeys(codes) if code in self._now]
        above: dict[str | None, None] = {}
        nodes: list[Vertex] = []
        for code in pending:
            parent = self._now[code]
            children = self.children(code)
            if not children:
                raise Conflict(
                    f"{named(parent)} would be left without a grid. Merge it into its neighbour instead."
                )
            self._require_matching(code)
            outline = dissolve([child.geometry for child in children])
            outline = with_nodes(outline, sorted(vertices_of(parent.geometry)))
            nodes += sorted(vertices_of(outline) - vertices_of(parent.geometry))
            if not same_area(outline, parent.geometry):
                above[parent.parent_code] = None
            self._reshape(parent, outline)
        self.weave(nodes)
        if len(above) > 1:  # within one parent, what moved from child to child is no matter to it
            self.rebuild(above)

    def change(self, *, keeps_area: bool = True) -> Change:
        """What is different now. Raises InvalidInput when it is not sound: see the module."""
        touched = [
            code
            for code in sorted(self._before.keys() | self._now.keys())
            if self._before.get(code) is not self._now.get(code)
            and self._before.get(code) != self._now.get(code)
        ]
        before = [self._before[code] for code in touched if code in self._before]
        after = [self._now[code] for code in touched if code in self._now]
        for level in sorted({grid.level for grid in after}):
            self._require_sound(level, before, after, keeps_area=keeps_area)
        return Change(before=tuple(before), after=tuple(after))

    def _reshape(self, grid: Grid, geometry: MultiPolygon) -> None:
        if geometry is not grid.geometry:
            self.put(replace(grid, geometry=geometry))

    def _require_matching(self, code: str) -> None:
        parent = self._before.get(code)
        children = [grid.geometry for grid in self._before.values() if grid.parent_code == code]
        if parent is None or not children:
            return
        apart = shapely.symmetric_difference(parent.geometry, dissolve(children))
        if (apart_m2 := ground_m2(apart)) > TOLERANCE_M2:
            raise Conflict(
                f"The outline of {named(parent)} is not what its grids add up to "
                f"({apart_m2:,.0f} m² apart). Snap the edition or correct that first.",
                code="outline_differs",
            )

    def _require_sound(
        self, level: int, before: Sequence[Grid], after: Sequence[Grid], *, keeps_area: bool
    ) -> None:
        were = [grid.geometry for grid in before if grid.level == level]
        are = [grid.geometry for grid in after if grid.level == level]
        where = (
            "The grids would not be sound there: draw the line farther from corners, or snap more."
        )
        if not shapely.is_valid(are).all() or shapely.is_empty(are).any():
            raise InvalidInput(where, field="line", code="unsound")
        if not keeps_area:
            return
        old, new = shapely.area(were).sum(), shapely.area(are).sum()
        if abs(old - new) > _SAME_AREA * max(old, new):
            raise InvalidInput(where, field="line", code="unsound")
        # What was a coverage is one again: no gap, no overlap, each vertex shared by all around it.
        changed = {grid.code for grid in (*before, *after)}
        tree = shapely.union_all(shapely.envelope(are))
        beside = [
            grid.geometry
            for grid in self._now.values()
            if grid.level == level and grid.code not in changed and grid.geometry.intersects(tree)
        ]
        was = shapely.coverage_is_valid(np.array([*were, *beside], dtype=object))
        if was and not shapely.coverage_is_valid(np.array([*are, *beside], dtype=object)):
            raise InvalidInput(where, field="line", code="unsound")


def same_area(a: MultiPolygon, b: MultiPolygon) -> bool:
    """Whether they cover the same ground, whatever vertices they have on the way."""
    if a.bounds != b.bounds and abs(a.area - b.area) > 1e-9 * a.area:
        return False
    return bool(shapely.equals(a, b)) or shapely.symmetric_difference(a, b).area <= 1e-12 * a.area


def named(grid: Grid) -> str:
    return f"{grid.name} ({grid.code})"
