"""Who looks at where others were: on the audit, and with a reason when it is about an earlier day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from starlette.testclient import TestClient

from data.audit import AuditFilter, AuditRecord, list_records
from data.database import Database
from data.schema import posts, units
from gis.local_time import local_midnight
from tests.morning import ALL_DAY, EAST, TOWN, make_town, morning

SignIn = Callable[..., dict[str, str]]
TRACK, REPLAY = "/api/v1/units/GW-001/track", "/api/v1/replay"


def today() -> dict[str, str]:
    now = datetime.now(UTC)
    return {"from": local_midnight(now).isoformat(), "to": (now + timedelta(days=1)).isoformat()}


@pytest.fixture
def town(database: Database) -> int:
    return make_town(database)


def looks(database: Database) -> list[AuditRecord]:
    with database.begin() as conn:
        return list_records(conn, AuditFilter(), limit=100)


def get(client: TestClient, path: str, headers: dict[str, str], **query: str) -> Any:
    return client.get(path, params=query, headers=headers)


@pytest.mark.parametrize(
    ("path", "whom"), [(TRACK, {}), (REPLAY, {"units": "GW-001"}), (REPLAY, {"grid": TOWN})]
)
def test_a_look_at_somebody_elses_earlier_day_needs_a_reason(
    client: TestClient,
    sign_in: SignIn,
    database: Database,
    town: int,
    path: str,
    whom: dict[str, str],
) -> None:
    chief = sign_in("grid_chief", grid_code=TOWN)
    refused = get(client, path, chief, **whom, **ALL_DAY)
    assert refused.status_code == 422
    assert (refused.json()["code"], refused.json()["field"]) == ("reason_required", "reason")
    assert looks(database) == []
    assert get(client, path, chief, **whom, **ALL_DAY, reason="走失").status_code == 200


@pytest.mark.parametrize("reason", ["x", " x ", "x" * 201, "\u200b", ""])
def test_what_says_nothing_is_no_reason(
    client: TestClient, sign_in: SignIn, town: int, reason: str
) -> None:
    answer = get(client, TRACK, sign_in("dispatcher"), **ALL_DAY, reason=reason)
    assert (answer.status_code, answer.json()["field"]) == (422, "reason")


def test_a_look_at_somebody_elses_present_day_needs_none_and_is_recorded(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    assert get(client, TRACK, sign_in("dispatcher"), **today()).status_code == 200
    [look] = looks(database)
    assert (look.action, look.subject, look.reason) == ("track.read", "unit GW-001", None)


def test_a_second_before_the_local_midnight_is_an_earlier_day(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    midnight = datetime.fromisoformat(today()["from"])
    period = {"from": (midnight - timedelta(seconds=1)).isoformat(), "to": today()["to"]}
    assert get(client, TRACK, sign_in("dispatcher"), **period).status_code == 422


def test_the_record_of_a_track_says_who_what_when_and_why(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    get(client, TRACK, sign_in("analyst"), **ALL_DAY, reason=" 核实\n群众反映 ")
    [look] = looks(database)
    assert look.actor.startswith("analyst-")
    assert (look.role, look.address) == ("analyst", "testclient")
    assert (look.action, look.subject, look.reason) == (
        "track.read",
        "unit GW-001",
        "核实 群众反映",
    )
    assert dict(look.details) == {**ALL_DAY, "fixes": len(morning())}


def test_a_page_that_follows_the_present_day_is_one_look(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    dispatcher, period = sign_in("dispatcher"), today()
    until = datetime.fromisoformat(period["to"])
    for minutes in (0, 1, 9):
        later = (until + timedelta(minutes=minutes)).isoformat()
        get(client, TRACK, dispatcher, **{**period, "to": later})
    assert len(looks(database)) == 1
    get(client, TRACK, dispatcher, **{**period, "to": (until + timedelta(minutes=11)).isoformat()})
    get(client, TRACK, dispatcher, **period, reason="another thing")
    get(client, TRACK, sign_in("dispatcher"), **period)
    get(client, "/api/v1/units/GW-002/track", dispatcher, **period)
    assert len(looks(database)) == 5


def test_ones_own_past_needs_no_reason_and_is_nobodys_business(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    worker = sign_in("grid_worker", staff_id=town)
    assert get(client, TRACK, worker, **ALL_DAY).status_code == 200
    assert get(client, REPLAY, worker, **ALL_DAY, units="GW-001").status_code == 200
    assert looks(database) == []


def test_an_account_of_nobody_has_no_own_units(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    answer = get(client, "/api/v1/units/GW-002/track", sign_in("dispatcher"), **ALL_DAY)
    assert answer.json()["code"] == "reason_required"  # neither belongs to somebody on the staff


def test_one_other_among_ones_own_makes_a_replay_one_about_others(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    with database.begin() as conn:
        conn.execute(
            insert(units).values(
                code="GW-003", kind="person", name="x", role="grid_worker", grid_code=EAST
            )
        )
        conn.execute(insert(posts).values(staff_id=town, role="grid_chief", grid_code=EAST))
    chief = sign_in("grid_chief", staff_id=town)
    query = {**ALL_DAY, "units": "GW-001,GW-003"}
    assert get(client, REPLAY, chief, **query).json()["code"] == "reason_required"
    assert get(client, REPLAY, chief, **query, reason="complaint").status_code == 200
    [look] = looks(database)
    assert (look.action, look.subject, look.reason) == ("replay.read", None, "complaint")
    assert look.details["units"] == ["GW-001", "GW-003"]
    assert look.details["fixes"] == len(morning())


def test_a_replay_is_one_record_with_every_unit_it_showed(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    get(client, REPLAY, sign_in("dispatcher"), **today(), grid=TOWN)
    get(client, REPLAY, sign_in("dispatcher"), **today(), units="GW-002")
    one, all_of_them = looks(database)
    assert (all_of_them.subject, all_of_them.details["units"]) == (
        f"grid {TOWN}",
        ["GW-001", "GW-002"],
    )
    assert (one.subject, one.details["units"]) == ("unit GW-002", ["GW-002"])


def test_what_is_refused_showed_nothing_and_is_no_look(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    outside = sign_in("grid_chief", grid_code="329922")
    assert get(client, TRACK, outside, **ALL_DAY, reason="complaint").status_code == 403
    backwards = {"from": ALL_DAY["to"], "to": ALL_DAY["from"]}
    refused = get(client, TRACK, sign_in("dispatcher"), **backwards, reason="complaint")
    assert refused.status_code == 422
    assert looks(database) == []


def test_without_a_record_there_is_no_answer(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    with database.begin() as conn:
        conn.execute(text("REVOKE INSERT ON audit_events FROM wangge_app"))
        columns = conn.scalars(
            select(text("column_name"))
            .select_from(text("information_schema.columns"))
            .where(text("table_name = 'audit_events'"))
        ).all()
        for column in columns:
            conn.execute(text(f"REVOKE INSERT ({column}) ON audit_events FROM wangge_app"))
    answer = get(client, TRACK, sign_in("dispatcher"), **today())
    assert answer.status_code == 500
    assert "features" not in answer.text
