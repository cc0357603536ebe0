"""What everything else in the town is arranged around: outline, waters, roads, settlements."""

from dataclasses import dataclass

import numpy as np
from shapely import LineString, Polygon

from data.demo.land.curves import ragged_ring
from data.demo.land.highways import draw_highways, draw_trunk
from data.demo.land.settlements import Settlement, place_hamlets, place_neighbourhoods
from data.demo.land.waters import draw_waters
from data.demo.land.ways import Way, lines_of

_SEMI_AXES_M = (6_000.0, 4_500.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Skeleton:
    """In metres of the plane. `outline` is a guide: the border itself follows fields and roads."""

    outline: Polygon
    ways: tuple[Way, ...]
    settlements: tuple[Settlement, ...]

    def lines(self, *kinds: str) -> list[LineString]:
        return lines_of(self.ways, *kinds)


def draw_skeleton(rng: np.random.Generator) -> Skeleton:
    ring = ragged_ring(_SEMI_AXES_M, unevenness=0.11, step_m=150.0, rng=rng)
    outline = Polygon(ring).buffer(0)
    waters = draw_waters(rng)
    trunk = draw_trunk(rng)
    neighbourhoods = place_neighbourhoods(rng)
    hamlets = place_hamlets(outline, waters, trunk, rng)
    roads = draw_highways(outline, waters, hamlets, rng)
    return Skeleton(
        outline=outline,
        ways=(*waters, trunk, *roads),
        settlements=(*neighbourhoods, *hamlets),
    )
