"""Where people live: the neighbourhoods of the core and the hamlets of the villages around it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from data.demo.land.plane import Floats
from data.demo.land.scatter import far_apart
from data.demo.land.ways import CANAL, RIVER, TRUNK, Way
from data.demo.names import (
    COMMUNITIES,
    NEIGHBOURHOODS,
    hamlet_names,
    village_names,
)

CORE_RADIUS_M = 900.0
COMMUNITY_SIZES = (3, 3, 3, 3, 2)
VILLAGE_SIZES = (3, 3, 2, 3, 2, 4, 2, 3, 3, 2, 1, 3, 2, 5, 2, 3, 2, 4, 2, 2, 2)
_CLEARANCE_M = {RIVER: 210.0, CANAL: 150.0, TRUNK: 170.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class Settlement:
    """Where one level-2 grid has its people: a hamlet, or a neighbourhood of the core.

    `village` numbers the level-1 grid (communities of the core first), `member` counts in it; member
    0 is its seat.
    """

    x: float
    y: float
    radius_m: float
    name: str
    village: int
    village_name: str
    member: int
    urban: bool


def place_neighbourhoods(rng: np.random.Generator) -> list[Settlement]:
    """The core: one community in the middle, the others around it."""
    names = iter(NEIGHBOURHOODS)
    found = []
    for village, size in enumerate(COMMUNITY_SIZES):
        middle = np.zeros(2)
        if village:
            turn = np.pi / 4 + np.pi / 2 * (village - 1) + rng.normal(0, 0.12)
            middle = 640.0 * np.array([np.cos(turn), np.sin(turn)])
        for member in range(size):
            turn = 2 * np.pi * (member / size) + village
            x, y = middle + 210.0 * np.array([np.cos(turn), np.sin(turn)]) + rng.normal(0, 25, 2)
            found.append(
                Settlement(
                    x=float(x),
                    y=float(y),
                    radius_m=0.0,
                    name=next(names),
                    village=village,
                    village_name=COMMUNITIES[village],
                    member=member,
                    urban=True,
                )
            )
    return found


def place_hamlets(
    outline: Polygon, waters: Sequence[Way], trunk: Way, rng: np.random.Generator
) -> list[Settlement]:
    """Villages spread over the countryside, each with as many hamlets as it has level-2 grids."""
    river = waters[0].line
    samples = _dry_land(outline, [*waters, trunk], rng)
    # The far bank of the river counts as 1.1 km farther away: few villages straddle it.
    bank = np.where(_is_north(samples, river), 1_100.0, 0.0)
    places = np.column_stack([samples, bank])
    villages = _clustered(places, np.array(VILLAGE_SIZES, dtype=float), rounds=7, rng=rng)
    to_river = [
        float(shapely.distance(shapely.points(samples[villages == village].mean(axis=0)), river))
        for village in range(len(VILLAGE_SIZES))
    ]
    village_name = village_names(to_river, rng)
    hamlet_name = hamlet_names(rng)
    found = []
    for village, size in enumerate(VILLAGE_SIZES):
        mine = places[villages == village]
        hamlets = _clustered(mine, np.ones(size), rounds=4, rng=rng)
        for member in range(size):
            around = mine[hamlets == member]
            # A sample near the middle keeps clear of water; the middle itself may not.
            near = np.argsort(np.linalg.norm(around - around.mean(axis=0), axis=1))
            x, y = around[near[int(rng.integers(0, max(1, len(near) // 12)))], :2]
            found.append(
                Settlement(
                    x=float(x),
                    y=float(y),
                    radius_m=rng.uniform(240, 310) if member == 0 else rng.uniform(120, 215),
                    name=next(hamlet_name),
                    village=village + len(COMMUNITY_SIZES),
                    village_name=village_name[village],
                    member=member,
                    urban=False,
                )
            )
    return found


def _dry_land(outline: Polygon, ways: Sequence[Way], rng: np.random.Generator) -> Floats:
    """Random points of the countryside where a hamlet could stand."""
    land = outline.buffer(-250.0)
    low, high = np.reshape(land.bounds, (2, 2))
    samples: Floats = rng.uniform(low, high, (9_000, 2))
    samples = samples[shapely.contains_xy(land, samples)]
    samples = samples[np.hypot(*samples.T) > CORE_RADIUS_M + 350.0]
    for way in ways:
        apart = shapely.distance(shapely.points(samples), way.line)
        samples = samples[apart > _CLEARANCE_M[way.kind]]
    return samples


def _is_north(points: Floats, river: LineString) -> NDArray[np.bool_]:
    course = shapely.get_coordinates(river)
    bank = Polygon(np.vstack([course, [[course[-1, 0], 20_000.0], [course[0, 0], 20_000.0]]]))
    return np.asarray(shapely.contains_xy(bank.buffer(0), points))


def _clustered(
    points: Floats, shares: Floats, *, rounds: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Which of len(shares) clusters each point belongs to: Lloyd's rounds, sizes near `shares`.

    Few rounds on purpose: a fully relaxed set looks like a honeycomb.
    """
    count = len(shares)
    centres = points[far_apart(points, count, rng)]
    weights = np.sqrt(shares / shares.mean())
    owner = np.zeros(len(points), dtype=int)
    for _ in range(rounds):
        apart = np.linalg.norm(points[:, None, :] - centres[None], axis=2) / weights
        owner = apart.argmin(axis=1)
        sizes = np.bincount(owner, minlength=count)
        for cluster in np.flatnonzero(sizes):
            centres[cluster] = points[owner == cluster].mean(axis=0)
        weights *= (
            np.clip(shares / shares.sum() * len(points) / np.maximum(sizes, 1), 0.8, 1.25) ** 0.5
        )
    return owner
