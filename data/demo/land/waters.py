"""The river that the town grew on, the brook that joins it and the canal that leaves it."""

import numpy as np
import shapely
import shapely.ops
from shapely import LineString

from data.demo.land.curves import bent, meander, smoothed
from data.demo.land.ways import CANAL, RIVER, Way


def draw_waters(rng: np.random.Generator) -> list[Way]:
    river = meander(
        np.array([-8_200.0, 900.0]),
        np.array([8_200.0, -1_900.0]),
        wavelength_m=2_300.0,
        swing_rad=1.05,
        step_m=60.0,
        rng=rng,
    )
    # The town grew on the north bank of a bend: bring the river to just south of the core.
    nearest = river[np.argmin(np.abs(river[:, 0]))]
    river[:, 1] -= 1_020.0 + nearest[1]
    river_line = LineString(river)
    mouth = river[np.argmin(np.abs(river[:, 0] - 1_900.0))]
    brook = meander(
        np.array([2_900.0, 6_200.0]),
        mouth,
        wavelength_m=1_500.0,
        swing_rad=0.75,
        step_m=50.0,
        rng=rng,
    )
    intake = river[np.argmin(np.abs(river[:, 0] + 3_300.0))]
    canal = np.vstack([intake, [-2_900.0, -3_000.0], [-700.0, -3_450.0], [-150.0, -6_200.0]])
    canal = smoothed(bent(canal, roughness=0.012, step_m=400.0, rng=rng), 3)
    brook_line = _up_to(LineString(brook), river_line)
    canal_line = _up_to(LineString(canal[::-1]), river_line)
    return [
        Way(kind=RIVER, line=river_line),
        Way(kind=CANAL, line=brook_line),
        Way(kind=CANAL, line=canal_line),
    ]


def _up_to(line: LineString, river: LineString) -> LineString:
    """`line` from its start to where it first meets the river."""
    pieces = shapely.get_parts(shapely.ops.split(line, river))
    first: LineString = pieces[0]
    return first
