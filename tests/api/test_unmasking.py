"""Numbers are masked for everybody; one at a time can be had for a reason."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, update
from starlette.testclient import TestClient

from data.audit import AuditFilter, AuditRecord, list_records
from data.database import Database
from data.schema import cases, posts, staff
from tests.morning import EAST, TOWN, WEST, make_town

SignIn = Callable[..., dict[str, str]]
PHONE, NUMBER = "13812341234", "320722198001011212"
REPORTER = "张女士 13912341234，或 0518-85551234"
WHY = {"reason": "联系不上"}


@pytest.fixture
def town(database: Database) -> int:
    """The staff number of somebody with a post in the east, a telephone and an identity number."""
    staff_id = make_town(database)
    with database.begin() as conn:
        conn.execute(
            update(staff).where(staff.c.id == staff_id).values(phone=PHONE, identity_number=NUMBER)
        )
        conn.execute(insert(posts).values(staff_id=staff_id, role="grid_worker", grid_code=EAST))
    return staff_id


@pytest.fixture
def case(database: Database, town: int) -> int:
    """A case in the east."""
    with database.begin() as conn:
        inserted = conn.execute(
            insert(cases)
            .values(
                number="AH20261122-0001",
                state="reported",
                source="citizen",
                category="other",
                description="路口积水",
                reporter=REPORTER,
                geom="SRID=4326;POINT(118.65 34.5)",
                grid_code=EAST,
                reported_at=datetime.now(UTC),
            )
            .returning(cases.c.id)
        )
        return int(inserted.scalar_one())


def records(database: Database) -> list[AuditRecord]:
    with database.begin() as conn:
        return list_records(conn, AuditFilter(), limit=100)


def unmask(client: TestClient, path: str, headers: dict[str, str], body: Any = WHY) -> Any:
    return client.post(f"/api/v1/{path}/unmask", json=body, headers=headers)


def test_telephones_of_a_grid_are_masked(client: TestClient, sign_in: SignIn, town: int) -> None:
    answer = client.get(f"/api/v1/grids/{TOWN}/staff", headers=sign_in("dispatcher"))
    assert [each["phone"] for each in answer.json()["items"]] == ["138****1234"]
    assert PHONE not in answer.text


def test_a_chief_sees_the_numbers_of_their_people_for_a_reason_on_the_record(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    answer = unmask(client, f"staff/{town}", sign_in("grid_chief", grid_code=EAST))
    assert answer.json() == {"phone": PHONE, "identity_number": NUMBER}
    [record] = records(database)
    assert (record.action, record.subject, record.reason) == (
        "phone.unmask",
        f"staff {town}",
        "联系不上",
    )
    assert record.actor.startswith("grid_chief-")
    assert PHONE[3:7] not in str(record.details)


def test_nobody_sees_the_numbers_of_other_grids(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    assert unmask(client, f"staff/{town}", sign_in("grid_chief", grid_code=WEST)).status_code == 404
    assert unmask(client, "staff/404", sign_in("dispatcher")).status_code == 404
    assert records(database) == []


def test_a_post_that_is_over_gives_no_claim(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    with database.begin() as conn:
        past = {
            "valid_from": datetime(2025, 1, 1, tzinfo=UTC),
            "valid_to": datetime(2026, 1, 1, tzinfo=UTC),
        }
        conn.execute(update(posts).values(**past))
    assert unmask(client, f"staff/{town}", sign_in("grid_chief", grid_code=EAST)).status_code == 404
    assert unmask(client, f"staff/{town}", sign_in("admin")).status_code == 200


@pytest.mark.parametrize("role", ["grid_worker", "analyst", "auditor", "gateway"])
def test_who_may_not_is_refused(
    client: TestClient, sign_in: SignIn, town: int, case: int, role: str
) -> None:
    headers = sign_in(role, grid_code=EAST)
    assert unmask(client, f"staff/{town}", headers).status_code == 403
    assert unmask(client, f"cases/{case}", headers).status_code == 403


@pytest.mark.parametrize("body", [{}, {"reason": None}, {"reason": "  "}])
def test_without_a_reason_nothing_is_shown_or_recorded(
    client: TestClient, sign_in: SignIn, database: Database, town: int, case: int, body: Any
) -> None:
    for path in (f"staff/{town}", f"cases/{case}"):
        answer = unmask(client, path, sign_in("dispatcher"), body)
        assert (answer.status_code, answer.json()["code"]) == (422, "reason_required")
        assert answer.json()["field"] == "reason"
    assert records(database) == []


def test_a_reporter_is_masked_until_somebody_has_a_reason(
    client: TestClient, sign_in: SignIn, database: Database, case: int
) -> None:
    chief = sign_in("grid_chief", grid_code=EAST)
    masked = client.get(f"/api/v1/cases/{case}", headers=chief)
    assert masked.json()["reporter"] == "张女士 139****1234，或 ****-******34"
    assert unmask(client, f"cases/{case}", chief).json() == {"reporter": REPORTER}
    [record] = records(database)
    assert (record.action, record.subject) == ("reporter.unmask", "case AH20261122-0001")
    assert record.reason == "联系不上"


def test_a_case_that_is_not_ones_own_keeps_its_reporter(
    client: TestClient, sign_in: SignIn, database: Database, case: int
) -> None:
    assert unmask(client, f"cases/{case}", sign_in("grid_chief", grid_code=WEST)).status_code == 404
    assert records(database) == []
