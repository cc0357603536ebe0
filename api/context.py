"""What the routes work with: built once when the application starts, the same for every request."""

from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Annotated

from anyio import CapacityLimiter
from fastapi import Depends, Request

from api.accounts import Accounts, Identities, OwnAccount
from api.accounts.guesses import Guesses
from api.accounts.oidc import OidcSignIn
from api.citizen_rates import CitizenRates
from api.device_rates import DeviceRates
from api.rates import RequestRates
from api.settings import ServerSettings
from data.database import Database
from data.editions import GridIndexes
from data.sealing import Seal
from layers.basemaps import BasemapProxy
from layers.catalog.kept import KeptCatalog
from layers.cells.service import CellLayers
from layers.tiles.archive import Archives
from layers.tiles.service import TileService
from patrol.alerts.acting import AlertService
from patrol.cases.live import LiveCases
from patrol.cases.reader import CaseReader
from patrol.cases.service import CaseService
from patrol.citizens.service import Citizens
from patrol.clocks.store import WorkCalendars
from patrol.figures.service import FigureService
from patrol.notices.live import LiveNotices
from patrol.photos.service import PhotoService
from patrol.reports.service import ReportService
from patrol.sensors.service import SensorService
from patrol.tracking.live import LivePositions
from patrol.tracking.recorder import Recorder


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    database: Database
    settings: ServerSettings
    grid_indexes: GridIndexes
    accounts: Accounts
    own_account: OwnAccount
    oidc: OidcSignIn | None
    identities: Identities
    rates: RequestRates
    device_rates: DeviceRates
    recorder: Recorder
    live: LivePositions
    tiles: TileService
    catalog: KeptCatalog
    cells: CellLayers
    basemaps: BasemapProxy
    archives: Archives
    calendars: WorkCalendars
    cases: CaseService
    case_reader: CaseReader
    figures: FigureService
    live_cases: LiveCases
    citizens: Citizens
    citizen_rates: CitizenRates
    guesses: Guesses
    reports: ReportService
    alerts: AlertService
    sensors: SensorService
    photos: PhotoService
    decoding: CapacityLimiter
    """One place for each photo that may be decoded at the same time."""
    notices: LiveNotices
    channel_seal: Seal
    exports: BoundedSemaphore
    """One place for each export that may be made at the same time."""


async def get_services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(get_services)]
