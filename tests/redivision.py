"""A district re-divided: 1,030 grids become 1,024 by moves, splits, merges and new names."""

import random
from collections.abc import Callable, Sequence

from gis.errors import Conflict, InvalidInput
from gis.grid import Grid
from gis.redivision import Merge, MoveBorder, Operation, Rename, Split
from gis.redivision.edges import edges_of
from tests.divisions import voronoi

BEFORE, AFTER = 1_030, 1_024
MOVES, SPLITS, MERGES, RENAMES = 20, 6, 12, 10
assert BEFORE + SPLITS - MERGES == AFTER

Do = Callable[[Operation], None]
"""Does one operation. Raises InvalidInput or Conflict for one that cannot be done."""
Look = Callable[[], Sequence[Grid]]


def district(seed: int = 7) -> list[Grid]:
    """1,030 level-2 grids in some two dozen of level 1, 40 km across."""
    return voronoi(BEFORE, parents=24, seed=seed, side=0.4)


def redivide(look: Look, do: Do, *, seed: int = 7) -> None:
    """Do all of it, to grids here and there; what a place does not allow is done at another."""
    rnd = random.Random(seed)
    kinds = ["move"] * MOVES + ["split"] * SPLITS + ["merge"] * MERGES + ["rename"] * RENAMES
    rnd.shuffle(kinds)
    grids = [grid for grid in look() if grid.level == 2]
    rnd.shuffle(grids)
    untouched = {grid.code: grid for grid in grids}
    for kind in kinds:
        while True:
            one, other = _pair(untouched)
            try:
                do(_operation(kind, one, other, rnd))
                break
            except (InvalidInput, Conflict):
                continue


def _pair(untouched: dict[str, Grid]) -> tuple[Grid, Grid]:
    """Two neighbours that nothing was done to, taken out together with all that are around them."""
    while True:
        one = untouched.pop(next(iter(untouched)))
        around = [each for each in untouched.values() if each.geometry.intersects(one.geometry)]
        siblings = [
            each
            for each in around
            if each.parent_code == one.parent_code
            and edges_of(each.geometry) & edges_of(one.geometry)
        ]
        if siblings:
            other = siblings[0]
            for each in list(untouched.values()):
                if each.geometry.intersects(one.geometry) or each.geometry.intersects(
                    other.geometry
                ):
                    del untouched[each.code]
            return one, other


def _operation(kind: str, one: Grid, other: Grid, rnd: random.Random) -> Operation:
    west, _, east, _ = one.geometry.bounds
    middle = one.geometry.representative_point()
    match kind:
        case "move":
            ends = sorted(edges_of(one.geometry) & edges_of(other.geometry))[0]
            return MoveBorder(
                grids=(one.code, other.code), line=(ends[0], (middle.x, middle.y), ends[1])
            )
        case "split":
            return Split(grid=one.code, line=((west, middle.y), (east, middle.y)), names=("新组",))
        case "merge":
            return Merge(grids=(one.code, other.code))
    return Rename(grid=one.code, name=f"改名{rnd.randrange(10**6)}")
