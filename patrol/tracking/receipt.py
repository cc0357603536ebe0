"""Receipts: what a sender is told about each of its fixes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from patrol.tracking.fix import Refusal


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejection:
    """`index` is the item's place in the batch, from 0."""

    index: int
    code: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What became of a batch: every item is in one of the three."""

    accepted: int
    duplicates: int
    rejected: tuple[Rejection, ...]

    @classmethod
    def of(
        cls, start: int, stop: int, *, stored: NDArray[np.bool_], refusals: Mapping[int, Refusal]
    ) -> Self:
        """For the items from `start` to before `stop`: which are `stored`, and why others are not."""
        rejected: tuple[Rejection, ...] = ()
        if refusals:
            rejected = tuple(
                Rejection(index=index - start, code=refusal.code, message=refusal.message)
                for index in range(start, stop)
                if (refusal := refusals.get(index))
            )
        accepted = int(np.count_nonzero(stored[start:stop]))
        return cls(
            accepted=accepted,
            duplicates=stop - start - accepted - len(rejected),
            rejected=rejected,
        )
