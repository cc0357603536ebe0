"""A batch: fixes on their way into the database, and what became of each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from patrol.tracking.calls import Calls
from patrol.tracking.checks import WITHOUT_TIME, Limits, check
from patrol.tracking.duty import Asked, Duty, OffDuty
from patrol.tracking.fix import Fix, Refusal, Refused
from patrol.tracking.quarantine import Quarantined
from patrol.tracking.receipt import Receipt
from patrol.tracking.rows import Rows, fixes_to_rows, refused_to_rows, shift_to_wgs84

_OFF_DUTY = Refusal(
    code="off_duty",
    message="The unit was not on duty at that time, so nothing of this fix is kept; begin duty first.",
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Content:
    """What one transaction stores. `rows` are in the order of (unit_id, at), one of each; `now` is when
    they came. `calls` are calls for help without a usable place."""

    rows: Rows
    now: datetime
    off_duty: OffDuty | None = None
    quarantined: Sequence[Quarantined] = ()
    calls: Calls | None = None


class Batch:
    """Items that are stored together. What is refused drops out on the way; `content` is the rest.

    The steps in their order: the constructor checks, `set_units` finds whose the items are, `judge`
    hears who was on duty when and decides, `set_stored` and `refuse` hear what the database did,
    `receipt` says it.

    Being off duty comes before any other reason: nothing of such a fix is kept, whatever else is wrong
    with it. So a fix that breaks a rule goes along until `judge`. So does an item that cannot be read,
    as a row of its time, or of this moment, for each unit that it may be of. A fix of a device without a
    clock may be from any time: it is judged as of this moment as well, and its place is never kept.
    """

    def __init__(self, items: Sequence[Fix | Refused], now: datetime, limits: Limits) -> None:
        self._items = items
        self._now = now
        refused = {i: item for i, item in enumerate(items) if isinstance(item, Refused)}
        fixes = [item for item in items if isinstance(item, Fix)]
        rows = fixes_to_rows(fixes)
        item_of = np.delete(np.arange(len(items)), list(refused))
        broken = check(rows, now, limits)
        for field in ("lon", "lat"):
            rows[field][list(broken)] = 0.0  # it is not stored, and must not disturb the others
        timeless = [row for row, refusal in broken.items() if refusal.code in WITHOUT_TIME]
        if timeless:
            rows["at"][timeless] = np.datetime64(now.astimezone(UTC).replace(tzinfo=None), "us")
        self._timeless = set(item_of[timeless].tolist())
        shift_to_wgs84(rows, [fix.crs for fix in fixes])

        self._refusals = {index: item.refusal for index, item in refused.items()}
        self._refusals.update((int(item_of[row]), refusal) for row, refusal in broken.items())
        unreadable = [(index, unit) for index, item in refused.items() for unit in item.units]
        self._unit_codes = [fix.unit for fix in fixes] + [unit for _, unit in unreadable]
        self._item_of, self._rows = item_of, rows
        if unreadable:
            self._item_of = np.append(item_of, [index for index, _ in unreadable])
            self._rows = np.append(
                rows, refused_to_rows([refused[index] for index, _ in unreadable], now)
            )
        self._is_fix = np.ones(len(items), bool)
        self._is_fix[[i for i, item in refused.items() if item.at is None]] = False
        self._stored = np.zeros(len(items), bool)

    def unit_codes(self) -> list[str]:
        """The public identifiers of the units that `set_units` wants to know."""
        return self._unit_codes

    def set_units(self, unit_ids: NDArray[np.int64]) -> None:
        """Take the `units.id` of each of `unit_codes`; 0 refuses a fix."""
        for row in np.flatnonzero(unit_ids == 0).tolist():
            code = self._unit_codes[row]
            refusal = Refusal(
                code="unknown_unit",
                message=f"There is no unit {code!r}; register it or correct the name.",
            )
            self._refusals.setdefault(int(self._item_of[row]), refusal)
        self._rows["unit_id"] = unit_ids
        order = np.lexsort((self._rows["at"], unit_ids))[np.count_nonzero(unit_ids == 0) :]
        self._rows, self._item_of = self._rows[order], self._item_of[order]  # stable

    def asked(self) -> Asked:
        """Whose duty `judge` has to know, and when."""
        return Asked.about(self._rows)

    def judge(self, duty: Duty) -> Content:
        """Decide what is stored, what is counted and what goes into quarantine. Of fixes of one unit
        and time the first sent stays. Called again, it decides again."""
        off_duty = ~duty.covers(self._rows["unit_id"], self._rows["at"])
        is_fix = self._is_fix[self._item_of]
        counted = off_duty & is_fix
        without_place = self._timeless.union(self._item_of[off_duty & ~is_fix].tolist())
        off_duty_items = self._item_of[counted].tolist()
        self._final = self._refusals | dict.fromkeys(off_duty_items, _OFF_DUTY)

        is_refused = np.zeros(len(self._items), bool)
        is_refused[list(self._final)] = True
        good = ~is_refused[self._item_of]
        rows, item_of = self._rows[good], self._item_of[good]
        called = self._rows["sos"] & ~good & ~off_duty
        first = np.ones(len(rows), bool)
        first[1:] = (rows["unit_id"][1:] != rows["unit_id"][:-1]) | (
            rows["at"][1:] != rows["at"][:-1]
        )
        self._item_stored = item_of[first]
        self.content = Content(
            rows=rows[first],
            now=self._now,
            off_duty=OffDuty.among(
                self._rows["unit_id"][counted], day=self._now.astimezone(UTC).date()
            ),
            quarantined=[
                Quarantined.of(self._items[i], refusal, with_place=i not in without_place)
                for i, refusal in self._final.items()
                if refusal is not _OFF_DUTY
            ],
            calls=Calls.among(self._rows[called], self._now),
        )
        return self.content

    def set_stored(self, part: slice, stored: NDArray[np.bool_]) -> None:
        """Take which of the content's rows in `part` were not in the database before."""
        self._stored[self._item_stored[part]] = stored

    def refuse(self, row: int, refusal: Refusal) -> Quarantined:
        """Refuse one of the content's rows after all."""
        item = int(self._item_stored[row])
        self._final[item] = refusal
        return Quarantined.of(self._items[item], refusal)

    def receipt(self, start: int, stop: int) -> Receipt:
        """What became of the items from `start` to before `stop`."""
        return Receipt.of(start, stop, stored=self._stored, refusals=self._final)
