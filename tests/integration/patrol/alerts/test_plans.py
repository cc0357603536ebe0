"""What the look at patrol plans makes of the morning of GW-001."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from shapely import MultiLineString
from sqlalchemy import text

from data.database import Database
from data.editions import GridIndexes
from data.installation import Databases
from patrol.alerts.plans import FINAL_AFTER, look_at_plans
from patrol.alerts.rules import Rules
from patrol.plans.checkpoints import NewCheckpoint, insert_checkpoint
from patrol.plans.plan import NewPlan, PlanKind, insert_plan
from patrol.plans.rhythm import EveryHours
from patrol.tracks.analysis import analyse_changes, mark_days
from patrol.tracks.grids import VisitedGrids
from tests.morning import EAST, NORTH_DEG_PER_M, START, make_town

LON, LAT = 118.65, 34.5
END = START + timedelta(hours=4)
SOON = END + timedelta(minutes=2)


class Town:
    """Plans in the east, and whoever looks at them: as the server's role, at any time."""

    def __init__(self, database: Database, tracking: Database) -> None:
        self.database = database
        self._tracking = tracking
        self._indexes = GridIndexes(tracking)
        make_town(database)
        self.work_out()

    def plan(
        self,
        *metres_north: float,
        created_at: datetime = START,
        roads: MultiLineString | None = None,
        **fields: Any,
    ) -> int:
        """A round of four hours from START on, of checkpoints or else of cells."""
        values = {
            "name": "水库夜巡",
            "grid_code": EAST,
            "kind": PlanKind.POINTS if metres_north else PlanKind.CELLS,
            "resolution": None if metres_north else 7,
            "width_m": None,
            "rhythm": EveryHours(hours=4),
            "in_order": False,
            "at_least": 1.0,
            "role": None,
            "unit_id": None,
            "valid_from": START,
            "valid_to": END,
            **fields,
        }
        with self.database.begin() as conn:
            ids = tuple(
                insert_checkpoint(
                    conn,
                    NewCheckpoint(
                        name=f"{metres} m",
                        lon=LON,
                        lat=LAT + metres * NORTH_DEG_PER_M,
                        radius_m=30,
                        dwell_s=0,
                        grid_code=EAST,
                    ),
                    START,
                ).id
                for metres in metres_north
            )
            plan = insert_plan(conn, NewPlan(checkpoint_ids=ids, **values), roads)
            conn.execute(
                text("UPDATE patrol_plans SET created_at = :at WHERE id = :id"),
                {"at": created_at, "id": plan},
            )
        return plan

    def roads(self, *metres_north: float, **fields: Any) -> int:
        """The same of one road northwards through some places."""
        road = MultiLineString([[(LON, LAT + m * NORTH_DEG_PER_M) for m in metres_north]])
        kind = {"kind": PlanKind.ROADS, "resolution": None, "width_m": 20.0, **fields}
        return self.plan(roads=road, **kind)

    def look(self, now: datetime = SOON) -> int:
        return look_at_plans(self._tracking, self._indexes, Rules(), now)

    def send(self, unit: str, metres_north: float, *, after_s: int = 7200) -> None:
        """Two minutes at a place, that somebody hears of only now."""
        with self.database.begin() as conn:
            conn.execute(
                text(
                    "INSERT INTO fixes (unit_id, at, lon, lat) SELECT id, "
                    "CAST(:start AS timestamptz) + s * interval '1 second', :lon, :lat "
                    "FROM units, generate_series(0, 120, 10) AS s WHERE code = :unit"
                ),
                {
                    "start": START + timedelta(seconds=after_s),
                    "lon": LON,
                    "lat": LAT + metres_north * NORTH_DEG_PER_M,
                    "unit": unit,
                },
            )

    def work_out(self) -> None:
        mark_days(self.database, None, None)
        [[now]] = self.ask("SELECT clock_timestamp()")
        analyse_changes(self._tracking, VisitedGrids(self._indexes), before=now)

    def told(self, *columns: str) -> list[Any]:
        """Of what stands, in its order."""
        names = columns or ("kind", "details")
        return self.ask(
            f"SELECT {', '.join(names)} FROM alerts WHERE NOT withdrawn ORDER BY plan_id, round_at"
        )

    def ask(self, statement: str, **values: Any) -> list[Any]:
        with self.database.begin() as conn:
            result = conn.execute(text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []


@pytest.fixture
def town(database: Database) -> Iterator[Town]:
    with Databases.beside(database) as databases:
        yield Town(database, databases.tracking)


def details(reached: int, required: int, *missed: str, in_order: bool | None = None) -> Any:
    return {"reached": reached, "required": required, "in_order": in_order, "missed": [*missed]}


def test_a_round_that_is_over_and_was_not_done_is_told_of_once(town: Town) -> None:
    plan = town.plan(300, 2000, 3000)
    assert town.look(END) == 0
    assert town.look() == 1
    columns = ("kind", "plan_id", "unit_id", "round_at", "begun_at", "ended_at", "late")
    assert town.told(*columns) == [("missed_checkpoint", plan, None, START, END, None, False)]
    [(lon, lat, said)] = town.told("lon", "lat", "details")
    assert (lon, lat) == (LON, pytest.approx(LAT + 2000 * NORTH_DEG_PER_M))
    assert said == details(1, 3, "2000 m", "3000 m")
    assert town.look() == town.look(SOON + timedelta(hours=1)) == 0
    assert len(town.told()) == 1


def test_a_round_that_was_done_is_not_told_of(town: Town) -> None:
    town.plan(300, 600)
    assert town.look() == 1
    assert town.told() == []


def test_an_order_that_was_not_kept_is_told_of(town: Town) -> None:
    there = {"rhythm": EveryHours(hours=1), "valid_to": START + timedelta(hours=1)}
    town.plan(600, 300, in_order=True, **there)
    town.look()
    assert town.told() == [("missed_checkpoint", details(2, 2, in_order=False))]


def test_a_grid_of_which_too_little_was_patrolled_is_told_of(town: Town) -> None:
    town.plan(at_least=0.01)
    town.plan(at_least=0.9)
    town.look()
    [(kind, said, lon, lat)] = town.told("kind", "details", "lon", "lat")
    assert kind == "not_patrolled"
    assert 0 < said["reached"] < said["required"]
    assert (118.6 < lon < 118.7, 34.4 < lat < 34.6) == (True, True)


def test_roads_that_were_left_out_are_told_of_until_somebody_was_there(town: Town) -> None:
    town.roads(0, 900, at_least=0.9)
    town.roads(0, 1000, at_least=0.95)
    town.look()
    [(kind, lon, lat, said)] = town.told("kind", "lon", "lat", "details")
    assert (kind, said["reached"], said["required"]) == ("not_patrolled", 18, 20)
    assert (lon, lat) == (pytest.approx(LON), pytest.approx(LAT + 925 * NORTH_DEG_PER_M, abs=1e-4))
    town.send("GW-002", 925)
    town.work_out()
    town.look()
    assert town.told() == []


def test_late_fixes_make_it_better_and_then_withdraw_it(town: Town) -> None:
    town.plan(300, 2000, 3000)
    town.look()
    [(number,)] = town.told("id")
    town.send("GW-002", 2000)
    town.work_out()
    assert town.look() == 1
    assert town.told("id", "details") == [(number, details(2, 3, "3000 m"))]
    town.send("GW-002", 3000, after_s=9000)
    town.work_out()
    assert town.look() == 1
    assert town.told() == []
    assert town.ask("SELECT id, withdrawn, ended_at FROM alerts") == [(number, True, SOON)]
    assert town.look() == 0


def test_what_somebody_did_about_it_stays(town: Town) -> None:
    town.plan(300, 2000, 3000)
    town.look()
    heard_at = SOON + timedelta(minutes=1)
    town.ask(
        "UPDATE alerts SET acknowledged_at = :at, note = '已派人', ended_at = :at", at=heard_at
    )
    town.send("GW-002", 2000)
    town.work_out()
    town.look()
    assert town.told("note", "ended_at", "details") == [
        ("已派人", heard_at, details(2, 3, "3000 m"))
    ]


@pytest.mark.parametrize("looks", [(True, True, True), (False, True, False)])
def test_what_stands_does_not_depend_on_the_order_of_arrival(
    town: Town, looks: Sequence[bool]
) -> None:
    town.plan(300, 2000, 3000)
    town.plan(300, 2000)
    town.plan(5000, at_least=0.5)
    parts = [("GW-002", 2000.0, 7200), ("GW-001", 3000.0, 9000), ("GW-002", 4000.0, 10_000)]
    outcomes = []
    for order in permutations(parts):
        town.look()
        for (unit, metres, after_s), look in zip(order, looks, strict=True):
            town.send(unit, metres, after_s=after_s)
            town.work_out()
            if look:
                town.look()
        town.look()
        outcomes.append(town.told("kind", "plan_id", "round_at", "lon", "lat", "details"))
        town.ask("DELETE FROM fixes WHERE at >= :at", at=START + timedelta(seconds=7200))
        town.ask("INSERT INTO changed_days (unit_id, day) SELECT id, '2026-11-20' FROM units")
        town.work_out()
        town.look()
    assert len(outcomes[0]) == 1
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_it_waits_for_tracks_to_be_worked_out_but_not_for_ever(town: Town) -> None:
    town.plan(2000)
    town.ask(
        "INSERT INTO changed_days (unit_id, day, changed_at) SELECT id, '2026-11-20', :at "
        "FROM units WHERE code = 'GW-002'",
        at=END - timedelta(seconds=10),
    )
    assert town.look() == town.look(END + timedelta(minutes=9)) == 0
    town.ask("UPDATE changed_days SET changed_at = :at", at=END + timedelta(seconds=70))
    assert town.look() == 1
    town.plan(3000)
    town.ask("UPDATE changed_days SET changed_at = :at", at=END - timedelta(seconds=10))
    assert town.look(END + timedelta(minutes=10)) == 1
    assert len(town.told()) == 2


def test_nobody_is_told_of_rounds_from_before_the_plan_or_of_long_ago(town: Town) -> None:
    hourly = {"rhythm": EveryHours(hours=1)}
    town.plan(2000, created_at=START + timedelta(minutes=150), **hourly)
    assert town.look() == 2
    assert [at for (at,) in town.told("round_at")] == [
        START + timedelta(hours=2),
        START + timedelta(hours=3),
    ]
    town.plan(2000, **hourly)
    assert town.look(START + timedelta(hours=3) + FINAL_AFTER) == 1
    assert town.told("late")[-1] == (True,)


def test_a_round_that_a_plan_did_not_live_to_see_to_its_end_is_none(town: Town) -> None:
    plan = town.plan(2000, rhythm=EveryHours(hours=1))
    town.ask(
        "UPDATE patrol_plans SET valid_to = :at WHERE id = :plan",
        at=START + timedelta(minutes=90),
        plan=plan,
    )
    assert town.look() == 1


def test_tracks_elsewhere_or_of_others_are_no_reason_to_judge_again(town: Town) -> None:
    town.plan(2000, role="patroller")
    town.plan(2000)
    assert town.look() == 2
    town.work_out()
    assert town.ask("SELECT count(*) FROM renewed_tracks") == [(0,)]  # they came out as they were
    town.send("GW-002", 9000)
    town.work_out()
    assert town.look() == 0
    assert town.ask("SELECT count(*) FROM renewed_tracks") == [(0,)]
    town.send("GW-002", 2000, after_s=9000)
    town.work_out()
    assert town.look() == 1


def test_what_nobody_acknowledges_ends_in_the_end(town: Town) -> None:
    town.plan(2000)
    town.look()
    town.look(END + FINAL_AFTER)
    assert town.told("ended_at") == [(END + FINAL_AFTER,)]


def test_a_plan_whose_grid_is_gone_stops_nobody_else(town: Town) -> None:
    town.plan(grid_code="320722001001009")
    town.plan(2000)
    assert town.look() == 1
    assert town.told("kind") == [("missed_checkpoint",)]


def test_one_process_looks_at_a_time(town: Town) -> None:
    town.plan(2000)
    with town.database.begin() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(hashtext('plans watch'))"))
        assert town.look() == 0
    assert town.look() == 1


def test_what_became_of_a_round_is_kept_as_late_fixes_have_it(town: Town) -> None:
    plan = town.plan(300, 2000, 3000)
    kept = "SELECT plan_id, begins_at, ends_at, required, reached FROM round_results"
    town.look()
    assert town.ask(kept) == [(plan, START, END, 3, 1)]
    town.send("GW-002", 2000)
    town.work_out()
    town.look()
    assert town.ask(kept) == [(plan, START, END, 3, 2)]
