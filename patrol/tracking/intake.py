"""The intake: takes a batch of fixes through all its steps, in one transaction if nothing is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise

import structlog
from psycopg import AsyncConnection, DataError, IntegrityError
from psycopg.errors import RaiseException

from data.editions import GridIndexes
from patrol.tracking.batch import Batch, Receipt
from patrol.tracking.checks import Limits
from patrol.tracking.fix import Fix, Refusal, Refused, refuse_others
from patrol.tracking.grids import ActiveGrids
from patrol.tracking.presence import Thresholds
from patrol.tracking.quarantine import Quarantined
from patrol.tracking.storing import FixStore
from patrol.tracking.units import UnitIds, units_of_staff

_log = structlog.get_logger(__name__)

# The row's own fault, so the rows beside it can be saved.
_POISON = (DataError, IntegrityError, RaiseException)

_UNSTORABLE = Refusal(
    code="unstorable",
    message="The database does not take this fix; it is in quarantine for the administrator.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """What one sender sent at once. With `staff_id` they may only send fixes of their own units."""

    items: Sequence[Fix | Refused]
    staff_id: int | None = None


class Intake:
    """Works on a connection of its own, in autocommit mode, for one caller at a time."""

    def __init__(
        self,
        conn: AsyncConnection,
        grid_indexes: GridIndexes,
        *,
        thresholds: Thresholds,
        limits: Limits,
    ) -> None:
        self._conn = conn
        self._store = FixStore(conn, ActiveGrids(grid_indexes), thresholds)
        self._limits = limits
        self._unit_ids = UnitIds()

    async def take(self, parcels: Sequence[Parcel], now: datetime) -> list[Receipt]:
        """Store all that can be, quarantine the rest, and say for each parcel what became of it.

        Raises psycopg's errors for what is nobody's fix's fault.
        """
        batch = Batch(await self._items(parcels), now, self._limits)
        batch.set_units(await self._unit_ids.look_up(self._conn, batch.unit_codes()))
        batch.sort()
        await self._store_all_but_poison(batch)
        ends = [0, *accumulate(len(parcel.items) for parcel in parcels)]
        return [batch.receipt(start, stop) for start, stop in pairwise(ends)]

    async def close(self) -> None:
        await self._conn.close()

    async def _items(self, parcels: Sequence[Parcel]) -> list[Fix | Refused]:
        senders = {parcel.staff_id for parcel in parcels if parcel.staff_id is not None}
        units = await units_of_staff(self._conn, senders)
        items: list[Fix | Refused] = []
        for parcel in parcels:
            if parcel.staff_id is None:
                items += parcel.items
            else:
                items += refuse_others(parcel.items, units[parcel.staff_id])
        return items

    async def _store_all_but_poison(self, batch: Batch) -> None:
        """Rows that the database will not have are found by halving, and refused."""
        quarantined = [
            Quarantined.of(batch.items[index], refusal) for index, refusal in batch.refusals.items()
        ]
        parts = [slice(0, len(batch.rows))]
        while parts:
            part = parts.pop()
            try:
                batch.set_stored(part, await self._store.store(batch.rows[part], quarantined))
                quarantined = []
            except _POISON as error:
                self._unit_ids.forget()  # the unit may have been deleted
                rows = part.stop - part.start
                if rows == 0:
                    raise
                if rows == 1:
                    _log.warning("unstorable fix", error=type(error).__name__)
                    item = batch.refuse(part.start, _UNSTORABLE)
                    quarantined.append(Quarantined.of(item, _UNSTORABLE))
                else:
                    middle = part.start + rows // 2
                    parts += [slice(middle, part.stop), slice(part.start, middle)]
        if quarantined:
            await self._store.store(batch.rows[:0], quarantined)
