"""The HTTP application: services, routes, and what surrounds every request."""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from threading import BoundedSemaphore

from anyio import CapacityLimiter
from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from api.accounts import Accounts, CredentialCheck, Identities, OwnAccount
from api.accounts.guesses import Guesses
from api.accounts.oidc import OidcSignIn
from api.citizen_rates import CitizenRates
from api.context import Services
from api.device_rates import DeviceRates
from api.headers import SecurityHeaders
from api.ingest_access import TokenInAddress
from api.known_parameters import refuse_unknown_parameters
from api.limits import BodyLimit
from api.ogc import OGC_PREFIX, create_ogc_app, redirect_to_landing
from api.open311 import PREFIX as OPEN311_PREFIX
from api.open311.application import create_open311_app
from api.openapi import describe
from api.pages import Pages
from api.problems import UnexpectedErrors, add_problem_handlers
from api.rates import RequestRates
from api.routes import (
    accounts,
    added_layers,
    alerts,
    areas,
    audit,
    authority,
    basemaps,
    calendar,
    cameras,
    case_categories,
    case_duplicates,
    case_imports,
    cases,
    changes,
    channels,
    checkpoints,
    citizen_map,
    citizens,
    coverage,
    days,
    departments,
    devices,
    duty,
    edition_activation,
    edition_changes,
    edition_findings,
    editions,
    facilities,
    features,
    field_mappings,
    figures,
    fixes,
    grids,
    health,
    ingest,
    inspections,
    layers,
    leaves,
    nearby,
    notices,
    oidc,
    outbox,
    own_account,
    photos,
    plan_rounds,
    plans,
    positions,
    replay,
    reports,
    roles,
    roster_shifts,
    roster_substitutions,
    rosters,
    sensor_rules,
    sensors,
    sessions,
    staff,
    streams,
    tile_archives,
    track_exports,
    track_import,
    tracks,
    unit_administration,
    units,
    unmasking,
    video_rounds,
    visits,
)
from api.settings import ServerSettings
from api.terminals import TerminalDoor
from data.database import Database
from data.editions import GridIndexes
from data.outbox.channels import SEAL_PURPOSE
from data.sealing import Seal
from layers.basemaps import BasemapProxy
from layers.catalog.kept import CATALOG, KeptCatalog
from layers.cells.service import CellLayers
from layers.tiles.archive import Archives
from layers.tiles.service import TileService
from patrol.alerts.acting import AlertService
from patrol.cases.live import LiveCases
from patrol.cases.reader import CaseReader
from patrol.cases.rulebook import Rulebook
from patrol.cases.service import CaseService
from patrol.citizens.service import Citizens
from patrol.figures.service import FigureService
from patrol.notices.live import LiveNotices
from patrol.photos.service import PhotoService
from patrol.photos.storage import PhotoStorage
from patrol.reports.service import ReportService
from patrol.sensors.service import SensorService
from patrol.tracking.checks import Limits
from patrol.tracking.live import LivePositions
from patrol.tracking.recorder import Recorder

PREFIX = "/api/v1"

# A request tries them in this order, so the busiest come first.
_API = (
    fixes,
    layers,
    features,
    basemaps,
    tile_archives,
    positions,
    streams,
    units,
    tracks,
    track_exports,
    track_import,
    days,
    visits,
    nearby,
    replay,
    coverage,
    checkpoints,
    plans,
    plan_rounds,
    rosters,
    roster_shifts,
    roster_substitutions,
    duty,
    grids,
    cases,
    figures,
    citizen_map,
    citizens,
    case_duplicates,
    case_imports,
    reports,
    calendar,
    case_categories,
    departments,
    photos,
    cameras,
    video_rounds,
    facilities,
    sensors,
    sensor_rules,
    changes,
    inspections,
    alerts,
    areas,
    roles,
    sessions,
    oidc,
    own_account,
    accounts,
    staff,
    leaves,
    unit_administration,
    unmasking,
    devices,
    audit,
    edition_activation,
    edition_changes,
    editions,
    added_layers,
    edition_findings,
    field_mappings,
    notices,
    channels,
    outbox,
)

# Parameters of the first two are the fields of a layer, and they refuse what is none. A provider of
# sign-ins may send what it likes beside its answer (RFC 6749, 4.1.2).
_OF_ANY_PARAMETER = (layers, features, oidc)

# Tiles come compressed from their cache; archives, fonts and two kinds of tables are compressed inside.
_NOT_TO_COMPRESS = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    "application/octet-stream",
    "application/vnd.apache.parquet",
    "application/vnd.mapbox-vector-tile",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.pmtiles",
)

# Each is half a minute's work for one processor; what takes fixes in shall hardly notice.
_EXPORTS_AT_ONCE = 2
_PHOTOS_AT_ONCE = 2


