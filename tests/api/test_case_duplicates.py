"""Two cases that were found to be two, over HTTP: west of 118.61 lies grid "A", east of it "B"."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text
from starlette.testclient import TestClient

from data.database import Database
from data.schema import grid_editions, grids
from tests.api.conftest import SignIn

CASES, PAIRS = "/api/v1/cases", "/api/v1/case-duplicates"
HOUR = timedelta(hours=1)

Headers = dict[str, str]


@pytest.fixture
def desk(sign_in: SignIn) -> Headers:
    return sign_in("dispatcher")


@pytest.fixture
def ids(client: TestClient, database: Database, desk: Headers) -> list[int]:
    """Three reports of litter within 40 m: two in A, the last in B."""
    with database.begin() as conn:
        made = insert(grid_editions).values(name="2026", state="active", content_hash="made up")
        edition_id = conn.execute(made.returning(grid_editions.c.id)).scalar_one()
        for code, west in (("A", 118.60), ("B", 118.61)):
            east = west + 0.01
            ring = f"{west} 34.5, {east} 34.5, {east} 34.51, {west} 34.51, {west} 34.5"
            values = {"name": code, "level": 1, "area_m2": 1.0, "edition_id": edition_id}
            geom = f"SRID=4326;MULTIPOLYGON((({ring})))"
            conn.execute(insert(grids).values(code=code, geom=geom, **values))
    reports = [
        {"lon": lon, "lat": 34.505, "description": "垃圾", "source": "citizen"}
        for lon in (118.6098, 118.6099, 118.6101)
    ]
    made_of = [client.post(CASES, json=report, headers=desk) for report in reports]
    return [answer.raise_for_status().json()["id"] for answer in made_of]


def pairs(client: TestClient, headers: Headers) -> list[tuple[int, int]]:
    now = datetime.now(UTC)
    today = {"from": (now - HOUR).isoformat(), "to": (now + HOUR).isoformat()}
    answer = client.get(PAIRS, params=today, headers=headers).raise_for_status().json()
    return [(each["first"]["id"], each["second"]["id"]) for each in answer["items"]]


def same_as(client: TestClient, headers: Headers, case_id: int) -> set[int]:
    file = client.get(f"{CASES}/{case_id}", headers=headers).json()
    return {each["id"] for each in file["duplicates"]}


def distinct(case_id: int, other_id: int) -> str:
    return f"{CASES}/{case_id}/distinct/{other_id}"


def test_two_that_were_found_to_be_two_are_no_pair_any_more(
    client: TestClient, desk: Headers, ids: list[int]
) -> None:
    one, two, three = ids
    assert pairs(client, desk) == [(one, two), (one, three), (two, three)]
    # Whichever of them is named first, and once more: it is said once.
    for said in (distinct(two, one), distinct(one, two)):
        assert client.post(said, headers=desk).status_code == 204
    assert pairs(client, desk) == [(one, three), (two, three)]
    assert same_as(client, desk, one) == {three}
    assert same_as(client, desk, three) == {one, two}

    assert client.delete(distinct(one, two), headers=desk).status_code == 204
    assert pairs(client, desk) == [(one, two), (one, three), (two, three)]
    assert same_as(client, desk, one) == {two, three}
    again = client.delete(distinct(one, two), headers=desk)
    assert (again.status_code, again.json()["field"]) == (404, "other")


def test_a_new_report_may_be_the_same_as_either(
    client: TestClient, desk: Headers, ids: list[int]
) -> None:
    client.post(distinct(ids[0], ids[1]), headers=desk)
    place = {"lon": 118.6099, "lat": 34.505, "category": "other"}
    found = client.get(f"{CASES}/duplicates", params=place, headers=desk).json()["items"]
    assert {each["id"] for each in found} == {*ids}


def test_who_said_it_and_who_took_it_back_is_on_the_record(
    client: TestClient, desk: Headers, ids: list[int], database: Database
) -> None:
    one, two, _ = ids
    client.post(distinct(one, two), headers=desk)
    with database.begin() as conn:
        said = conn.execute(text("SELECT * FROM distinct_cases")).one()
        numbers = {row.id: row.number for row in conn.execute(text("SELECT * FROM cases"))}
        records = text("SELECT * FROM audit_events WHERE action LIKE 'case.distinct%' ORDER BY id")
    client.post(distinct(two, one), headers=desk)
    client.delete(distinct(two, one), headers=desk)
    with database.begin() as conn:
        found = conn.execute(records).all()
    assert (said.lower_case_id, said.higher_case_id) == (one, two)
    assert (said.said_by, said.said_by_account_id) == (found[0].actor, found[0].account_id)
    assert [(each.action, each.subject, each.details) for each in found] == [
        ("case.distinct", f"case {numbers[one]}", {"other": numbers[two]}),
        ("case.distinct_undo", f"case {numbers[two]}", {"other": numbers[one]}),
    ]


def test_it_is_for_who_may_merge(client: TestClient, sign_in: SignIn, ids: list[int]) -> None:
    worker = sign_in("grid_worker", grid_code="A")
    for ask in (client.post, client.delete):
        refused = ask(distinct(ids[0], ids[1]), headers=worker)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours_to_do")
    chief = sign_in("grid_chief", grid_code="A")
    for headers, may in ((worker, False), (chief, True), (sign_in("analyst"), False)):
        period = {"from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z"}
        answer = client.get(PAIRS, params=period, headers=headers).json()
        assert answer["can_tell_apart"] is may
    assert client.post(distinct(ids[0], ids[1]), headers=chief).status_code == 204


def test_who_does_not_see_both_is_told_that_there_is_no_such_case(
    client: TestClient, sign_in: SignIn, desk: Headers, ids: list[int]
) -> None:
    _, west, east = ids
    chief = sign_in("grid_chief", grid_code="A")
    client.post(distinct(west, east), headers=desk)
    for ask in (client.post, client.delete):
        for one, other in ((west, east), (east, west), (west, 10**9)):
            refused = ask(distinct(one, other), headers=chief)
            assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert pairs(client, desk) == [(ids[0], west), (ids[0], east)]


def test_a_case_is_not_told_apart_from_itself(
    client: TestClient, desk: Headers, ids: list[int]
) -> None:
    refused = client.post(distinct(ids[0], ids[0]), headers=desk)
    assert (refused.status_code, refused.json()["field"]) == (422, "other")
