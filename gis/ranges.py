"""Many ranges of integers at once."""

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


def spans(first: IntArray, last: IntArray) -> tuple[IntArray, IntArray]:
    """Return i and j for every i and every j from first[i] to last[i], both included."""
    counts = np.maximum(last - first + 1, 0)
    each = np.repeat(np.arange(len(first)), counts)
    skipped = np.cumsum(counts) - counts
    return each, np.arange(len(each)) + (first - skipped)[each]
