"""The calendar over HTTP: what it says, who changes it, and what is due."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from data.database import Database
from data.exports.sheets import Sheet, open_workbook
from tests.api.conftest import SignIn

CALENDAR = "/api/v1/calendar"
Headers = dict[str, str]


@pytest.fixture
def admin(sign_in: SignIn) -> Headers:
    return sign_in("admin")


def year(client: TestClient, headers: Headers, number: int) -> dict[str, Any]:
    return client.get(CALENDAR, params={"year": number}, headers=headers).json()


def due(client: TestClient, headers: Headers, rule: str, start: str) -> dict[str, Any]:
    params = {"rule": rule, "start": f"{start}+08:00"}
    return client.get(f"{CALENDAR}/due", params=params, headers=headers).json()


def test_a_year_has_its_special_days_and_working_hours(client: TestClient, admin: Headers) -> None:
    answer = year(client, admin, 2026)
    assert (answer["working_days"], answer["day_s"]) == (248, 28800)
    assert answer["hours"] == [{"from": "08:00", "to": "12:00"}, {"from": "14:00", "to": "18:00"}]
    assert answer["provisional_from"] == "2026-12-25"
    assert answer["days"][0] == {
        "date": "2026-01-01",
        "is_working": False,
        "name": "元旦",
        "name_en": "New Year's Day",
        "source": "law",
    }
    assert year(client, admin, 2025)["provisional_from"] is None


def test_a_term_is_tried_out(client: TestClient, sign_in: SignIn) -> None:
    worker = sign_in("grid_worker", grid_code="320722101001001")
    answer = due(client, worker, "5个工作日", "2025-09-30T10:00")
    assert answer == {
        "rule": "5wd",
        "words_zh": "5 个工作日",
        "words_en": "5 working days",
        "start": "2025-09-30T02:00:00Z",
        "due": "2025-10-14T10:00:00Z",
        "is_provisional": False,
    }
    assert due(client, worker, "5wd", "2027-02-01T10:00")["is_provisional"]


def test_a_day_of_ones_own_wins_until_it_is_taken_back(
    client: TestClient, admin: Headers, database: Database
) -> None:
    day = f"{CALENDAR}/days/2026-06-09"
    body = {"is_working": False, "name": "本地节日"}
    made = client.put(day, json=body, headers=admin)
    assert made.json() == {
        **body,
        "date": "2026-06-09",
        "name_en": None,
        "source": "administrator",
    }
    assert made.json() in year(client, admin, 2026)["days"]
    assert year(client, admin, 2026)["working_days"] == 247
    assert due(client, admin, "1wd", "2026-06-08T10:00")["due"] == "2026-06-10T10:00:00Z"
    assert client.delete(day, headers=admin).status_code == 204
    assert due(client, admin, "1wd", "2026-06-08T10:00")["due"] == "2026-06-09T10:00:00Z"
    assert client.delete(day, headers=admin).status_code == 404
    with database.begin() as conn:
        recorded = conn.execute(text("SELECT action, details FROM audit_events ORDER BY id")).all()
    assert recorded == [("calendar.set", body), ("calendar.remove", body)]


def test_the_list_of_a_year_makes_it_certain(client: TestClient, admin: Headers) -> None:
    days = [
        {"date": "2027-01-01", "is_working": False, "name": "元旦"},
        {"date": "2027-10-01", "is_working": False, "name": "国庆节"},
    ]
    for counts in ({"new": 2, "unchanged": 0}, {"new": 0, "unchanged": 2}):
        done = client.put(f"{CALENDAR}/days", json={"days": days}, headers=admin)
        assert done.json() == {"changed": 0, **counts}
    assert year(client, admin, 2026)["provisional_from"] is None
    assert year(client, admin, 2027)["provisional_from"] == "2027-12-25"


def test_of_a_list_with_one_bad_day_nothing_is_set(client: TestClient, admin: Headers) -> None:
    good = {"date": "2027-01-01", "is_working": False, "name": "元旦"}
    for bad in ({**good, "date": "2101-01-01"}, {**good, "name": " "}, good):
        answer = client.put(f"{CALENDAR}/days", json={"days": [good, bad]}, headers=admin)
        assert answer.status_code == 422
    assert year(client, admin, 2027)["days"] == []


def test_working_hours_are_set_for_the_next_term(client: TestClient, admin: Headers) -> None:
    hours = [{"from": "08:30", "to": "12:00"}, {"from": "13:30", "to": "17:30"}]
    answer = client.put(f"{CALENDAR}/hours", json={"hours": hours}, headers=admin)
    assert answer.json() == {"hours": hours, "day_s": 27000}
    assert due(client, admin, "1wd", "2026-06-08T10:00")["due"] == "2026-06-09T09:30:00Z"
    for bad in ([{"from": "22:00", "to": "06:00"}], hours[::-1]):
        answer = client.put(f"{CALENDAR}/hours", json={"hours": bad}, headers=admin)
        assert (answer.status_code, answer.json()["field"]) == (422, "hours")


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"rule": "5w"}, "rule"),
        ({"rule": "4000d"}, "amount"),
        ({"rule": "1wd", "start": "2026-06-08T10:00"}, "start"),
    ],
)
def test_a_term_that_cannot_be_is_refused(
    client: TestClient, admin: Headers, params: dict[str, str], field: str
) -> None:
    answer = client.get(f"{CALENDAR}/due", params=params, headers=admin)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_term_outside_of_the_calendar_is_refused(client: TestClient, admin: Headers) -> None:
    for rule, start in (("1wd", "1990-01-01"), ("1wd", "2100-12-31"), ("3650d", "9998-12-31")):
        assert due(client, admin, rule, f"{start}T10:00")["code"] == "outside_calendar"


def test_who_reads_cases_may_not_change_the_calendar(client: TestClient, sign_in: SignIn) -> None:
    dispatcher = sign_in("dispatcher")
    body = {"is_working": False, "name": "x"}
    answer = client.put(f"{CALENDAR}/days/2026-06-09", json=body, headers=dispatcher)
    assert answer.status_code == 403


def test_a_table_sets_all_of_its_days_or_none(
    client: TestClient, admin: Headers, tmp_path: Path
) -> None:
    rows = [["日期", "类型", "名称"], ["2027-01-01", "休", "元旦"], ["2027-01-03", "班", "元旦"]]
    workbook = tmp_path / "days.xlsx"
    with workbook.open("wb") as out, open_workbook(out) as book:
        sheet = Sheet(book, "days", rows[0])
        for row in rows[1:]:
            sheet.append(row)
    text = "\n".join(",".join(row) for row in rows)
    for name, content, status in (
        ("坏.csv", f"{text}\n2027-13-01,休,元旦".encode(), 422),
        ("空.xlsx", b"PK", 422),
        ("days.xlsx", workbook.read_bytes(), 200),
        ("days.csv", text.encode("gb18030"), 200),
    ):
        files = {"files": (name, content)}
        answer = client.post(f"{CALENDAR}/days/import", files=files, headers=admin)
        assert answer.status_code == status, answer.text
        own = [each["date"] for each in year(client, admin, 2027)["days"]]
        assert own == (["2027-01-01", "2027-01-03"] if status == 200 else [])
        if name == "坏.csv":
            assert answer.json()["code"] == "bad_rows"
            assert "Row 4: '2027-13-01' is no date" in answer.json()["detail"]
    assert answer.json() == {"new": 0, "changed": 0, "unchanged": 2}
