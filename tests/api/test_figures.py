"""Figures over HTTP: the panel, its scope, and thresholds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from data.database import Database
from tests.api.conftest import SignIn

FIGURES = "/api/v1/figures"
EAST, WEST = "32072210100100101", "32072210100200101"
Headers = dict[str, str]
# A day that is over, so that nothing depends on when the test runs.
NOON = (datetime.now(UTC) - timedelta(days=40)).replace(hour=4, minute=0, second=0, microsecond=0)
PERIOD = {
    "from": (NOON - timedelta(days=4)).isoformat(),
    "to": (NOON + timedelta(days=4)).isoformat(),
}


@pytest.fixture(autouse=True)
def six_cases(database: Database) -> None:
    """Three of the east, one of them closed in time and one late; three of the west, not due yet."""
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO cases (number, state, source, category, description, geom, grid_code, "
                "reported_at, filed_at, dispatched_at, due_at, handled_at, closed_at) "
                "SELECT 'C' || n, CASE WHEN n < 3 THEN 'closed' ELSE 'in_progress' END, 'patrol', "
                "'other', '', 'SRID=4326;POINT(118.6 34.5)', "
                "CASE WHEN n < 4 THEN :east ELSE :west END, at, at, at, "
                "CASE WHEN n < 4 THEN at + interval '2 hours' END, "
                "CASE WHEN n < 3 THEN at + make_interval(hours => n * 2 - 1) END, "
                "CASE WHEN n < 3 THEN at + interval '1 day' END "
                "FROM generate_series(1, 6) AS n, CAST(:at AS timestamptz) AS at"
            ),
            {"at": NOON, "east": EAST, "west": WEST},
        )


def read(
    client: TestClient, headers: Headers, code: str = "on_time_rate", **query: str
) -> dict[str, Any]:
    answer = client.get(FIGURES, params={**PERIOD, **query}, headers=headers)
    assert answer.status_code == 200, answer.text
    return next(item for item in answer.json()["items"] if item["code"] == code)


def test_the_panel_has_fifteen_indicators_with_their_parts(
    client: TestClient, sign_in: SignIn
) -> None:
    answer = client.get(FIGURES, params=PERIOD, headers=sign_in("dispatcher")).json()
    assert sum(item["indicator"] for item in answer["items"]) == 15
    figure = next(item for item in answer["items"] if item["code"] == "on_time_rate")
    trend = figure.pop("trend")
    assert figure == {
        "code": "on_time_rate",
        "title": {"zh": "按期结案率", "en": "On-time closing"},
        "unit": "share",
        "indicator": True,
        "numerator": 1.0,
        "denominator": 3.0,
        "value": 0.333333,
        "previous": {"numerator": 0.0, "denominator": 0.0, "value": None, "change": None},
        "last_year": {"numerator": 0.0, "denominator": 0.0, "value": None, "change": None},
        "threshold": {"direction": "higher", "warn": 0.9, "alarm": 0.8},
        "standing": "alarm",
    }
    assert len(trend) == 8
    assert [point["value"] for point in trend if point["value"] is not None] == [0.333333]


def test_a_chief_and_a_worker_see_the_figures_of_their_grids(
    client: TestClient, sign_in: SignIn
) -> None:
    for headers, received in (
        (sign_in("dispatcher"), 6),
        (sign_in("grid_chief", grid_code=EAST), 3),
        (sign_in("grid_worker", grid_code=WEST), 3),
        (sign_in("department_handler"), 0),
    ):
        assert read(client, headers, "received")["value"] == received


def test_a_grid_that_is_not_ones_own_is_refused(client: TestClient, sign_in: SignIn) -> None:
    chief = sign_in("grid_chief", grid_code=EAST)
    answer = client.get(FIGURES, params={**PERIOD, "grid": WEST}, headers=chief)
    assert answer.status_code == 403


def test_of_a_category_there_are_figures_of_cases_only(client: TestClient, sign_in: SignIn) -> None:
    dispatcher = sign_in("dispatcher")
    params = {**PERIOD, "category": "other"}
    items = client.get(FIGURES, params=params, headers=dispatcher).json()["items"]
    assert {"online_rate", "coverage"}.isdisjoint(item["code"] for item in items)
    assert read(client, dispatcher, "received", category="safety.dog")["value"] == 0


@pytest.mark.parametrize("field", ["category", "department"])
@pytest.mark.parametrize("path", ["", "/rankings"])
def test_a_category_or_department_that_never_was_is_refused(
    client: TestClient, sign_in: SignIn, field: str, path: str
) -> None:
    params = {**PERIOD, "of": "grids", field: "nothing"} if path else {**PERIOD, field: "nothing"}
    answer = client.get(FIGURES + path, params=params, headers=sign_in("dispatcher"))
    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["field"]) == (f"unknown_{field}", field)


def test_a_retired_category_and_department_have_their_cases_still(
    client: TestClient, sign_in: SignIn, database: Database
) -> None:
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO departments (code, name_zh, name_en, active) "
                "VALUES ('roads', '道路', 'Roads', false)"
            )
        )
        conn.execute(text("UPDATE cases SET department = 'roads', category = 'safety.charging'"))
    admin, path = sign_in("admin"), "/api/v1/cases/categories"
    charging = {
        "parent": "safety",
        "kind": "event",
        "title_zh": "飞线充电",
        "title_en": "Charging",
        "term": "4h",
    }
    client.post(path, json={"code": "safety.charging", **charging}, headers=admin)
    retired = client.put(
        f"{path}/safety.charging", json={**charging, "active": False}, headers=admin
    )
    assert retired.json()["active"] is False
    dispatcher = sign_in("dispatcher")
    for asked in ({"department": "roads"}, {"category": "safety.charging"}):
        assert read(client, dispatcher, "received", **asked)["value"] == 6


def test_a_threshold_is_chosen_and_taken_back_on_the_record(
    client: TestClient, sign_in: SignIn, database: Database
) -> None:
    admin = sign_in("admin")
    path = f"{FIGURES}/on_time_rate/threshold"
    answer = client.put(path, json={"warn": 0.3, "alarm": 0.2}, headers=admin)
    assert answer.json() == {"direction": "higher", "warn": 0.3, "alarm": 0.2}
    assert read(client, admin)["standing"] == "good"
    assert client.delete(path, headers=admin).json()["warn"] == 0.9
    assert read(client, admin)["standing"] == "alarm"
    with database.begin() as conn:
        recorded = conn.scalar(
            text("SELECT count(*) FROM audit_events WHERE action = 'figures.threshold'")
        )
    assert recorded == 2


def test_a_threshold_that_cannot_be_is_refused(client: TestClient, sign_in: SignIn) -> None:
    path = f"{FIGURES}/on_time_rate/threshold"
    answer = client.put(path, json={"warn": 0.2, "alarm": 0.3}, headers=sign_in("admin"))
    assert (answer.status_code, answer.json()["field"]) == (422, "alarm")


def test_a_period_that_has_not_begun_has_no_figures(client: TestClient, sign_in: SignIn) -> None:
    params = {"from": "2090-01-01T00:00:00Z", "to": "2090-02-01T00:00:00Z"}
    answer = client.get(FIGURES, params=params, headers=sign_in("dispatcher"))
    assert (answer.status_code, answer.json()["field"]) == (422, "from")


def ranking(client: TestClient, headers: Headers, of: str, **query: str) -> dict[str, Any]:
    params = {**PERIOD, "of": of, **query}
    answer = client.get(f"{FIGURES}/rankings", params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_grids_and_villages_are_ranked_by_weighted_shares(
    client: TestClient, sign_in: SignIn
) -> None:
    admin = sign_in("admin")
    weights = {"on_time_rate": 3, "closing_rate": 1}
    assert client.put(f"{FIGURES}/weights", json={"weights": weights}, headers=admin).is_success
    found = ranking(client, admin, "grids")
    assert [each["share"] for each in found["weights"]["items"]] == [0.75, 0.25]
    east, west = found["items"]
    assert (east["key"], east["rank"], east["score"]) == (EAST, 1, 41.67)
    assert (east["received"], east["due"], east["closed"]) == (3, 3, 2)
    assert east["shares"][0] == {
        "code": "on_time_rate",
        "numerator": 1.0,
        "denominator": 3.0,
        "value": 0.333333,
    }
    assert (west["key"], west["rank"], west["score"]) == (WEST, None, None)
    villages = ranking(client, admin, "villages")["items"]
    assert [each["key"] for each in villages] == [EAST[:12], WEST[:12]]
    assert client.put(f"{FIGURES}/weights", json={"weights": {}}, headers=admin).is_success
    usual = client.get(f"{FIGURES}/weights", headers=admin).json()["items"]
    assert sum(each["weight"] for each in usual) == 100


def test_categories_are_ranked_by_their_names(client: TestClient, sign_in: SignIn) -> None:
    [other] = ranking(client, sign_in("dispatcher"), "categories")["items"]
    assert (other["key"], other["name"]["zh"]) == ("other", "其他")


def test_staff_are_ranked_and_named_for_whoever_may_know(
    client: TestClient, sign_in: SignIn, database: Database
) -> None:
    with database.begin() as conn:
        conn.execute(text("INSERT INTO staff (id, name) VALUES (7, '王小明')"))
        conn.execute(text("UPDATE cases SET owner_staff_id = 7 WHERE number = 'C1'"))
    [person] = ranking(client, sign_in("grid_chief", grid_code=EAST), "staff")["items"]
    assert (person["key"], person["name"]["zh"], person["score"]) == ("7", "王小明", 100.0)
    params = {**PERIOD, "of": "staff"}
    for role in ("analyst", "grid_worker"):
        headers = sign_in(role, grid_code=EAST if role == "grid_worker" else None)
        answer = client.get(f"{FIGURES}/rankings", params=params, headers=headers)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "weights", [{"received": 1}, {"nothing": 1}, {"on_time_rate": 0}, {"on_time_rate": -1}]
)
def test_weights_that_cannot_be_are_refused(
    client: TestClient, sign_in: SignIn, weights: dict[str, float]
) -> None:
    answer = client.put(f"{FIGURES}/weights", json={"weights": weights}, headers=sign_in("admin"))
    assert (answer.status_code, answer.json()["field"]) == (422, "weights")


def test_a_ranking_is_tried_with_other_weights_before_they_are_chosen(
    client: TestClient, sign_in: SignIn
) -> None:
    dispatcher = sign_in("dispatcher")
    [east, _] = ranking(client, dispatcher, "grids", weights="on_time_rate:3,closing_rate:1")[
        "items"
    ]
    assert (east["key"], east["score"]) == (EAST, 41.67)
    chosen = client.get(f"{FIGURES}/weights", headers=dispatcher).json()["items"]
    assert [each["weight"] for each in chosen] == [25, 35, 15, 15, 10]


@pytest.mark.parametrize("weights", ["", "on_time_rate", "on_time_rate:x", "received:1"])
def test_weights_to_try_that_cannot_be_read_are_refused(
    client: TestClient, sign_in: SignIn, weights: str
) -> None:
    params = {**PERIOD, "of": "grids", "weights": weights}
    answer = client.get(f"{FIGURES}/rankings", params=params, headers=sign_in("dispatcher"))
    assert (answer.status_code, answer.json()["field"]) == (422, "weights")


def test_whoever_reads_figures_reads_their_thresholds_and_the_usual_ones(
    client: TestClient, sign_in: SignIn
) -> None:
    path, admin = f"{FIGURES}/repeat_rate/threshold", sign_in("admin")
    assert client.put(path, json={"warn": 0.1, "alarm": 0.2}, headers=admin).is_success
    answer = client.get(f"{FIGURES}/thresholds", headers=sign_in("dispatcher")).json()
    items = {item["code"]: item for item in answer["items"]}
    assert items["repeat_rate"] == {
        "code": "repeat_rate",
        "title": {"zh": "重复上报率", "en": "Repeat rate"},
        "unit": "share",
        "direction": "lower",
        "threshold": {"direction": "lower", "warn": 0.1, "alarm": 0.2},
        "usual": {"direction": "lower", "warn": 0.05, "alarm": 0.1},
        "usual_weight": 0.0,
    }
    assert items["filing_rate"]["threshold"] is None
    assert "received" not in items
