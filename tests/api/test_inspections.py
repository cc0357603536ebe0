"""Random inspections over HTTP: prepared, drawn once, and verified by anyone."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.cli.commands import app as command_line
from data.database import Database
from data.schema import facilities, posts, staff
from tests.api.conftest import SignIn
from tests.morning import EAST, START, TOWN, WEST, make_town

INSPECTIONS = "/api/v1/inspections"
GUIDE = Path(__file__).parents[2] / "docs" / "inspections.md"
Answer = dict[str, Any]


@pytest.fixture(autouse=True)
def town(database: Database) -> dict[str, int]:
    """Restaurants in both halves, and the inspectors' numbers by name: 东 works in the east, 西 in the
    west, 全 and 城 for the whole town."""
    make_town(database)
    numbers = {}
    with database.begin() as conn:
        for half, lon in (("E", 118.65), ("W", 118.55)):
            for n in range(4):
                conn.execute(
                    insert(facilities).values(
                        code=f"{half}{n}",
                        kind="restaurant",
                        name=f"{half}{n} 餐馆",
                        geom=f"SRID=4326;POINT({lon} {34.45 + n / 100})",
                    )
                )
        for name, grid in (("东", EAST), ("西", WEST), ("全", None), ("城", None)):
            numbers[name] = conn.execute(
                insert(staff).values(name=name).returning(staff.c.id)
            ).scalar_one()
            conn.execute(
                insert(posts).values(
                    staff_id=numbers[name],
                    role="enforcement_officer",
                    grid_code=grid,
                    valid_from=START,
                )
            )
    return numbers


@pytest.fixture
def dispatcher(sign_in: SignIn) -> dict[str, str]:
    return sign_in("dispatcher")


@pytest.fixture
def prepare(client: TestClient, dispatcher: dict[str, str]) -> Callable[..., Answer]:
    def prepare(**wishes: Any) -> Answer:
        body = {
            "name": "餐饮抽查",
            "facility_kinds": ["restaurant"],
            "roles": ["enforcement_officer"],
            "targets_wanted": 5,
            **wishes,
        }
        answer = client.post(INSPECTIONS, json=body, headers=dispatcher)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return prepare


@pytest.fixture
def draw(client: TestClient, dispatcher: dict[str, str]) -> Callable[[Answer], Answer]:
    def draw(prepared: Answer) -> Answer:
        body = {"public_number": "07 12 19", "witness": "12月1日双色球"}
        path = f"{INSPECTIONS}/{prepared['id']}/draw"
        answer = client.post(path, json=body, headers=dispatcher)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return draw


def drawn_again(sheet: Answer) -> list[Answer]:
    """By the program that the documentation gives to whoever wants to verify a draw."""
    [program] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(program, names)
    result = names["drawn_again"](sheet)
    assert isinstance(result, list)
    return result


def test_lists_are_fixed_and_the_secret_is_kept_until_the_draw(prepare: Callable[..., Answer]):
    prepared = prepare()
    assert prepared["state"] == "prepared"
    assert prepared["secret"] is None
    assert len(prepared["commitment"]) == len(prepared["digest"]) == 64
    assert len(prepared["terms"]["targets"]) == 8
    assert {one["name"] for one in prepared["names"]["inspectors"]} == {"东", "西", "全", "城"}
    assert prepared["assignments"] == []


def test_nobody_inspects_at_home(
    prepare: Callable[..., Answer], draw: Callable[[Answer], Answer], town: dict[str, int]
):
    drawn = draw(prepare(targets_wanted=8, team_size=3))
    assert {one["target"] for one in drawn["assignments"]} == set(drawn["terms"]["targets"])
    for one in drawn["assignments"]:
        stays_away = "东" if one["target"].startswith("E") else "西"
        assert str(town[stays_away]) not in one["inspectors"]


def test_whoever_may_meet_is_for_the_organiser_to_say(
    prepare: Callable[..., Answer], town: dict[str, int]
):
    assert prepare(avoid_home=False)["terms"]["avoided"] == []
    assert [str(town["东"]), "E0"] in prepare()["terms"]["avoided"]


def test_a_draw_is_verified_with_what_was_published(
    prepare: Callable[..., Answer], draw: Callable[[Answer], Answer]
):
    drawn = draw(prepare())
    assert drawn["state"] == "drawn"
    assert len(drawn["assignments"]) == 5
    assert drawn_again(drawn) == drawn["assignments"]


def test_the_command_verifies_without_an_installation(
    prepare: Callable[..., Answer],
    draw: Callable[[Answer], Answer],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("api.cli.commands.configure_logs", lambda: None)
    drawn = draw(prepare())

    def verify(sheet: Answer) -> Result:
        file = tmp_path / "inspection.json"
        file.write_text(json.dumps(sheet), encoding="utf-8")
        return CliRunner().invoke(command_line, ["inspections", "verify", str(file)])

    assert "餐馆" in verify(drawn).output
    first, *others = drawn["assignments"]
    for changed in (
        {"assignments": others},
        {"assignments": [{**first, "inspectors": first["inspectors"][::-1]}, *others]},
        {"public_number": "07 12 18"},
        {"secret": "another"},
        {"terms": {**drawn["terms"], "team_size": 1}},
        {"secret": None},
    ):
        assert verify(drawn | changed).exit_code != 0, changed


def test_a_draw_is_done_once(
    client: TestClient,
    dispatcher: dict[str, str],
    prepare: Callable[..., Answer],
    draw: Callable[[Answer], Answer],
):
    drawn = draw(prepare())
    path = f"{INSPECTIONS}/{drawn['id']}"
    again = client.post(
        f"{path}/draw", json={"public_number": "8", "witness": "dice"}, headers=dispatcher
    )
    assert again.status_code == 409
    assert again.json()["code"] == "inspection_drawn"
    cancel = client.post(f"{path}/cancel", json={"reason": "重来"}, headers=dispatcher)
    assert cancel.status_code == 409
    assert client.get(path, headers=dispatcher).json() == drawn


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inspections SET public_number = '8'",
        "UPDATE inspections SET drawn_at = NULL, assignments = NULL",
        "DELETE FROM inspections",
    ],
)
def test_even_the_owner_of_the_database_does_not_change_a_draw_by_accident(
    prepare: Callable[..., Answer],
    draw: Callable[[Answer], Answer],
    database: Database,
    statement: str,
):
    draw(prepare())
    with pytest.raises(DBAPIError, match="not changed"), database.begin() as conn:
        conn.execute(text(statement))


def test_the_lists_do_not_change_between_publication_and_draw(
    prepare: Callable[..., Answer], draw: Callable[[Answer], Answer], database: Database
):
    prepared = prepare()
    with database.begin() as conn:
        conn.execute(text("DELETE FROM facilities WHERE code = 'E0'"))
        conn.execute(text("UPDATE posts SET valid_to = now()"))
    drawn = draw(prepared)
    assert drawn["terms"] == prepared["terms"]
    assert drawn["digest"] == prepared["digest"]


def test_what_is_called_off_stays_on_the_list(
    client: TestClient, dispatcher: dict[str, str], prepare: Callable[..., Answer]
):
    first, second = prepare(), prepare(name="再查")
    cancelled = client.post(
        f"{INSPECTIONS}/{first['id']}/cancel", json={"reason": "改期"}, headers=dispatcher
    )
    assert cancelled.json()["state"] == "cancelled"
    listed = client.get(INSPECTIONS, params={"limit": 1}, headers=dispatcher).json()
    assert [one["id"] for one in listed["items"]] == [second["id"]]
    rest = client.get(INSPECTIONS, params={"cursor": listed["next"]}, headers=dispatcher).json()
    assert [(one["id"], one["cancelled_because"]) for one in rest["items"]] == [
        (first["id"], "改期")
    ]
    assert rest["next"] is None


def test_an_inspection_of_a_grid_takes_what_and_who_is_there(
    prepare: Callable[..., Answer], town: dict[str, int]
):
    prepared = prepare(grid=EAST, targets_wanted=2, team_size=1)
    assert prepared["terms"]["targets"] == ["E0", "E1", "E2", "E3"]
    assert str(town["西"]) not in prepared["terms"]["inspectors"]


def test_it_is_seen_by_those_of_its_grid_and_by_those_who_may_be_sent(
    client: TestClient,
    sign_in: SignIn,
    prepare: Callable[..., Answer],
    town: dict[str, int],
):
    path = f"{INSPECTIONS}/{prepare(grid=EAST, team_size=1, targets_wanted=1)['id']}"
    chief_east, chief_west = (sign_in("grid_chief", grid_code=grid) for grid in (EAST, WEST))
    sent = sign_in("enforcement_officer", staff_id=town["全"])
    stranger = sign_in("enforcement_officer", staff_id=town["西"])
    assert client.get(path, headers=chief_east).status_code == 200
    assert client.get(path, headers=sent).status_code == 200
    for headers in (chief_west, stranger):
        assert client.get(path, headers=headers).status_code == 404
        assert client.get(INSPECTIONS, headers=headers).json()["items"] == []


def test_whoever_may_draw_in_a_grid_draws_nowhere_else(
    client: TestClient, dispatcher: dict[str, str], sign_in: SignIn
):
    admin = sign_in("admin")
    permission = "/api/v1/roles/grid_chief/permissions/draw_inspections"
    assert client.put(permission, json={"granted": True}, headers=admin).status_code == 200
    chief = sign_in("grid_chief", grid_code=EAST)
    body = {
        "name": "抽查",
        "facility_kinds": ["restaurant"],
        "roles": ["enforcement_officer"],
        "targets_wanted": 1,
        "team_size": 1,
    }
    for grid, expected in ((EAST, 201), (WEST, 403), (TOWN, 403), (None, 403)):
        answer = client.post(INSPECTIONS, json={**body, "grid": grid}, headers=chief)
        assert answer.status_code == expected, answer.text


def test_whoever_may_not_read_names_still_can_verify(
    client: TestClient,
    sign_in: SignIn,
    prepare: Callable[..., Answer],
    draw: Callable[[Answer], Answer],
):
    drawn = draw(prepare())
    admin = sign_in("admin")
    permission = "/api/v1/roles/analyst/permissions/read_inspections"
    assert client.put(permission, json={"granted": True}, headers=admin).status_code == 200
    answer = client.get(f"{INSPECTIONS}/{drawn['id']}", headers=sign_in("analyst"))
    sheet = answer.json()
    assert {one["name"] for one in sheet["names"]["inspectors"]} == {
        f"#{number}" for number in drawn["terms"]["inspectors"]
    }
    assert sheet["prepared_by"].startswith("#")
    assert drawn_again(sheet) == drawn["assignments"]


def test_every_step_is_on_the_audit(
    prepare: Callable[..., Answer], draw: Callable[[Answer], Answer], database: Database
):
    drawn = draw(prepare())
    with database.begin() as conn:
        rows = conn.execute(
            text("SELECT action, details FROM audit_events WHERE subject = :subject ORDER BY id"),
            {"subject": f"inspection {drawn['id']}"},
        ).all()
    assert [row.action for row in rows] == ["inspection.prepare", "inspection.draw"]
    assert rows[0].details == {"digest": drawn["digest"], "commitment": drawn["commitment"]}
    assert rows[1].details["public_number"] == "07 12 19"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"facility_kinds": ["unicorn"]}, "facility_kinds"),
        ({"facility_kinds": []}, "targets"),
        ({"targets_wanted": 9}, "targets_wanted"),
        ({"team_size": 4}, "inspectors"),
        ({"roles": ["liaison"]}, "inspectors"),
        ({"targets": [{"id": "E0", "name": "又是它"}]}, "targets"),
        ({"grid": "nowhere"}, "code"),
    ],
)
def test_what_cannot_be_drawn_is_explained(
    client: TestClient, dispatcher: dict[str, str], wrong: Answer, field: str
):
    body = {
        "name": "抽查",
        "facility_kinds": ["restaurant"],
        "roles": ["enforcement_officer"],
        "targets_wanted": 1,
        **wrong,
    }
    answer = client.post(INSPECTIONS, json=body, headers=dispatcher)
    assert answer.status_code in (404, 422), answer.text
    assert answer.json()["field"] == field
