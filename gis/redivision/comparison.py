"""Two divisions compared: what became of each grid, and the ground that moves."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from shapely import MultiPolygon

from gis.geodesy import area_m2
from gis.grid import Grid
from gis.polygons import polygonal
from gis.redivision.sheet import same_area
from gis.topology import TOLERANCE_M2, ground_m2

_MOST_OF = 0.5


class Relation(StrEnum):
    """What became of a grid. `CHANGED`: another area or another parent."""

    KEPT = "kept"
    CHANGED = "changed"
    RENAMED = "renamed"
    SPLIT = "split"
    MERGED = "merged"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Ground that one grid before (`old`) and one after (`new`) share: geodesic square metres, and its
    share of each. Without the one or the other, the grid is new or gone."""

    old: str | None
    new: str | None
    level: int
    relation: Relation
    area_m2: float
    share_of_old: float | None
    share_of_new: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """Ground (EPSG:4326) that is in another grid of a level than before; None: in none."""

    old: str | None
    new: str | None
    level: int
    area_m2: float
    geometry: MultiPolygon


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """`relations` is what became of each code, of before and of after, by level and code. Area up to a
    square metre is a sliver, and of no importance."""

    links: tuple[Link, ...]
    moved: tuple[Moved, ...]
    relations: Mapping[str, Relation]

    @property
    def changed_codes(self) -> frozenset[str]:
        """Of all grids that are not what they were."""
        return frozenset(c for c, each in self.relations.items() if each is not Relation.KEPT)


def compare(before: Iterable[Grid], after: Iterable[Grid]) -> Comparison:
    """What becomes of the grids of each level."""
    old, new = _by_level(before), _by_level(after)
    links: list[Link] = []
    moved: list[Moved] = []
    relations: dict[str, Relation] = {}
    called: dict[str, str] = {}
    for level in sorted(old.keys() | new.keys()):
        compared = _Level(level, old.get(level, {}), new.get(level, {}), called)
        called = compared.called
        links += compared.links
        moved += compared.moved
        relations |= compared.relations
    return Comparison(links=tuple(links), moved=tuple(moved), relations=relations)


def _by_level(grids: Iterable[Grid]) -> dict[int, dict[str, Grid]]:
    levels: defaultdict[int, dict[str, Grid]] = defaultdict(dict)
    for grid in sorted(grids, key=lambda grid: grid.code):
        levels[grid.level][grid.code] = grid
    return levels


