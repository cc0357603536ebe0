"""A town of two level-1 grids side by side, each 0.02 degrees wide and high, from 118.60, 34.50 on.

A (chief 李)                    B (chief 周)
├── A1 west: worker 王, on duty   └── B1: nobody
└── A2 east: worker 赵, off duty; deputy 钱, on duty
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, insert, select

from data.audit import Who
from data.database import Database
from data.editions import GridIndexes
from data.schema import (
    accounts,
    duty_sessions,
    grid_editions,
    grids,
    photos,
    positions,
    posts,
    staff,
    units,
)
from data.scope import Scope
from patrol.cases.actions import Action
from patrol.cases.case import Actor, Case
from patrol.cases.order import Order
from patrol.cases.reader import CaseReader
from patrol.cases.report import Report, read_report
from patrol.cases.service import CaseService
from patrol.categories.category import USUAL_PHOTOS, PhotoNeed
from patrol.categories.store import lock_categories, save_categories

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


def square(west: float, east: float) -> str:
    south, north = 34.50, 34.52
    ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    return f"SRID=4326;MULTIPOLYGON((({ring})))"


GRIDS = {
    "A": ("东关网格", 1, None, square(118.60, 118.62)),
    "A1": ("东关一组", 2, "A", square(118.60, 118.61)),
    "A2": ("东关二组", 2, "A", square(118.61, 118.62)),
    "B": ("西关网格", 1, None, square(118.62, 118.64)),
    "B1": ("西关一组", 2, "B", square(118.62, 118.64)),
}
"""code: name, level, parent, area"""

IN_A1, IN_A2, IN_B1 = (118.605, 34.51), (118.615, 34.51), (118.63, 34.51)
ON_THE_EDGE_OF_A1_AND_A2 = (118.61, 34.51)
NEAR_A1, FAR_FROM_ALL = (118.5997, 34.51), (118.59, 34.51)  # 28 m and 917 m to the west


@dataclass(kw_only=True)
class Town:
    database: Database
    clock: Clock
    service: CaseService
    reader: CaseReader
    staff: dict[str, int] = field(default_factory=dict)  # name to id

    def report(self, position: tuple[float, float] = IN_A1, **changes: Any) -> Report:
        lon, lat = position
        values = {"description": "路口堆放垃圾", "role": "grid_worker", **changes}
        return read_report(lon=lon, lat=lat, **values)

    def actor(self, name: str, role: str, *codes: str) -> Actor:
        """An account of a member of staff, or of nobody; `codes` are its grids, none is all."""
        with self.database.begin() as conn:
            account_id = conn.scalar(select(accounts.c.id).where(accounts.c.username == name))
            if account_id is None:
                values = {"username": name, "role": role, "staff_id": self.staff.get(name)}
                account_id = add(conn, accounts, **values)
        return Actor(
            account_id=account_id,
            staff_id=self.staff.get(name),
            name=name,
            role=role,
            scope=Scope.of(frozenset(codes)) if codes else Scope.everything(),
        )

    def change_category(self, code: str, **changes: Any) -> None:
        """As the administrator does."""
        who = Who(account_id=None, name="管理员", role="admin", address=None)
        with self.database.begin() as conn:
            before = lock_categories(conn)
            save_categories(conn, who, before, [replace(before.of(code), **changes)])

    def act(
        self, case: Case, action: Action, actor: Actor, *, note: str = "因为", **order: Any
    ) -> Case:
        """The case afterwards."""
        return self.service.act(case.id, Order(action=action, note=note, **order), actor).case

    def need_no_photos_of_handling(self, *codes: str) -> None:
        """Where a test is not about them."""
        for code in codes:
            self.change_category(code, photos=USUAL_PHOTOS - {PhotoNeed.HANDLING})

    def photo(self, actor: Actor) -> UUID:
        """One that the actor has sent, and that is no case's yet."""
        picture = {"sha256": b"", "source_sha256": b"", "width": 1, "height": 1, "size": 1}
        by = {"uploaded_at": self.clock.now, "uploaded_by_account_id": actor.account_id}
        with self.database.begin() as conn:
            conn.execute(insert(photos).values(id=(photo_id := uuid4()), **picture, **by))
        return photo_id

    def hire(
        self,
        name: str,
        role: str,
        grid_code: str | None,
        *,
        deputy: bool = False,
        department: str | None = None,
    ) -> None:
        with self.database.begin() as conn:
            self.staff[name] = add(conn, staff, name=name)
            post = {
                "role": role,
                "grid_code": grid_code,
                "is_deputy": deputy,
                "department": department,
            }
            add(conn, posts, staff_id=self.staff[name], valid_from=LONG_AGO, **post)

    def send_out(
        self, name: str, unit: str, grid_code: str, position: tuple[float, float], **seen: Any
    ) -> None:
        """Put a member of staff on duty, seen at a position just now."""
        lon, lat = position
        now = self.clock.now
        with self.database.begin() as conn:
            kind = {"kind": "person", "role": "grid_worker"}
            values = {"staff_id": self.staff[name], "name": name, "grid_code": grid_code, **kind}
            unit_id = add(conn, units, code=unit, **values)
            add(conn, duty_sessions, unit_id=unit_id, began_at=LONG_AGO)
            where = {"lon": lon, "lat": lat, "at": now, "moved_at": now, "seq": unit_id, **seen}
            conn.execute(insert(positions).values(unit_id=unit_id, **where))


def add(conn: Connection, table: Any, **values: Any) -> int:
    return int(conn.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


@pytest.fixture
def empty_town(database: Database) -> Town:
    """Accounts, but no grids and no staff."""
    clock = Clock()
    service = CaseService(database, GridIndexes(database), clock)
    reader = CaseReader(database, clock)
    return Town(database=database, clock=clock, service=service, reader=reader)


@pytest.fixture
def town(empty_town: Town) -> Town:
    town = empty_town
    with town.database.begin() as conn:
        edition_id = add(
            conn,
            grid_editions,
            name="2026",
            state="active",
            content_hash="made up",
            valid_from=LONG_AGO,
        )
        for code, (name, level, parent, geom) in GRIDS.items():
            values = {"name": name, "level": level, "parent_code": parent, "geom": geom}
            add(conn, grids, edition_id=edition_id, code=code, area_m2=1.0, **values)
    town.need_no_photos_of_handling("other")
    town.hire("李", "grid_chief", "A")
    town.hire("王", "grid_worker", "A1")
    town.hire("赵", "grid_worker", "A2")
    town.hire("钱", "grid_worker", "A2", deputy=True)
    town.hire("周", "grid_chief", "B")
    town.send_out("王", "GW-001", "A1", IN_A1)
    town.send_out("钱", "GW-004", "A2", IN_A2)
    return town


@pytest.fixture
def desk(town: Town) -> Actor:
    return town.actor("调度", "dispatcher")


@pytest.fixture
def worker(town: Town) -> Actor:
    return town.actor("王", "grid_worker", "A1")


@pytest.fixture
def chief(town: Town) -> Actor:
    return town.actor("李", "grid_chief", "A", "A1", "A2")
