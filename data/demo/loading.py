"""Loading: the demo town into a database, all of it or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, text

from data.database import Database
from data.demo import store
from data.demo.cases.incidents import case_history
from data.demo.patrols.history import HISTORY_DAYS, patrol_history
from data.demo.sensing import sense
from data.demo.sensing_store import insert_sensed
from data.demo.town import DEFAULT_SEED, generate_town
from data.editions import GridIndexes, activate, draft_edition, read_editions
from data.schema import units
from data.sql import load_sql
from gis.errors import Conflict

EDITION_NAME = "安和镇网格（演示）"
STEPS = ("land", "map", "people", "patrols", "cases", "done")

Progress = Callable[[str, float], None]
"""Called with one of STEPS as it begins, and with the share of the work done before it."""

_SQL = load_sql("data.demo", "demo.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoPerson:
    """Somebody of the town who can be given an account. `grid_code` is None for the whole town."""

    role: str
    staff_id: int
    name: str
    grid_code: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoTown:
    """What is there now. `people` has one person for each role on the staff, in the roles' order."""

    created: bool
    people: tuple[DemoPerson, ...]


def create_demo_town(
    database: Database,
    *,
    now: datetime,
    seed: int = DEFAULT_SEED,
    days: int = HISTORY_DAYS,
    progress: Progress | None = None,
) -> DemoTown:
    """Fill an empty, migrated database with the town and its last `days` before `now` (aware).

    One transaction. Where the town is already, nothing happens. Raises Conflict in an installation
    that has grids or units of its own.
    """
    say = progress or (lambda _step, _share: None)
    with database.begin() as conn:
        names = [edition.name for edition in read_editions(conn)]
        if EDITION_NAME not in names:
            _refuse_unless_empty(conn, names)
            _create(conn, database, now=now, seed=seed, days=days, say=say)
        people = _people(conn)
    if EDITION_NAME not in names:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql(_SQL["analyze"])
    say("done", 1.0)
    return DemoTown(created=EDITION_NAME not in names, people=people)


def _refuse_unless_empty(conn: Connection, editions: Sequence[str]) -> None:
    if editions or conn.scalar(select(units.c.id).limit(1)) is not None:
        raise Conflict(
            "This installation has grids or units of its own, which the demo town would mix with. "
            "Make the demo town in an empty installation: another --data directory or database.",
            code="not_empty",
        )


def _create(
    conn: Connection, database: Database, *, now: datetime, seed: int, days: int, say: Progress
) -> None:
    say("land", 0.0)
    town = generate_town(seed)
    say("map", 0.3)
    began_at = now - timedelta(days=days + 1)
    draft = draft_edition(conn, town.grids, name=EDITION_NAME)
    activate(conn, draft.edition.id, at=began_at)
    store.insert_map(conn, town)
    say("people", 0.4)
    store.insert_departments(conn)
    staff_ids = store.insert_staff(conn, town.workforce.staff, began_at)
    store.insert_absences(conn, town, staff_ids, now)
    store.insert_roster(conn, town, staff_ids, began_at)
    unit_ids = store.insert_units(conn, town.workforce.units, staff_ids)
    say("patrols", 0.45)
    patrols = list(patrol_history(town, now=now, seed=seed, days=days))
    index = GridIndexes(database).of(draft.edition.id, conn)
    store.insert_patrols(conn, patrols, unit_ids, index)
    store.insert_plans(conn, town, patrols, index, since=began_at, made_at=now - timedelta(days=1))
    say("cases", 0.9)
    cases = case_history(town, patrols, now=now, seed=seed, days=days)
    sensed = sense(town, cases, now=now, seed=seed)
    store.insert_cases(conn, sensed.cases, draft.edition.id, staff_ids)
    insert_sensed(conn, town, sensed, since=began_at)


def _people(conn: Connection) -> tuple[DemoPerson, ...]:
    return tuple(
        DemoPerson(**row) for row in conn.execute(text(_SQL["one_of_each_role"])).mappings()
    )