def create_app(
    database: Database,
    settings: ServerSettings,
    *,
    tracking: Database | None = None,
    terminals: socket.socket | None = None,
) -> FastAPI:
    """The application over `database`, which the caller opens before and closes after.

    Fixes are stored and followed through `tracking`, the same database as its own role. JT/T 808
    terminals are let in at `terminals`, a bound socket. Nothing connects before the first request or the
    start of the lifespan. What goes on by itself, such as the watch over alerts, is a worker's.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _services(database, tracking or database, settings) as services:
            app.state.services = ogc.state.services = open311.state.services = services
            async with _terminals(services, terminals):
                yield

    app = FastAPI(
        title="Wangge",
        lifespan=lifespan,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # the stock pages load their scripts from a CDN
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    add_problem_handlers(app)
    app.include_router(health.router)
    app.include_router(authority.router)
    app.include_router(ingest.router)
    for module in _API:
        strict = [] if module in _OF_ANY_PARAMETER else [Depends(refuse_unknown_parameters)]
        app.include_router(module.router, prefix=PREFIX, dependencies=strict)
    ogc = create_ogc_app()
    app.add_route(OGC_PREFIX, redirect_to_landing)
    app.mount(OGC_PREFIX, ogc)
    open311 = create_open311_app()
    app.mount(OPEN311_PREFIX, open311)
    app.router.default = Pages(settings.web_dir)
    app.add_middleware(BodyLimit)
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(
        GZipMiddleware,
        minimum_size=1000,
        compresslevel=4,
        exclude_content_types=_NOT_TO_COMPRESS,
    )
    app.add_middleware(SecurityHeaders, https_only=settings.https_only)
    app.add_middleware(TokenInAddress)
    describe(app)
    return app


@asynccontextmanager
async def _services(
    database: Database, tracking: Database, settings: ServerSettings
) -> AsyncIterator[Services]:
    grid_indexes = GridIndexes(database)
    check = CredentialCheck(database, secret_key=settings.secret_key)
    accounts = Accounts(database, grid_indexes, check=check, settings=settings.sign_in)
    identities = Identities(accounts, database)
    provider = None
    if settings.oidc is not None:
        provider = OidcSignIn(settings.oidc, database, accounts, settings.secret_key)
    archives = Archives(settings.archives_dir)
    tiles = TileService(database, archives=archives)
    async with AsyncExitStack() as stack:
        if provider is not None:
            stack.callback(provider.close)
        await stack.enter_async_context(identities)
        limits = Limits()
        if settings.keep is not None:
            limits = Limits(age=settings.keep.fixes)  # no dropped day comes back
        thresholds = settings.presence.thresholds
        recorder = await stack.enter_async_context(
            Recorder(tracking, grid_indexes, thresholds=thresholds, limits=limits)
        )
        live = await stack.enter_async_context(LivePositions(tracking, thresholds=thresholds))
        notices_of_people = await stack.enter_async_context(LiveNotices(database))
        live_cases = await stack.enter_async_context(LiveCases(database))
        await tiles.open()
        stack.push_async_callback(tiles.close)
        basemap_proxy = BasemapProxy(settings.basemaps)
        stack.push_async_callback(basemap_proxy.close)
        rulebook = Rulebook()
        cases = CaseService(
            database, grid_indexes, _now, rulebook=rulebook, settings=settings.cases
        )
        case_reader = CaseReader(database, _now, rulebook=rulebook)
        yield Services(
            database=database,
            settings=settings,
            grid_indexes=grid_indexes,
            accounts=accounts,
            own_account=OwnAccount(database, check, settings=settings.sign_in),
            oidc=provider,
            identities=identities,
            rates=RequestRates(settings.rates),
            device_rates=DeviceRates(settings.device_rates),
            recorder=recorder,
            live=live,
            tiles=tiles,
            catalog=KeptCatalog(database, lambda: tiles.version(CATALOG)),
            cells=CellLayers(database, grid_indexes, _now),
            basemaps=basemap_proxy,
            archives=archives,
            calendars=rulebook.calendars,
            cases=cases,
            case_reader=case_reader,
            figures=FigureService(database, grid_indexes, _now),
            live_cases=live_cases,
            citizens=Citizens(
                database,
                cases,
                case_reader,
                _now,
                secret_key=settings.secret_key,
            ),
            citizen_rates=CitizenRates(settings.citizens),
            guesses=Guesses(database),
            reports=ReportService(database, grid_indexes, _now),
            alerts=AlertService(database, cases, _now),
            sensors=SensorService(database, cases, _now),
            decoding=CapacityLimiter(_PHOTOS_AT_ONCE),
            photos=PhotoService(database, PhotoStorage.open(settings.photos), _now),
            notices=notices_of_people,
            channel_seal=Seal(settings.secret_key, SEAL_PURPOSE),
            exports=BoundedSemaphore(_EXPORTS_AT_ONCE),
        )


@asynccontextmanager
async def _terminals(services: Services, listener: socket.socket | None) -> AsyncIterator[None]:
    if listener is None:
        yield
        return
    door = TerminalDoor(
        services.database,
        services.recorder,
        services.identities,
        services.device_rates,
        services.settings.terminals,
    )
    async with door.open(listener):
        yield


def _now() -> datetime:
    return datetime.now(UTC)


def _operation_id(route: APIRoute) -> str:
    """The function's name: what generated clients call the operation."""
    return route.name
