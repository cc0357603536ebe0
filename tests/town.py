"""A town of two halves with everybody in their place, for tests of who is shown what.

Whatever could give somebody or something away is a word of its own, so that a test can look for it in an
answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from shapely import MultiPolygon, box
from sqlalchemy import Connection, Table, insert, text, update

from api.accounts import Role
from data.database import Database
from data.editions import GridIndexes
from data.schema import (
    accounts,
    alerts,
    devices,
    duty_sessions,
    fixes,
    grid_editions,
    grids,
    positions,
    posts,
    staff,
    units,
)
from data.scope import Scope
from patrol.cases.actions import Action
from patrol.cases.case import Actor, Case
from patrol.cases.order import Order
from patrol.cases.report import read_report
from patrol.cases.service import CaseService
from patrol.tracks.analysis import analyse_changes, mark_days
from patrol.tracks.grids import VisitedGrids
from tests.accounts import new_token

DESK = Actor(account_id=None, staff_id=None, name="desk", role="admin", scope=Scope.everything())
HALVES = {"E": box(118.1, 34.5, 118.2, 34.6), "W": box(118.2, 34.5, 118.3, 34.6)}
LAT = 34.55
REPORTER = "报案人赵某 13900009999"
DESCRIPTION = "请联系 13900008888"
NOTE = "转交，回电 13900007777"


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Something of each kind, for requests to be about. A role without a grid of its own has none."""

    unit: str
    staff: int
    name: str
    phone: str
    lon: float
    grid: str | None
    alert: int
    case: int
    number: str
    case_lon: float

    @property
    def lon_e6(self) -> int:
        """As a replay has it."""
        return round(self.lon * 1e6)

    @property
    def personal(self) -> frozenset[str]:
        """What gives away where the person is or was."""
        return frozenset({self.unit, f"{self.lon}", f"{self.lon_e6}"})

    @property
    def marks(self) -> frozenset[str]:
        """What gives away the person or the case."""
        return self.personal | {self.name, self.phone, self.number, f"{self.case_lon}"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Resident:
    """Somebody with an account: their token, what is theirs, and who is beside them in the same grid."""

    role: Role
    token: str
    own: Subject
    beside: Subject

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Town:
    """`east` and `west` are a worker of each half. Everybody else lives in the east."""

    east: Subject
    west: Subject
    residents: Mapping[Role, Resident]

    @property
    def everybody(self) -> list[Subject]:
        return [self.east, self.west, *(resident.own for resident in self.residents.values())]


def build_town(database: Database) -> Town:
    return _Builder(database).build()


class _Builder:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._cases = CaseService(database, GridIndexes(database), lambda: datetime.now(UTC))
        self._now = datetime.now(UTC)
        self._numbers = count(1)

    def build(self) -> Town:
        with self._database.begin() as conn:
            for day in (self._now - timedelta(days=1), self._now):
                conn.execute(text("SELECT make_fixes_partition(:day)"), {"day": day.date()})
            _divide(conn)
        east, west = (self._settle("grid_worker", f"{half}1", half) for half in HALVES)
        residents = {role: self._resident(role, beside=east) for role in Role}
        mark_days(self._database, None, None)
        analyse_changes(
            self._database,
            VisitedGrids(GridIndexes(self._database)),
            before=datetime.now(UTC) + timedelta(days=1),
        )
        return Town(east=east, west=west, residents=residents)

    def _resident(self, role: Role, *, beside: Subject) -> Resident:
        chief = role is Role.GRID_CHIEF
        grid = ("E" if chief else "E1") if role.works_in_a_grid else None
        # Where no grid is theirs, only their being its owner shows them their case: it lies in the west.
        own = self._settle(role, grid, "E" if grid or role.sees_everything else "W")
        nobody = (Role.ADMIN, Role.ANALYST, Role.AUDITOR, Role.DEVICE)
        has_staff = role not in nobody and not role.is_gateway
        token = new_token(self._database, role, staff_id=own.staff if has_staff else None)
        if role is Role.DEVICE:
            with self._database.begin() as conn:
                _enrol(conn, own.unit)
        return Resident(role=role, token=token, own=own, beside=beside)

    def _settle(self, role: str, grid: str | None, half: str) -> Subject:
        """Somebody with a post, on duty with a unit that was just seen, and a case that is theirs."""
        number = next(self._numbers)
        name, phone, unit = f"居民{number:02d}号", f"139000010{number:02d}", f"UNIT-{number:02d}"
        west, _, east, _ = HALVES["W" if grid == "W1" else "E"].bounds
        lon = round(west + (east - west) * number / 100 + 0.00017, 5)
        case_lon = round(HALVES[half].bounds[0] + number / 1000 + 0.00091, 5)
        with self._database.begin() as conn:
            staff_id = _add(conn, staff, name=name, phone=phone, identity_number=_identity(number))
            post_role = role if role != Role.DEVICE else "patroller"
            long_ago = self._now - timedelta(days=400)
            _add(
                conn, posts, staff_id=staff_id, role=post_role, grid_code=grid, valid_from=long_ago
            )
            unit_id = _add(
                conn,
                units,
                code=unit,
                kind="person",
                name=name,
                role=post_role,
                grid_code=grid,
                staff_id=staff_id,
            )
            _add(conn, duty_sessions, unit_id=unit_id, began_at=self._now - timedelta(hours=1))
            self._see(conn, unit_id, lon)
            alert = self._call(conn, unit_id, lon)
        case = self._case_of(staff_id, case_lon)
        return Subject(
            unit=unit,
            staff=staff_id,
            name=name,
            phone=phone,
            lon=lon,
            grid=grid,
            alert=alert,
            case=case.id,
            number=case.number,
            case_lon=case_lon,
        )

    def _see(self, conn: Connection, unit_id: int, lon: float) -> None:
        for seconds in (60, 40, 20):
            at = self._now - timedelta(seconds=seconds)
            conn.execute(insert(fixes).values(unit_id=unit_id, at=at, lon=lon, lat=LAT))
        seq = conn.scalar(text("SELECT nextval('positions_seq')"))
        conn.execute(
            insert(positions).values(unit_id=unit_id, at=at, moved_at=at, lon=lon, lat=LAT, seq=seq)
        )

    def _call(self, conn: Connection, unit_id: int, lon: float) -> int:
        at = self._now - timedelta(seconds=20)
        return _add(
            conn,
            alerts,
            unit_id=unit_id,
            kind="sos",
            begun_at=at,
            last_at=at,
            lon=lon,
            lat=LAT,
            seq=conn.scalar(text("SELECT nextval('positions_seq')")),
        )

    def _case_of(self, staff_id: int, lon: float) -> Case:
        report = read_report(
            lon=lon, lat=LAT, description=DESCRIPTION, role="dispatcher", reporter=REPORTER
        )
        case_id = self._cases.report(report, DESK).case.id
        self._cases.act(case_id, Order(action=Action.RETURN, note=NOTE), DESK)
        to_them = Order(action=Action.DISPATCH, staff_id=staff_id)
        return self._cases.act(case_id, to_them, DESK).case


def _divide(conn: Connection) -> None:
    edition = _add(conn, grid_editions, name="2026", state="active", content_hash="two halves")
    for half, square in HALVES.items():
        for code, level, parent in ((half, 1, None), (f"{half}1", 2, half)):
            _add(
                conn,
                grids,
                edition_id=edition,
                code=code,
                name=f"网格{code}",
                level=level,
                parent_code=parent,
                area_m2=1.0,
                geom=f"SRID=4326;{MultiPolygon([square]).wkt}",
            )


def _enrol(conn: Connection, unit: str) -> None:
    """What the one account of the role device sends for."""
    unit_id = conn.execute(units.select().where(units.c.code == unit)).one().id
    device_id = _add(conn, devices, unit_id=unit_id, protocol="osmand", identifier=unit)
    conn.execute(update(accounts).where(accounts.c.role == "device").values(device_id=device_id))


def _identity(number: int) -> str:
    return f"3207221990010100{number:02d}"


def _add(conn: Connection, table: Table, **values: Any) -> int:
    return int(conn.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())
