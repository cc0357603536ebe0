"""Lines as nature and road builders draw them: meanders, bends and ragged outlines, in metres."""

from itertools import pairwise

import numpy as np

from data.demo.land.plane import Floats


def bent(points: Floats, *, roughness: float, step_m: float, rng: np.random.Generator) -> Floats:
    """A line through `points`, each piece displaced at its midpoint until pieces are `step_m` long.

    `roughness` is the standard deviation of a displacement as a share of the piece's length.
    """
    pieces = [points[:1]]
    for start, end in pairwise(points):
        pieces.append(_bent_piece(start, end, roughness, step_m, rng)[1:])
    return np.vstack(pieces)


def _bent_piece(
    start: Floats, end: Floats, roughness: float, step_m: float, rng: np.random.Generator
) -> Floats:
    line = np.vstack([start, end])
    length = float(np.hypot(*(end - start)))
    while length > step_m:
        along = np.diff(line, axis=0)
        across = np.column_stack([-along[:, 1], along[:, 0]])
        shift = np.clip(rng.normal(0.0, roughness, len(along)), -2.0 * roughness, 2.0 * roughness)
        middles = line[:-1] + along / 2 + across * shift[:, None]
        line = np.insert(line, np.arange(1, len(line)), middles, axis=0)
        length /= 2
    return line


def smoothed(line: Floats, rounds: int = 2) -> Floats:
    """Chaikin's corner cutting; the ends stay."""
    for _ in range(rounds):
        near = 0.75 * line[:-1] + 0.25 * line[1:]
        far = 0.25 * line[:-1] + 0.75 * line[1:]
        cut = np.stack([near, far], axis=1).reshape(-1, 2)
        line = np.vstack([line[:1], cut[1:-1], line[-1:]])
    return line


def meander(
    start: Floats,
    end: Floats,
    *,
    wavelength_m: float,
    swing_rad: float,
    step_m: float,
    rng: np.random.Generator,
) -> Floats:
    """A river from `start` to `end` whose direction swings as a sine along its course.

    This is the sine-generated curve of Langbein and Leopold (1966), with bends of unequal length
    and strength; the course is then turned and scaled so that it ends where it should.
    """
    distance = float(np.hypot(*(end - start)))
    bends = max(2, round(distance / wavelength_m * 2))
    lengths = wavelength_m / 2 * rng.uniform(0.6, 1.5, bends)
    swings = swing_rad * rng.uniform(0.45, 1.15, bends) * np.where(np.arange(bends) % 2, -1, 1)
    headings = []
    for length, swing in zip(lengths, swings, strict=True):
        phase = np.linspace(0.0, np.pi, max(4, int(length / step_m)), endpoint=False)
        headings.append(swing * np.sin(phase))
    heading = np.concatenate(headings)
    heading = heading + 0.15 * np.sin(np.linspace(0, 2.5 * np.pi, len(heading)))
    course = np.vstack([[0.0, 0.0], np.cumsum(np.c_[np.cos(heading), np.sin(heading)], axis=0)])
    return _fitted(course, start, end)


def _fitted(course: Floats, start: Floats, end: Floats) -> Floats:
    have, want = complex(*course[-1]), complex(*(end - start))
    turned = (course[:, 0] + 1j * course[:, 1]) * (want / have)
    return np.column_stack([turned.real, turned.imag]) + start


def ragged_ring(
    semi_axes_m: tuple[float, float], *, unevenness: float, step_m: float, rng: np.random.Generator
) -> Floats:
    """A closed outline around the origin: an oval with bays and bulges, first point repeated."""
    angle = np.arange(0.0, 2 * np.pi, 2 * np.pi / 360)
    radius = np.ones_like(angle)
    for wave in range(2, 10):
        weight = unevenness / wave**0.7
        radius += weight * rng.normal() * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    # A power below 2 would be a diamond; 2.6 fills the corners a little, as townships do.
    oval = (np.abs(np.cos(angle)) ** 2.6 + np.abs(np.sin(angle)) ** 2.6) ** (-1 / 2.6)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * (radius * oval)[:, None]
    low, high = ring.min(axis=0), ring.max(axis=0)
    ring = (ring - (low + high) / 2) / ((high - low) / 2) * semi_axes_m
    return bent(np.vstack([ring, ring[:1]]), roughness=0.06, step_m=step_m, rng=rng)