class _Level:
    """`called` are the new codes of the grids one level up that have others now; so is `self.called`."""

    def __init__(
        self,
        level: int,
        old: Mapping[str, Grid],
        new: Mapping[str, Grid],
        called: Mapping[str, str],
    ) -> None:
        self._level, self._old, self._new, self._called = level, old, new, called
        # Most grids of a re-division are what they were: only the others are overlaid.
        self._same = {
            code
            for code in old.keys() & new.keys()
            if old[code].geometry.equals_exact(new[code].geometry, 0.0)
            # A node on a long straight border moves no ground, but the geodesic area by some m².
            or same_area(old[code].geometry, new[code].geometry)
        }
        self._area_of_old = {code: area_m2(grid.geometry) for code, grid in old.items()}
        self._area_of_new = {
            code: self._area_of_old[code] if code in self._same else area_m2(grid.geometry)
            for code, grid in new.items()
        }
        pieces = self._pieces()
        self.moved = self._moves(pieces)
        self.links = self._links({pair: area for pair, (area, _) in pieces.items()})
        self.relations = self._relations()
        self.called = {
            link.old: link.new
            for link in self.links
            if link.relation is Relation.RENAMED and link.old is not None and link.new is not None
        }

    def _pieces(self) -> dict[tuple[str, str], tuple[float, MultiPolygon | None]]:
        found: dict[tuple[str, str], tuple[float, MultiPolygon | None]] = {
            (code, code): (self._area_of_old[code], None) for code in self._same
        }
        # A grid that stayed may overlap others that moved only where an edition has findings.
        old = [grid for code, grid in self._old.items() if code not in self._same]
        new = [grid for code, grid in self._new.items() if code not in self._same]
        if not old or not new:
            return found
        old_areas = np.array([grid.geometry for grid in old], np.object_)
        new_areas = np.array([grid.geometry for grid in new], np.object_)
        into, from_ = shapely.STRtree(old_areas).query(new_areas, predicate="intersects")
        shared = shapely.intersection(old_areas[from_], new_areas[into])
        for o, n, piece in zip(from_.tolist(), into.tolist(), shared.tolist(), strict=True):
            area = polygonal(piece)
            if not _is_sliver(area):
                found[old[o].code, new[n].code] = area_m2(area), area
        return found

    def _moves(
        self, pieces: Mapping[tuple[str, str], tuple[float, MultiPolygon | None]]
    ) -> list[Moved]:
        moves = [
            Moved(old=old, new=new, level=self._level, area_m2=area, geometry=piece)
            for (old, new), (area, piece) in pieces.items()
            if old != new and piece is not None
        ]
        for grids, other, is_old in (
            (self._old, self._new, True),
            (self._new, self._old, False),
        ):
            rest = [grid for code, grid in grids.items() if code not in self._same]
            covering = shapely.union_all(
                [grid.geometry for code, grid in other.items() if code not in self._same]
            )
            for grid in rest:
                left = polygonal(grid.geometry.difference(covering))
                if not _is_sliver(left):
                    moves.append(
                        Moved(
                            old=grid.code if is_old else None,
                            new=None if is_old else grid.code,
                            level=self._level,
                            area_m2=area_m2(left),
                            geometry=left,
                        )
                    )
        return sorted(moves, key=lambda each: (each.old or "", each.new or ""))

    def _links(self, areas: Mapping[tuple[str, str], float]) -> list[Link]:
        descent = {pair for pair in areas if self._is_descent(*pair, areas[pair])}
        heirs: defaultdict[str, int] = defaultdict(int)
        parents: defaultdict[str, int] = defaultdict(int)
        for old, new in descent:
            heirs[old] += 1
            parents[new] += 1
        links = []
        for (old, new), area in areas.items():
            relation = Relation.CHANGED
            if (old, new) in descent:
                if heirs[old] > 1 and (parents[new] == 1 or old in self._new):
                    relation = Relation.SPLIT
                elif parents[new] > 1:
                    relation = Relation.MERGED
                else:
                    relation = self._one_to_one(old, new)
            links.append(
                Link(
                    old=old,
                    new=new,
                    level=self._level,
                    relation=relation,
                    area_m2=area,
                    share_of_old=_share(area, self._area_of_old[old]),
                    share_of_new=_share(area, self._area_of_new[new]),
                )
            )
        links += [
            Link(
                old=code,
                new=None,
                level=self._level,
                relation=Relation.GONE,
                area_m2=self._area_of_old[code],
                share_of_old=1.0,
                share_of_new=None,
            )
            for code in self._old
            if not heirs[code]
        ]
        links += [
            Link(
                old=None,
                new=code,
                level=self._level,
                relation=Relation.NEW,
                area_m2=self._area_of_new[code],
                share_of_old=None,
                share_of_new=1.0,
            )
            for code in self._new
            if not parents[code]
        ]
        return sorted(links, key=lambda each: (each.old or "", each.new or ""))

    def _is_descent(self, old: str, new: str, area: float) -> bool:
        """Whether the one became the other, or a part of it; else a border was moved."""
        if old == new:
            return True
        if old in self._new and new in self._old:
            return False
        return (
            area >= _MOST_OF * self._area_of_old[old] or area >= _MOST_OF * self._area_of_new[new]
        )

    def _one_to_one(self, old: str, new: str) -> Relation:
        before, after = self._old[old], self._new[new]
        if not same_area(before.geometry, after.geometry):
            apart = shapely.symmetric_difference(before.geometry, after.geometry)
            if not _is_sliver(polygonal(apart)):
                return Relation.CHANGED
        parent = before.parent_code
        if (parent and self._called.get(parent, parent)) != after.parent_code:
            return Relation.CHANGED
        return Relation.KEPT if (old, before.name) == (new, after.name) else Relation.RENAMED

    def _relations(self) -> dict[str, Relation]:
        order = [
            Relation.SPLIT,
            Relation.MERGED,
            Relation.RENAMED,
            Relation.GONE,
            Relation.NEW,
            Relation.KEPT,
            Relation.CHANGED,
        ]
        found: dict[str, Relation] = {}
        for link in self.links:
            for code in {link.old, link.new} - {None}:
                assert code is not None
                earlier = found.get(code)
                is_own = link.old == link.new
                if earlier is None or order.index(link.relation) < order.index(earlier):
                    found[code] = link.relation
                if is_own and link.relation is Relation.CHANGED and earlier is Relation.KEPT:
                    found[code] = Relation.CHANGED
        return found


def _is_sliver(area: MultiPolygon) -> bool:
    return ground_m2(area) <= TOLERANCE_M2


def _share(area: float, of: float) -> float:
    return min(area / of, 1.0) if of else 0.0
