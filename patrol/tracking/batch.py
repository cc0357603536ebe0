"""A batch: fixes on their way into the database, and what became of each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from patrol.tracking.checks import Limits, check
from patrol.tracking.fix import Fix, Refusal, Refused
from patrol.tracking.rows import Rows, fixes_to_rows, shift_to_wgs84


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


class Batch:
    """Items that are stored together. What is refused drops out on the way; the rest is in `rows`.

    The steps in their order: the constructor checks, `set_units` finds whose fixes they are, `sort`
    brings them into the order of (unit_id, at) and leaves one of each, `set_stored` and `refuse` hear
    what the database did, `receipt` says it.
    """

    def __init__(self, items: Sequence[Fix | Refused], now: datetime, limits: Limits) -> None:
        self.items = items
        self.refusals = {
            index: item.refusal for index, item in enumerate(items) if isinstance(item, Refused)
        }
        self._item_of = np.delete(np.arange(len(items)), list(self.refusals))
        self._fixes: list[Fix] = [item for item in items if isinstance(item, Fix)]
        self.rows: Rows = fixes_to_rows(self._fixes)
        self._drop(check(self.rows, now, limits))
        shift_to_wgs84(self.rows, [fix.crs for fix in self._fixes])
        self._stored = np.zeros(len(items), bool)

    def unit_codes(self) -> list[str]:
        """The unit of each row, by its public identifier."""
        return [fix.unit for fix in self._fixes]

    def set_units(self, unit_ids: NDArray[np.int64]) -> None:
        """Take the `units.id` of each row; 0 refuses it."""
        self.rows["unit_id"] = unit_ids
        codes = self.unit_codes()
        self._drop(
            {
                row: Refusal(
                    code="unknown_unit",
                    message=f"There is no unit {codes[row]!r}; register it or correct the name.",
                )
                for row in np.flatnonzero(unit_ids == 0).tolist()
            }
        )

    def sort(self) -> None:
        """Bring the rows into the order of (unit_id, at). Of equal ones the first sent stays."""
        order = np.lexsort((self.rows["at"], self.rows["unit_id"]))  # stable
        rows = self.rows[order]
        first = np.ones(len(rows), bool)
        first[1:] = (rows["unit_id"][1:] != rows["unit_id"][:-1]) | (
            rows["at"][1:] != rows["at"][:-1]
        )
        self.rows, self._item_of = rows[first], self._item_of[order[first]]

    def set_stored(self, part: slice, stored: NDArray[np.bool_]) -> None:
        """Take which rows of `part` were not in the database before."""
        self._stored[self._item_of[part]] = stored

    def refuse(self, row: int, refusal: Refusal) -> Fix | Refused:
        """Refuse one of the sorted rows after all. Returns what was sent for it."""
        item = int(self._item_of[row])
        self.refusals[item] = refusal
        return self.items[item]

    def receipt(self, start: int, stop: int) -> Receipt:
        """What became of the items from `start` to before `stop`."""
        rejected: tuple[Rejection, ...] = ()
        if self.refusals:
            rejected = tuple(
                Rejection(index=index - start, code=refusal.code, message=refusal.message)
                for index in range(start, stop)
                if (refusal := self.refusals.get(index))
            )
        accepted = int(np.count_nonzero(self._stored[start:stop]))
        return Receipt(
            accepted=accepted,
            duplicates=stop - start - accepted - len(rejected),
            rejected=rejected,
        )

    def _drop(self, refusals: Mapping[int, Refusal]) -> None:
        """Refuse rows by their index, before they are sorted."""
        if not refusals:
            return
        items = self._item_of.tolist()
        self.refusals.update((items[row], refusal) for row, refusal in refusals.items())
        self.rows = np.delete(self.rows, list(refusals))
        self._item_of = np.delete(self._item_of, list(refusals))
        self._fixes = [fix for row, fix in enumerate(self._fixes) if row not in refusals]
