"""The work itself."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from api.worker.order import Order
from data.database import Database
from data.editions import GridIndexes
from data.outbox import OutboxSender
from patrol.alerts.plans import PlanWatch
from patrol.alerts.service import AlertWatch
from patrol.alerts.telling import AlertNotices
from patrol.cases.oversight import CaseOversight
from patrol.notices.expiry import OldNotices
from patrol.photos.clearing import PhotoClearing
from patrol.photos.storage import PhotoStorage
from patrol.redivision import DueEditions
from patrol.reports.nightly import NightlyReports
from patrol.sensors.nightly import NightlyReadings
from patrol.tracks.nightly import NightlyRetention
from patrol.tracks.upkeep import FactsUpkeep


@asynccontextmanager
async def at_work(database: Database, application: Database, order: Order) -> AsyncIterator[None]:
    """Inside the block everything goes on that nobody has asked for. How far each has come is in the
    database, so it may end at any time, and several workers share the work."""
    grid_indexes = GridIndexes(database)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(NightlyRetention(database, order.keep))
        await stack.enter_async_context(NightlyReadings(database, order.keep.readings))
        await stack.enter_async_context(DueEditions(application))
        await stack.enter_async_context(
            CaseOversight(application, grid_indexes, settings=order.cases)
        )
        await stack.enter_async_context(PhotoClearing(application, PhotoStorage.open(order.photos)))
        await stack.enter_async_context(OutboxSender(application, order.secret_key, order.outbox))
        await stack.enter_async_context(AlertNotices(application, grid_indexes))
        await stack.enter_async_context(OldNotices(application))
        await stack.enter_async_context(NightlyReports(application, grid_indexes))
        await stack.enter_async_context(FactsUpkeep(database, grid_indexes))
        await stack.enter_async_context(PlanWatch(database, grid_indexes, rules=order.alerts.rules))
        await stack.enter_async_context(
            AlertWatch(
                database,
                grid_indexes,
                rules=order.alerts.rules,
                thresholds=order.presence.thresholds,
            )
        )
        yield
