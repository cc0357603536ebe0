"""What is left of days whose fixes were dropped, and who may read it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text
from starlette.testclient import TestClient

from data.audit import Who
from data.database import Database
from data.schema import staff, units
from patrol.tracks.expiry import KeepSettings
from patrol.tracks.retention import drop_expired

SignIn = Callable[..., dict[str, str]]
DAY = date(2026, 3, 1)
PERIOD = {"from": "2026-03-01", "to": "2026-03-03", "reason": "年度核查"}


@pytest.fixture
def person(database: Database) -> int:
    """GW-001 of somebody in the east walked for an hour of a day that is long over and dropped."""
    with database.begin() as conn:
        person = conn.execute(
            insert(staff).values(name="王小明").returning(staff.c.id)
        ).scalar_one()
        unit = insert(units).values(
            code="GW-001",
            kind="person",
            name="王小明",
            role="grid_worker",
            staff_id=person,
            grid_code="320722001001",
        )
        conn.execute(unit)
        conn.execute(text("SELECT make_fixes_partition(:day)"), {"day": DAY})
        conn.execute(
            text(
                "INSERT INTO fixes (unit_id, at, lon, lat) SELECT units.id, CAST(:day AS date) "
                "+ s * interval '1 second', 118.6, 34.5 + s * 0.00001 "
                "FROM units, generate_series(0, 3600, 10) AS s"
            ),
            {"day": DAY},
        )
    now = datetime(2026, 11, 24, tzinfo=UTC)
    who = Who(account_id=None, name="wangge", role=None, address=None)
    drop_expired(database, KeepSettings(fixes_days=90), now, who)
    return int(person)


def read(client: TestClient, headers: dict[str, str], **query: Any) -> Any:
    return client.get("/api/v1/units/GW-001/days", params={**PERIOD, **query}, headers=headers)


def test_a_day_is_left_in_numbers(client: TestClient, sign_in: SignIn, person: int) -> None:
    answer = read(client, sign_in("dispatcher"))
    assert answer.status_code == 200, answer.text
    [day] = answer.json()["items"]
    assert (day["day"], day["fixes"], day["flagged"]) == ("2026-03-01", 361, 0)
    assert day["length_m"] == pytest.approx(3600 * 1.112, rel=0.01)
    assert day["moving_s"] == 3600
    assert read(client, sign_in("dispatcher"), **{"from": "2026-03-02"}).json()["items"] == []


def test_its_track_is_empty(client: TestClient, sign_in: SignIn, person: int) -> None:
    query = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z", "reason": "年度核查"}
    answer = client.get(
        "/api/v1/units/GW-001/track", params=query, headers=sign_in("dispatcher")
    ).json()
    assert (answer["features"], answer["summary"]["fixes"]) == ([], 0)


def test_days_are_for_whoever_may_read_the_track(
    client: TestClient, sign_in: SignIn, person: int
) -> None:
    assert read(client, sign_in("grid_chief", grid_code="320722001002")).status_code == 403
    assert read(client, sign_in("grid_worker", grid_code="320722001001")).status_code == 403
    assert read(client, sign_in("gateway")).status_code == 403
    own = read(client, sign_in("grid_worker", staff_id=person), reason="")
    assert len(own.json()["items"]) == 1


def test_somebody_elses_days_need_a_reason_that_is_kept(
    client: TestClient, sign_in: SignIn, person: int, database: Database
) -> None:
    refused = read(client, sign_in("dispatcher"), reason="")
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_required")
    read(client, sign_in("dispatcher"))
    with database.begin() as conn:
        event = conn.execute(
            text("SELECT subject, reason, details FROM audit_events WHERE action = 'track.read'")
        ).one()
    assert tuple(event) == (
        "unit GW-001",
        "年度核查",
        {"from": "2026-03-01", "to": "2026-03-03", "days": 1},
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"to": "2026-03-01"}, "from"),
        ({"to": f"{DAY + timedelta(days=367)}"}, "to"),
        ({"from": "yesterday"}, "from"),
        ({"from": "9999-12-31", "to": "9999-12-31"}, "from"),
    ],
)
def test_a_period_that_cannot_be_is_refused_by_name(
    client: TestClient, sign_in: SignIn, person: int, query: dict[str, str], field: str
) -> None:
    answer = read(client, sign_in("dispatcher"), **query)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
