"""The grid tree: who is above and below whom, and which grids a point lies in, deepest first."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InvalidInput, NotFound
from gis.grid import Grid
from gis.locator import NONE, Located, Locator


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a point lies: its grid and `chain`, that grid and all above it, deepest first."""

    grid: Grid
    chain: tuple[Grid, ...]
    on_boundary: bool
    snapped: bool
    distance_m: float


class GridTree:
    """The grids of one edition. Immutable; safe to use from several threads.

    A point belongs to the deepest grid that covers it. In a gap that no deeper grid covers it snaps
    to a near one, but never to one outside the grid that does cover it: being covered counts for
    more than being near. The locators are built when the first point is asked about.

    `grids` are in the order of (level, code); `place_many` answers with indexes into them. A parent
    that is not among the grids is a finding of `gis.topology`; here its children are roots.

    Raises InvalidInput for a code that occurs twice, or a grid above itself.
    """

    def __init__(self, grids: Iterable[Grid], *, snap_m: float = 50.0) -> None:
        self.grids: tuple[Grid, ...] = tuple(sorted(grids, key=lambda g: (g.level, g.code)))
        self.snap_m = snap_m
        self.by_code: Mapping[str, Grid] = {grid.code: grid for grid in self.grids}
        if len(self.by_code) < len(self.grids):
            [(code, times)] = Counter(grid.code for grid in self.grids).most_common(1)
            raise InvalidInput(
                f"Grid code {code} occurs {times} times. Give every grid its own.", field="code"
            )
        self.index_of: Mapping[str, int] = {g.code: index for index, g in enumerate(self.grids)}
        self._children: defaultdict[str | None, list[Grid]] = defaultdict(list)
        for grid in self.grids:
            self._children[self._parent_code(grid)].append(grid)
        self._chains = {grid.code: self._chain(grid) for grid in self.grids}

    def __len__(self) -> int:
        return len(self.grids)

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    def __getitem__(self, code: str) -> Grid:
        """Return the grid with this code. Raises NotFound."""
        try:
            return self.by_code[code]
        except KeyError:
            raise NotFound(f"There is no grid {code} in this edition.", field="code") from None

    @property
    def levels(self) -> tuple[int, ...]:
        """The levels there are, the top first."""
        return tuple(sorted({grid.level for grid in self.grids}))

    @property
    def roots(self) -> tuple[Grid, ...]:
        """The grids without a parent in the edition."""
        return tuple(self._children.get(None, ()))

    @property
    def leaves(self) -> tuple[Grid, ...]:
        """The grids without children."""
        return tuple(grid for grid in self.grids if grid.code not in self._children)

    def children(self, code: str) -> tuple[Grid, ...]:
        """Return the grids directly below, by code. Raises NotFound."""
        return tuple(self._children.get(self[code].code, ()))

    def chain(self, code: str) -> tuple[Grid, ...]:
        """Return the grid and all above it, deepest first. Raises NotFound."""
        return self._chains[self[code].code]

    def ancestors(self, code: str) -> tuple[Grid, ...]:
        """Return the grids above, the nearest first. Raises NotFound."""
        return self.chain(code)[1:]

    def subtree(self, codes: Iterable[str]) -> frozenset[str]:
        """Return these codes and all codes below them. Raises NotFound."""
        found: set[str] = set()
        pending = [self[code].code for code in codes]
        while pending:
            code = pending.pop()
            if code not in found:
                found.add(code)
                pending.extend(child.code for child in self._children.get(code, ()))
        return frozenset(found)

    def place(self, lon: float, lat: float) -> Place | None:
        """Return where a point (EPSG:4326) lies, or None when no grid covers it or is near."""
        for start, locator in self._locators:
            location = locator.locate(lon, lat)
            if location is None:
                continue
            if location.snapped:
                # Rare: a gap or the outside. Whether a higher grid covers the point decides.
                return self._place_uncovered(lon, lat)
            return self._place(start + location.index, on_boundary=location.on_boundary)
        return None

    def place_many(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int32]:
        """Return for each point (EPSG:4326) the index of its grid in `grids`, -1 for none."""
        return self.locate_many(lon, lat).index

    def locate_many(self, lon: ArrayLike, lat: ArrayLike) -> Located:
        """Return where points (EPSG:4326) lie, as `place` says of each: indexes into `grids`."""
        lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
        index = np.full(len(lon), NONE, np.int32)
        on_boundary, snapped = np.zeros(len(lon), bool), np.zeros(len(lon), bool)
        distance_m = np.full(len(lon), np.nan)
        pending = np.arange(len(lon))
        maybe_near = np.zeros(len(lon), bool)
        for start, locator in self._locators:
            located = locator.locate_many(lon[pending], lat[pending])
            maybe_near[pending] |= located.snapped
            covered = (located.index != NONE) & ~located.snapped
            found = pending[covered]
            index[found] = located.index[covered] + start
            on_boundary[found] = located.on_boundary[covered]
            distance_m[found] = 0.0
            pending = pending[~covered]
        for point in np.flatnonzero(maybe_near).tolist():
            place = self._place_uncovered(lon.item(point), lat.item(point))
            if place is not None:
                index[point] = self.index_of[place.grid.code]
                on_boundary[point], snapped[point] = place.on_boundary, place.snapped
                distance_m[point] = place.distance_m
        return Located(index=index, on_boundary=on_boundary, snapped=snapped, distance_m=distance_m)

    def _place_uncovered(self, lon: float, lat: float) -> Place | None:
        """Place a point that some level does not cover: snap below what covers it, if anything."""
        covering: Place | None = None
        near: list[tuple[Grid, float]] = []
        for start, locator in self._locators:
            location = locator.locate(lon, lat)
            if location is not None and not location.snapped:
                covering = self._place(start + location.index, on_boundary=location.on_boundary)
                break
            nearby = locator.nearby([lon], [lat])
            near += [
                (self.grids[start + index], distance_m)
                for index, distance_m in zip(
                    nearby.index.tolist(), nearby.distance_m.tolist(), strict=True
                )
            ]
        for grid, distance_m in near:
            if covering is None or covering.grid in self._chains[grid.code]:
                return self._place(self.index_of[grid.code], snapped_m=distance_m)
        return covering

    def _place(
        self, index: int, *, on_boundary: bool = False, snapped_m: float | None = None
    ) -> Place:
        grid = self.grids[index]
        return Place(
            grid=grid,
            chain=self._chains[grid.code],
            on_boundary=on_boundary,
            snapped=snapped_m is not None,
            distance_m=snapped_m or 0.0,
        )

    def _parent_code(self, grid: Grid) -> str | None:
        return grid.parent_code if grid.parent_code in self.by_code else None

    def _chain(self, grid: Grid) -> tuple[Grid, ...]:
        chain = [grid]
        while (parent_code := self._parent_code(chain[-1])) is not None:
            if len(chain) == len(self.grids):
                raise InvalidInput(
                    f"Grid {grid.code} is above itself. Correct the parent codes.", field="parent"
                )
            chain.append(self.by_code[parent_code])
        return tuple(chain)

    @cached_property
    def _locators(self) -> tuple[tuple[int, Locator], ...]:
        """One locator a level with the index of its first grid, the deepest level first."""
        locators = []
        for _, level in groupby(enumerate(self.grids), key=lambda pair: pair[1].level):
            indexes, grids = zip(*level, strict=True)
            locators.append((indexes[0], Locator(grids, snap_m=self.snap_m)))
        return tuple(reversed(locators))
