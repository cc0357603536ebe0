"""Checkpoints, patrol plans and what became of their rounds, through HTTP."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import python_calamine
from sqlalchemy import text, update
from starlette.testclient import TestClient

from data.database import Database
from data.schema import grids
from patrol.tracks.analysis import mark_days
from tests.facts import work_out
from tests.morning import ALL_DAY, EAST, NORTH_DEG_PER_M, START, TOWN, WEST, make_town

SignIn = Callable[..., dict[str, str]]
PERIOD = {**ALL_DAY, "reason": "核实群众反映"}
LON, LAT = 118.65, 34.5


def north(metres: float) -> dict[str, float]:
    return {"lon": LON, "lat": LAT + metres * NORTH_DEG_PER_M}


class Desk:
    """Somebody who plans."""

    def __init__(self, client: TestClient, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    def ask(self, method: str, path: str, **extra: Any) -> Any:
        return self._client.request(method, f"/api/v1{path}", headers=self._headers, **extra)

    def checkpoint(self, metres: float = 100, **fields: Any) -> int:
        body = {"name": f"{metres} m", **north(metres), **fields}
        answer = self.ask("POST", "/checkpoints", json=body)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def try_plan(self, checkpoints: list[int] | None = None, **fields: Any) -> Any:
        """One round from START on, of four hours, unless it says otherwise."""
        body = {
            "name": "每日巡查",
            "grid": EAST,
            "kind": "points" if checkpoints else "cells",
            "checkpoints": checkpoints or [],
            "rhythm": {"every_h": 4},
            "valid_from": START.isoformat(),
            "valid_to": (START + timedelta(hours=4)).isoformat(),
            **fields,
        }
        return self.ask("POST", "/plans", json=body)

    def plan(self, checkpoints: list[int] | None = None, **fields: Any) -> int:
        answer = self.try_plan(checkpoints, **fields)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def rounds(self, plan: int, **query: Any) -> Any:
        answer = self.ask("GET", f"/plans/{plan}/rounds", params={**PERIOD, **query})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def person(database: Database) -> int:
    """The morning of GW-001 in the east, worked out."""
    person = make_town(database)
    with database.begin() as conn:
        conn.execute(update(grids).where(grids.c.level == 1).values(level=2))
    mark_and_work_out(database)
    return person


@pytest.fixture
def desk(client: TestClient, sign_in: SignIn, person: int) -> Desk:
    return Desk(client, sign_in("dispatcher"))


def mark_and_work_out(database: Database) -> None:
    mark_days(database, None, None)
    work_out(database)


def test_a_round_says_what_was_reached_when_and_by_whom(desk: Desk) -> None:
    near, far = desk.checkpoint(300), desk.checkpoint(2000)
    body = desk.rounds(desk.plan([near, far]))
    assert body["as_of"] is None
    assert body["covered"] == {"reached": 1, "required": 2, "rate": 0.5}
    assert body["done"] == {"reached": 0, "required": 1, "rate": 0}
    [only] = body["items"]
    assert (only["state"], only["in_order"], only["units"]) == ("missed", None, ["GW-001"])
    reached, missed = only["checkpoints"]
    # At 1.5 m/s it comes within 30 m of 300 m after 180 s.
    at = datetime.fromisoformat(reached["reached_at"]) - START
    assert (reached["id"], reached["unit"]) == (near, "GW-001")
    assert at.total_seconds() == pytest.approx(180, abs=1)
    assert (missed["id"], missed["reached_at"], missed["unit"]) == (far, None, None)


def test_a_round_is_done_by_the_set_of_fixes_whenever_they_come(
    desk: Desk, database: Database
) -> None:
    plan = desk.plan([desk.checkpoint(2000)])
    assert desk.rounds(plan)["items"][0]["state"] == "missed"
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO fixes (unit_id, at, lon, lat) SELECT id, "
                "CAST(:start AS timestamptz) + s * interval '1 second', 118.65, "
                "34.5 + 2000 * :deg_per_m FROM units, generate_series(7200, 7300, 10) AS s "
                "WHERE code = 'GW-002'"
            ),
            {"start": START, "deg_per_m": NORTH_DEG_PER_M},
        )
    mark_days(database, None, None)
    assert desk.rounds(plan)["as_of"] is not None  # something has come and is not worked out
    mark_and_work_out(database)
    body = desk.rounds(plan)
    assert (body["items"][0]["state"], body["items"][0]["units"]) == ("done", ["GW-002"])
    assert body["done"]["rate"] == 1


def test_a_way_between_two_fixes_counts_and_a_stay_may_be_asked_for(desk: Desk) -> None:
    between = desk.plan([desk.checkpoint(307.5, radius_m=5)])
    assert desk.rounds(between)["items"][0]["state"] == "done"
    passing = desk.plan([desk.checkpoint(300, dwell_s=600)])
    assert desk.rounds(passing)["items"][0]["state"] == "missed"
    standing = desk.plan([desk.checkpoint(900, dwell_s=600)])
    assert desk.rounds(standing)["items"][0]["state"] == "done"


def test_checkpoints_may_have_an_order(desk: Desk) -> None:
    near, far = desk.checkpoint(300), desk.checkpoint(600)
    for order, known in (([near, far], True), ([far, near], True), ([near, far, near], None)):
        answer = desk.try_plan(order, in_order=True)
        if known is None:
            assert answer.json()["field"] == "checkpoints"
        else:  # there and back: either way
            assert desk.rounds(answer.json()["id"])["items"][0]["in_order"] is known
    there = {"valid_to": (START + timedelta(hours=1)).isoformat(), "rhythm": {"every_h": 1}}
    back = desk.plan([far, near], in_order=True, **there)
    [wrong] = desk.rounds(back)["items"]
    assert (wrong["state"], wrong["in_order"], wrong["covered"]["rate"]) == ("missed", False, 1)


def test_it_counts_who_is_named(desk: Desk) -> None:
    one = desk.checkpoint(300)

    def state(**who: str) -> str:
        return str(desk.rounds(desk.plan([one], **who))["items"][0]["state"])

    assert state() == state(role="grid_worker") == state(unit="GW-001") == "done"
    assert state(role="patroller") == state(unit="GW-002") == "missed"


def test_cells_are_counted_and_a_part_may_be_enough(desk: Desk) -> None:
    body = desk.rounds(desk.plan(resolution=7))
    [only] = body["items"]
    assert only["checkpoints"] == []
    assert 0 < only["covered"]["reached"] < only["covered"]["required"]
    assert (only["state"], only["units"]) == ("missed", ["GW-001"])
    little = desk.plan(resolution=7, at_least=0.01)
    assert desk.rounds(little)["items"][0]["state"] == "done"


def road(*metres: float, east_m: float = 0) -> dict[str, Any]:
    """Northwards through some places."""
    lon = LON + east_m / 91_800
    places = [[lon, north(each)["lat"]] for each in metres]
    return {"type": "LineString", "coordinates": places}


def roads(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"type": "MultiLineString", "coordinates": [line["coordinates"] for line in lines]}


def test_roads_are_counted_by_their_pieces(desk: Desk) -> None:
    """GW-001 went from 0 to 900 m and back."""

    def covered(drawn: dict[str, Any], **fields: Any) -> tuple[int, int, str]:
        plan = desk.plan(kind="roads", roads=drawn, **fields)
        [only] = desk.rounds(plan)["items"]
        assert only["checkpoints"] == []
        return only["covered"]["reached"], only["covered"]["required"], only["state"]

    assert covered(road(0, 800)) == (16, 16, "done")
    assert covered(road(0, 400, 1600)) == (18, 32, "missed")
    assert covered(road(0, 400, 1600), at_least=0.5) == (18, 32, "done")
    assert covered(roads(road(0, 400), road(2000, 2020))) == (8, 9, "missed")
    assert covered(road(0, 400, east_m=30)) == (0, 8, "missed")
    assert covered(road(0, 400, east_m=30), width_m=40) == (8, 8, "done")
    assert covered(road(0, 400), unit="GW-002") == (0, 8, "missed")


def test_roads_are_read_with_the_plan_and_not_in_the_list(desk: Desk) -> None:
    plan = desk.plan(kind="roads", roads=road(0, 400), valid_to=None)
    read = desk.ask("GET", f"/plans/{plan}").json()
    assert (read["kind"], read["width_m"], read["resolution"]) == ("roads", 20, None)
    drawn = read["roads"]["coordinates"][0]
    assert drawn == [pytest.approx(place) for place in road(0, 400)["coordinates"]]
    [listed] = desk.ask("GET", "/plans").json()["items"]
    assert listed == {**read, "roads": None}


def test_the_record_of_roads_has_a_row_for_each_round(desk: Desk) -> None:
    plan = desk.plan(kind="roads", roads=road(0, 1600))
    answer = export(desk, plan, format="csv")
    [only] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (only["reached"], only["required"], only["checkpoint"]) == ("18", "32", "")
    assert (only["state"], only["unit"]) == ("missed", "GW-001")


def test_rounds_follow_the_clock_in_china(desk: Desk) -> None:
    plan = desk.plan(
        [desk.checkpoint(300)],
        rhythm={
            "weekdays": [5],
            "windows": [{"from": "08:00", "to": "08:30"}, {"from": "22:00", "to": "06:00"}],
        },
        valid_to=None,
    )
    body = desk.rounds(plan)  # START is a Friday, 08:00
    assert [(each["from"], each["to"], each["state"]) for each in body["items"]] == [
        ("2026-11-20T00:00:00Z", "2026-11-20T00:30:00Z", "done"),
        ("2026-11-20T14:00:00Z", "2026-11-20T22:00:00Z", "missed"),
    ]
    assert body["done"] == {"reached": 1, "required": 2, "rate": 0.5}


def test_what_has_not_begun_is_not_missed(desk: Desk) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    plan = desk.plan([desk.checkpoint(300)], valid_from=tomorrow.isoformat(), valid_to=None)
    period = {"from": tomorrow.isoformat(), "to": (tomorrow + timedelta(hours=1)).isoformat()}
    body = desk.rounds(plan, **period)
    assert body["items"][0]["state"] == "upcoming"
    assert body["covered"] == {"reached": 0, "required": 0, "rate": None}


def test_a_plan_and_a_checkpoint_are_read_and_ended(desk: Desk) -> None:
    one = desk.checkpoint(300)
    plan = desk.plan([one], valid_to=None, unit="GW-001")
    [listed] = desk.ask("GET", "/plans").json()["items"]
    assert listed == desk.ask("GET", f"/plans/{plan}").json()
    assert (listed["checkpoints"], listed["rhythm"]["every_h"]) == ([one], 4)
    assert (listed["unit"], listed["valid_to"]) == ("GW-001", None)
    refused = desk.ask("DELETE", f"/checkpoints/{one}")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert desk.ask("DELETE", f"/plans/{plan}").status_code == 204
    assert desk.ask("DELETE", f"/checkpoints/{one}").status_code == 204
    assert desk.ask("DELETE", f"/checkpoints/{one}").status_code == 404
    assert desk.ask("GET", "/plans").json()["items"] == []
    assert desk.ask("GET", "/checkpoints").json()["features"] == []
    assert desk.ask("GET", f"/plans/{plan}").json()["valid_to"] is not None
    assert desk.rounds(plan)["items"][0]["state"] == "done"  # what was stays
    assert desk.try_plan([one]).json()["field"] == "checkpoints"


def test_everybody_plans_and_reads_in_their_own_grids(
    client: TestClient, sign_in: SignIn, desk: Desk, person: int
) -> None:
    east, west = (Desk(client, sign_in("grid_chief", grid_code=code)) for code in (EAST, WEST))
    one = east.checkpoint(300)
    plan = east.plan([one], valid_to=None)
    assert west.ask("GET", f"/plans/{plan}").status_code == 404
    assert west.ask("GET", f"/plans/{plan}/rounds", params=PERIOD).status_code == 404
    assert west.ask("DELETE", f"/plans/{plan}").status_code == 404
    assert west.ask("DELETE", f"/checkpoints/{one}").status_code == 404
    assert west.ask("GET", "/plans").json()["items"] == []
    assert west.ask("GET", "/checkpoints").json()["features"] == []
    assert west.try_plan([one], grid=EAST).status_code == 403
    assert west.try_plan([one], grid=WEST).json()["field"] == "checkpoints"
    assert west.ask("POST", "/checkpoints", json={"name": "x", **north(0)}).status_code == 403
    assert east.try_plan([one], unit="GW-002").status_code == 403
    worker = Desk(client, sign_in("grid_worker", grid_code=EAST))
    assert [each["id"] for each in worker.ask("GET", "/plans").json()["items"]] == [plan]
    assert worker.try_plan([one]).status_code == 403


def test_a_result_is_the_same_for_everybody_and_a_name_is_not(
    client: TestClient, sign_in: SignIn, desk: Desk, person: int
) -> None:
    plan = desk.plan([desk.checkpoint(300)])

    def seen(headers: dict[str, str]) -> tuple[str, Any, list[str]]:
        [only] = Desk(client, headers).rounds(plan)["items"]
        return only["state"], only["checkpoints"][0]["unit"], only["units"]

    named = ("done", "GW-001", ["GW-001"])
    assert seen(sign_in("grid_chief", grid_code=EAST)) == named
    assert seen(sign_in("grid_worker", grid_code=EAST, staff_id=person)) == named
    assert seen(sign_in("grid_worker", grid_code=EAST)) == ("done", None, [])


def test_somebody_reads_the_plan_of_their_own_unit_wherever_it_is(
    client: TestClient, sign_in: SignIn, desk: Desk, person: int
) -> None:
    plan = desk.plan([desk.checkpoint(300)], unit="GW-001", grid=TOWN)
    own = Desk(client, sign_in("enforcement_officer", staff_id=person))
    assert own.rounds(plan)["items"][0]["units"] == ["GW-001"]
    assert own.ask("DELETE", f"/plans/{plan}").status_code == 403


def test_a_look_at_the_past_needs_a_reason_and_is_on_the_audit(
    client: TestClient, sign_in: SignIn, desk: Desk, database: Database
) -> None:
    plan = desk.plan([desk.checkpoint(300)])
    refused = desk.ask("GET", f"/plans/{plan}/rounds", params=ALL_DAY)
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_required")
    worker = sign_in("grid_worker", grid_code=EAST)
    answer = client.get(f"/api/v1/plans/{plan}/rounds", params=ALL_DAY, headers=worker)
    assert answer.status_code == 200
    desk.rounds(plan)
    with database.begin() as conn:
        [look] = conn.execute(
            text("SELECT subject, reason, details FROM audit_events WHERE action = 'plan.read'")
        ).all()
        made = conn.scalars(
            text("SELECT action FROM audit_events WHERE action ~ '^(plan|checkpoint).create'")
        ).all()
    assert (look.subject, look.reason) == (f"plan {plan}", "核实群众反映")
    assert look.details["units"] == ["GW-001"]
    assert sorted(made) == ["checkpoint.create", "plan.create"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"grid": "999"}, "grid"),
        ({"kind": "cells"}, "checkpoints"),
        ({"resolution": 9}, "resolution"),
        ({"rhythm": {}}, "rhythm"),
        ({"rhythm": {"every_h": 1, "weekdays": [1]}}, "rhythm"),
        ({"rhythm": {"weekdays": [1]}}, "windows"),
        ({"checkpoints": [10**6]}, "checkpoints"),
        ({"checkpoints": []}, "checkpoints"),
        ({"kind": "cells", "checkpoints": []}, "resolution"),
        ({"kind": "cells", "checkpoints": [], "resolution": 13}, "resolution"),
        ({"kind": "cells", "checkpoints": [], "resolution": 0}, "resolution"),
        ({"in_order": True, "at_least": 0.5}, "in_order"),
        ({"width_m": 20}, "width_m"),
        ({"roads": road(0, 400)}, "roads"),
        ({"kind": "roads"}, "checkpoints"),
        ({"kind": "roads", "checkpoints": []}, "roads"),
        ({"kind": "roads", "checkpoints": [], "roads": road(0)}, "geometry"),
        ({"kind": "roads", "checkpoints": [], "roads": road(0, 0)}, "roads"),
        ({"kind": "roads", "checkpoints": [], "roads": roads()}, "roads"),
        ({"kind": "roads", "checkpoints": [], "roads": road(0, 400, east_m=6000)}, "roads"),
        ({"kind": "roads", "checkpoints": [], "roads": road(*[0, 9000] * 12)}, "roads"),
        ({"kind": "roads", "checkpoints": [], "roads": road(0, 9), "in_order": True}, "in_order"),
        ({"role": "grid_worker", "unit": "GW-001"}, "role"),
        ({"unit": "GW-999"}, "unit"),
        ({"valid_to": START.isoformat()}, "valid_to"),
    ],
)
def test_what_is_no_plan_is_refused_by_name(desk: Desk, fields: dict[str, Any], field: str) -> None:
    points = {"kind": "points", "checkpoints": [desk.checkpoint(300)]}
    answer = desk.try_plan(**{**points, **fields})
    assert answer.status_code in (404, 422)
    assert answer.json()["field"] == field


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"name": ""}, "name"), ({"lon": 100}, "lon"), ({"lon": 34.5, "lat": 118.6}, "lat")],
)
def test_what_is_no_checkpoint_is_refused_by_name(
    desk: Desk, fields: dict[str, Any], field: str
) -> None:
    answer = desk.ask("POST", "/checkpoints", json={"name": "x", **north(0), **fields})
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_too_much_at_once_is_refused(desk: Desk) -> None:
    plan = desk.plan([desk.checkpoint(n) for n in range(28)], rhythm={"every_h": 1}, valid_to=None)
    until = (START + timedelta(days=31)).isoformat()
    answer = desk.ask("GET", f"/plans/{plan}/rounds", params={**PERIOD, "to": until})
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many")


def export(desk: Desk, plan: int, **query: Any) -> Any:
    return desk.ask("GET", f"/plans/{plan}/record", params={**PERIOD, **query})


def test_the_record_is_a_table_that_says_where_it_comes_from(desk: Desk) -> None:
    plan = desk.plan([desk.checkpoint(300, name="=1+1"), desk.checkpoint(2000, name="大坝")])
    answer = export(desk, plan, format="csv")
    assert answer.status_code == 200, answer.text
    name = f"plan-{plan}-20261120T0800-20261121T0800.csv"
    assert name in answer.headers["content-disposition"]
    reached, missed = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (reached["from"], reached["to"]) == (
        "2026-11-20T08:00:00+08:00",
        "2026-11-20T12:00:00+08:00",
    )
    assert (reached["state"], reached["reached"], reached["required"]) == ("missed", "1", "2")
    assert (reached["checkpoint"], reached["unit"]) == ("'=1+1", "GW-001")
    assert reached["reached_at"].startswith("2026-11-20T08:0")
    assert (missed["checkpoint"], missed["reached_at"], missed["unit"]) == ("大坝", "", "")
    assert (missed["reason"], bool(missed["exported_by"])) == ("核实群众反映", True)


def test_the_record_is_a_workbook_with_the_sums(desk: Desk) -> None:
    plan = desk.plan(resolution=7)
    answer = export(desk, plan, format="xlsx")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    summary = {row[0]: row[1:] for row in book.get_sheet_by_name("summary").to_python() if row}
    assert summary["reason"][0] == "核实群众反映"
    assert summary["about"][0] == f"plan {plan} 每日巡查"
    assert summary["rounds"][:3] == [0, 1, 0]
    header, only = book.get_sheet_by_name("rounds").to_python()
    assert header[2:] == [
        *("state", "reached", "required", "in_order", "checkpoint"),
        *(header[7], "unit", "name"),
    ]
    assert only[0] == datetime(2026, 11, 20, 8)  # noqa: DTZ001
    assert (only[2], only[8], only[9]) == ("missed", "GW-001", "GW-001")


def test_the_record_needs_a_reason_and_the_right_and_is_on_the_audit(
    client: TestClient, sign_in: SignIn, desk: Desk, database: Database
) -> None:
    plan = desk.plan([desk.checkpoint(300)])
    refused = export(desk, plan, format="csv", reason="")
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_required")
    assert export(desk, plan, format="pdf").status_code == 422
    worker = Desk(client, sign_in("grid_worker", grid_code=EAST))
    assert export(worker, plan, format="csv").status_code == 403
    west = Desk(client, sign_in("grid_chief", grid_code=WEST))
    assert export(west, plan, format="csv").status_code == 404
    with database.begin() as conn:
        conn.execute(text("UPDATE units SET name = '王小明' WHERE code = 'GW-001'"))
    assert "王小明" in export(desk, plan, format="csv").text
    analyst = Desk(client, sign_in("analyst"))
    assert "王小明" not in export(analyst, plan, format="csv").text
    with database.begin() as conn:
        looks = conn.execute(
            text("SELECT subject, reason, details FROM audit_events WHERE action = 'plan.export'")
        ).all()
    assert len(looks) == 2
    assert (looks[0].subject, looks[0].reason) == (f"plan {plan}", "核实群众反映")
    assert (looks[0].details["units"], looks[0].details["format"]) == (["GW-001"], "csv")
