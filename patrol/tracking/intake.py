"""The intake: takes a batch of fixes through all its steps, in one transaction if nothing is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate, pairwise

import structlog
from psycopg import AsyncConnection, DataError, IntegrityError
from psycopg.errors import RaiseException

from data.editions import GridIndexes
from patrol.tracking.batch import Batch, Content
from patrol.tracking.checks import Limits
from patrol.tracking.duty import Asked, Duty
from patrol.tracking.fix import Fix, Refusal, Refused
from patrol.tracking.grids import ActiveGrids
from patrol.tracking.presence import Thresholds
from patrol.tracking.receipt import Receipt
from patrol.tracking.senders import AnyUnit, OneUnit, Sender, UnitsOfStaff, claim
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
    """What one sender sent at once."""

    items: Sequence[Fix | Refused]
    sender: Sender


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
        try:
            stored = await self._store.store(batch.asked(), batch.judge)
            batch.set_stored(slice(None), stored)
        except _POISON as error:
            _log.warning("unstorable fixes", error=type(error).__name__)
            self._unit_ids.forget()  # a unit may have been deleted
            if not len(batch.content.rows):
                raise
            await self._store_in_parts(batch)
        ends = [0, *accumulate(len(parcel.items) for parcel in parcels)]
        return [batch.receipt(start, stop) for start, stop in pairwise(ends)]

    async def close(self) -> None:
        await self._conn.close()

    async def _items(self, parcels: Sequence[Parcel]) -> list[Fix | Refused]:
        senders = {parcel.sender for parcel in parcels}
        staff_ids = {sender.staff_id for sender in senders if isinstance(sender, UnitsOfStaff)}
        carried = await units_of_staff(self._conn, staff_ids)
        items: list[Fix | Refused] = []
        for parcel in parcels:
            match parcel.sender:
                case AnyUnit():
                    items += parcel.items
                case OneUnit(unit=unit, crs=crs):
                    items += claim(parcel.items, frozenset({unit}), crs)
                case UnitsOfStaff(staff_id=staff_id):
                    items += claim(parcel.items, carried[staff_id])
        return items

    async def _store_in_parts(self, batch: Batch) -> None:
        """Rows that the database will not have are found by halving, and refused."""
        rows = batch.content.rows
        beside = replace(batch.content, rows=rows[:0])
        parts = [slice(0, len(rows))]
        while parts:
            part = parts.pop()
            content = replace(beside, rows=rows[part])
            try:
                stored = await self._store.store(Asked.about(content.rows), _decided(content))
                batch.set_stored(part, stored)
                beside = Content(rows=rows[:0], now=beside.now)
            except _POISON:
                size = part.stop - part.start
                if size == 1:
                    refused = batch.refuse(part.start, _UNSTORABLE)
                    beside = replace(beside, quarantined=[*beside.quarantined, refused])
                else:
                    middle = part.start + size // 2
                    parts += [slice(middle, part.stop), slice(part.start, middle)]
        if beside.quarantined or beside.off_duty is not None or beside.calls is not None:
            await self._store.store(Asked.about(beside.rows), _decided(beside))


def _decided(content: Content) -> Callable[[Duty], Content]:
    """It was judged before."""
    return lambda _duty: content
