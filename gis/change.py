"""What changed between two pictures of the same place: arrays in, labelled areas out. No files here."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skimage.filters import threshold_otsu
from skimage.measure import label
from skimage.morphology import isotropic_closing, isotropic_opening

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

LEAST_DIFFERENCE = 0.5
"""In spreads of a band (half the way from its 16th to its 84th percentile): less is nobody's change."""

_NOISE = 6.0  # robust standard deviations above the median difference


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """`labels` numbers the areas from 1 on, 0 is no change; `scores` (0 to 1) is how far beyond the
    threshold each is on average, by its number."""

    labels: NDArray[np.int32]
    scores: dict[int, float]


def detect_changes(
    before: FloatArray, after: FloatArray, valid: BoolArray, *, least_pixels: int
) -> Changes:
    """The areas of `least_pixels` or more in which two pictures (bands, rows, columns) of one place
    differ; only where `valid` (rows, columns).

    Each band is normalised by its median and spread, so that what changed everywhere alike (light,
    season, sensor) is no change. The threshold is Otsu's (1979) over the difference, but never
    within the noise: a pair without a change has none, though Otsu's method always divides.
    """
    none = Changes(labels=np.zeros(valid.shape, np.int32), scores={})
    if valid.sum() < max(least_pixels, 2):
        return none
    squares = np.zeros(valid.shape, np.float32)
    for one, other in zip(before, after, strict=True):
        squares += (_normalised(one, valid) - _normalised(other, valid)) ** 2
    difference = np.sqrt(squares / len(before))
    threshold = _threshold(difference[valid])
    changed = valid & (difference > threshold)
    changed = isotropic_closing(isotropic_opening(changed, 1), 2) & valid
    labels = np.asarray(label(changed, connectivity=1), np.int32)
    sizes = np.bincount(labels.ravel())
    sums = np.bincount(labels.ravel(), weights=difference.ravel())
    large = [number for number in range(1, len(sizes)) if sizes[number] >= least_pixels]
    kept = np.isin(labels, large)
    return Changes(
        labels=np.where(kept, labels, 0).astype(np.int32),
        scores={
            number: round(float(max(0.0, 1 - threshold * sizes[number] / sums[number])), 4)
            for number in large
        },
    )


def _normalised(band: FloatArray, valid: BoolArray) -> FloatArray:
    low, middle, high = np.percentile(band[valid], (16, 50, 84))
    spread = (high - low) / 2 or float(band[valid].std()) or 1.0
    normalised: FloatArray = ((band - middle) / spread).astype(np.float32)
    return np.where(valid, normalised, np.float32(0))


def _threshold(difference: FloatArray) -> float:
    middle = float(np.median(difference))
    deviation = 1.4826 * float(np.median(np.abs(difference - middle)))
    by_otsu = float(threshold_otsu(difference)) if np.ptp(difference) > 0 else 0.0
    return max(by_otsu, middle + _NOISE * deviation, LEAST_DIFFERENCE)
