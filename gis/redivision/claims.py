"""Who has a piece of ground: a grid and those above it, if all is well."""

from collections.abc import Iterable, Mapping

from gis.grid import Grid
from gis.topology import FindingKind

Claim = frozenset[str]
"""The codes of the grids, of all levels, that have a piece of ground."""


class Family:
    """The grids of an edition by code, and who is above whom."""

    def __init__(self, grids: Iterable[Grid]) -> None:
        self._grids = {grid.code: grid for grid in grids}
        self._with_children = {grid.parent_code for grid in self._grids.values()}

    def __getitem__(self, code: str) -> Grid:
        return self._grids[code]

    def with_those_above(self, codes: Iterable[str]) -> set[str]:
        """The codes and those of all grids above them."""
        found: set[str] = set()
        for each in codes:
            code: str | None = each
            while code in self._grids and code not in found:
                found.add(code)
                code = self._grids[code].parent_code
        return found

    def lowest(self, claim: Claim) -> str:
        """The deepest grid; of several, the first by code."""
        return min(claim, key=lambda code: (-self._grids[code].level, code))

    def is_line(self, claim: Claim) -> bool:
        """Whether it is one grid without grids below, all those above it, and nobody else."""
        if not claim:
            return False
        lowest = self.lowest(claim)
        return lowest not in self._with_children and self.with_those_above([lowest]) == claim

    def heir(self, claim: Claim, heirs: Mapping[Claim, float]) -> Claim | None:
        """Of the lines that have ground beside it, with so many metres of border, the one with the most:
        of those with one of the deepest grids that have it, else of those with any, else of all."""
        lines = [each for each in heirs if self.is_line(each)]
        deepest = max((self._grids[code].level for code in claim), default=0)
        first = {code for code in claim if self._grids[code].level == deepest}
        for having in (first, claim):
            if mine := [each for each in lines if each & having]:
                lines = mine
                break
        return min(
            lines, key=lambda each: (-round(heirs[each], 6), self.lowest(each)), default=None
        )

    def fault_of(self, claim: Claim) -> tuple[FindingKind, tuple[str, ...]]:
        """What is wrong with ground that these grids have, and whose it is."""
        if not claim:
            return FindingKind.GAP, ()
        levels: dict[int, list[str]] = {}
        for code in sorted(claim):
            levels.setdefault(self._grids[code].level, []).append(code)
        for level in sorted(levels, reverse=True):
            if len(levels[level]) > 1:
                return FindingKind.OVERLAP, tuple(levels[level])
        lowest = self.lowest(claim)
        if lowest in self._with_children:
            return FindingKind.UNCOVERED_PARENT, (lowest,)
        return FindingKind.OUTSIDE_PARENT, (lowest,)
