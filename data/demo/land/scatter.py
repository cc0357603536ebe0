"""Points chosen from many: far apart, or at regular steps along a line."""

import numpy as np

from data.demo.land.plane import Floats


def far_apart(points: Floats, count: int, rng: np.random.Generator) -> list[int]:
    """Indices of `count` points far from each other: farthest-point sampling among a random few."""
    few = rng.choice(len(points), min(len(points), 40 * count), replace=False)
    chosen = [int(few[0])]
    apart = np.linalg.norm(points[few] - points[chosen[0]], axis=1)
    while len(chosen) < count:
        farthest = int(few[apart.argmax()])
        chosen.append(farthest)
        apart = np.minimum(apart, np.linalg.norm(points[few] - points[farthest], axis=1))
    return chosen


def along(line: Floats, spacing_m: float, offset_m: float, first_m: float) -> tuple[Floats, Floats]:
    """Points every `spacing_m` of a line (n, 2) from `first_m` on, and the line's direction there.

    They stand `offset_m` beside the line, on alternating sides. Directions are unit vectors.
    """
    steps = np.diff(line, axis=0)
    lengths = np.hypot(*steps.T)
    reached = np.concatenate([[0.0], np.cumsum(lengths)])
    at = np.arange(first_m, reached[-1], spacing_m)
    piece = np.clip(np.searchsorted(reached, at, side="right") - 1, 0, len(steps) - 1)
    direction = steps[piece] / lengths[piece, None]
    middle = line[piece] + direction * (at - reached[piece])[:, None]
    side = np.where(np.arange(len(at)) % 2, 1.0, -1.0)[:, None]
    across = np.column_stack([-direction[:, 1], direction[:, 0]])
    return middle + across * side * offset_m, direction
