"""Administering accounts over HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import insert, select, text, update
from starlette.testclient import TestClient

from data.database import Database
from data.editions import activate, draft_edition
from data.schema import accounts, audit_events, devices, posts, staff, units
from gis.grid import Grid
from tests.accounts import new_token

SignIn = Callable[..., dict[str, str]]
URL = "/api/v1/accounts"
EAST, WEST = "320722001001001", "320722001001002"
PASSWORD = "correct horse battery"


@pytest.fixture
def admin(sign_in: SignIn) -> dict[str, str]:
    return sign_in("admin")


@pytest.fixture
def make(client: TestClient, admin: dict[str, str]) -> Callable[..., Any]:
    """`make("li.wei", "grid_chief", grid=EAST)`: the answer of a new account."""

    def make(username: str, role: str, **more: Any) -> Any:
        body = {"username": username, "role": role, **more}
        return client.post(URL, json=body, headers=admin)

    return make


def add_staff(database: Database, name: str, grid_code: str | None = None) -> int:
    """Somebody, with a post as a grid worker if there is a grid."""
    with database.begin() as conn:
        made = conn.execute(insert(staff).values(name=name).returning(staff.c.id)).scalar_one()
        if grid_code is not None:
            post = {"staff_id": made, "role": "grid_worker", "grid_code": grid_code}
            conn.execute(insert(posts).values(post))
        return int(made)


def put_in_force(database: Database, *codes: str) -> None:
    area = MultiPolygon([box(118.60, 34.50, 118.61, 34.51)])
    grids = [Grid(code=code, name=code, level=1, parent_code=None, geometry=area) for code in codes]
    with database.begin() as conn:
        draft = draft_edition(conn, grids, name="autumn")
        activate(conn, draft.edition.id, at=datetime.now(UTC), accept_reason="a test")


def recorded(database: Database, subject: str) -> list[tuple[str, Any]]:
    """The actions and details on the audit about `subject`, in their order."""
    with database.begin() as conn:
        rows = conn.execute(
            select(audit_events.c.action, audit_events.c.details)
            .where(audit_events.c.subject == subject)
            .order_by(audit_events.c.id)
        )
        return [(row.action, row.details) for row in rows]


def sign_in_with(client: TestClient, username: str, password: str) -> Any:
    body = {"username": username, "password": password}
    return client.post("/api/v1/sessions", json=body)


def bearer(answer: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def test_a_new_account_has_a_password_that_is_told_once_and_must_be_changed(
    client: TestClient, make: Callable[..., Any], database: Database
) -> None:
    answer = make("li.wei", "grid_chief", grid=EAST)
    assert answer.status_code == 201, answer.text
    assert answer.json()["account"] == {
        "username": "li.wei",
        "name": "li.wei",
        "role": "grid_chief",
        "staff": None,
        "grid": EAST,
        "disabled": False,
        "has_totp": False,
        "must_change_password": True,
        "granted": [],
        "device": None,
    }
    signed_in = sign_in_with(client, "li.wei", answer.json()["password"])
    assert signed_in.json()["account"]["pending"] == ["change_password"]
    action, details = recorded(database, "account li.wei")[0]
    assert action == "account.create"
    assert details == {"role": "grid_chief", "grid": EAST, "staff": None, "has_password": True}


def test_a_password_that_the_caller_chose_is_not_told_back_and_stays(
    client: TestClient, make: Callable[..., Any]
) -> None:
    answer = make("li.wei", "analyst", password=PASSWORD)
    assert answer.json()["password"] is None
    assert sign_in_with(client, "li.wei", PASSWORD).json()["account"]["pending"] == []


def test_a_gateway_works_with_a_token_and_gets_no_password(
    client: TestClient, make: Callable[..., Any], admin: dict[str, str], database: Database
) -> None:
    assert make("phones", "gateway").json()["password"] is None
    token = client.post(f"{URL}/phones/tokens", json={"client": "车载平台"}, headers=admin)
    assert token.status_code == 201
    who = client.get("/api/v1/sessions", headers=bearer(token)).json()["account"]
    assert who["username"] == "phones"
    assert recorded(database, "account phones")[-1] == ("token.create", {"for": "车载平台"})
    assert client.post(f"{URL}/phones/tokens", headers=admin).status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "field", "code"),
    [
        ({"username": "a b", "role": "admin"}, 422, "username", "invalid_input"),
        ({"username": "li", "role": "boss"}, 422, "role", "invalid_input"),
        ({"username": "li", "role": "device"}, 422, "role", "invalid_input"),
        ({"username": "li", "role": "admin", "password": "short"}, 422, "password", None),
        ({"username": "li", "role": "admin", "staff": 404}, 422, "staff", "no_such_staff"),
        ({"username": "li", "role": "grid_worker"}, 422, "grid", "needs_grid"),
        ({"username": "li", "role": "grid_worker", "grid": "404"}, 422, "grid", "no_such_grid"),
        ({"username": "li", "role": "admin", "disable": True}, 422, "disable", None),
        ({"username": "somebody", "role": "admin"}, 409, "username", "username_taken"),
    ],
)
def test_what_cannot_be_an_account_is_explained(
    client: TestClient,
    admin: dict[str, str],
    database: Database,
    body: dict[str, Any],
    status: int,
    field: str,
    code: str | None,
) -> None:
    put_in_force(database, EAST)
    client.post(URL, json={"username": "somebody", "role": "analyst"}, headers=admin)
    answer = client.post(URL, json=body, headers=admin)
    assert (answer.status_code, answer.json()["field"]) == (status, field), answer.text
    assert code is None or answer.json()["code"] == code
    with database.begin() as conn:
        assert conn.scalar(select(accounts.c.id).where(accounts.c.username == "li")) is None


def test_before_the_first_edition_any_grid_is_taken(make: Callable[..., Any]) -> None:
    assert make("li", "grid_worker", grid="whatever").status_code == 201


def test_a_post_in_a_grid_takes_the_place_of_a_grid(
    make: Callable[..., Any], database: Database
) -> None:
    without = add_staff(database, "王小明")
    assert make("wang", "grid_worker", staff=without).json()["code"] == "needs_grid"
    posted = add_staff(database, "李芳", EAST)
    account = make("li", "grid_worker", staff=posted).json()["account"]
    assert (account["name"], account["staff"], account["grid"]) == ("李芳", posted, None)


def test_accounts_come_by_name_and_in_pages(
    client: TestClient, make: Callable[..., Any], admin: dict[str, str]
) -> None:
    for username in ("0c", "0a", "0b"):
        make(username, "analyst", password=PASSWORD)
    first = client.get(f"{URL}?limit=2", headers=admin).json()
    assert [item["username"] for item in first["items"]] == ["0a", "0b"]
    rest = client.get(f"{URL}?limit=2&cursor={first['next']}", headers=admin).json()
    assert rest["items"][0]["username"] == "0c"
    assert rest["next"] is None


def test_what_changes_is_in_force_at_once_and_on_the_audit(
    client: TestClient, make: Callable[..., Any], admin: dict[str, str], database: Database
) -> None:
    make("li", "analyst", password=PASSWORD)
    li = bearer(sign_in_with(client, "li", PASSWORD))
    change = {"role": "grid_chief", "grid": EAST, "granted": ["read_audit"]}
    answer = client.patch(f"{URL}/li", json=change, headers=admin)
    assert answer.status_code == 200, answer.text
    assert answer.json()["granted"] == ["read_audit"]
    now = client.get("/api/v1/sessions", headers=li).json()["account"]
    assert now["role"] == "grid_chief"
    assert "read_audit" in now["permissions"]
    assert [root["code"] for root in now["scope"]["roots"]] == [EAST]
    assert recorded(database, "account li")[-1] == (
        "account.change",
        {
            "role": {"old": "analyst", "new": "grid_chief"},
            "grid": {"old": None, "new": EAST},
            "granted": {"old": [], "new": ["read_audit"]},
        },
    )


def test_a_change_that_changes_nothing_is_not_recorded(
    client: TestClient, make: Callable[..., Any], admin: dict[str, str], database: Database
) -> None:
    make("li", "grid_chief", grid=EAST)
    client.patch(f"{URL}/li", json={}, headers=admin)
    client.patch(f"{URL}/li", json={"grid": EAST, "disabled": False}, headers=admin)
    assert len(recorded(database, "account li")) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": None}, "role"),
        ({"grid": None}, "grid"),
        ({"granted": ["fly"]}, "granted.0"),
        ({"role": "device"}, "role"),
        ({"staff": 404}, "staff"),
    ],
)
def test_an_account_cannot_be_changed_into_one_that_could_not_be_made(
    client: TestClient,
    make: Callable[..., Any],
    admin: dict[str, str],
    change: dict[str, Any],
    field: str,
) -> None:
    make("li", "grid_chief", grid=EAST)
    answer = client.patch(f"{URL}/li", json=change, headers=admin)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_disabled_account_is_out_at_once_and_signs_in_again_once_enabled(
    client: TestClient, make: Callable[..., Any], admin: dict[str, str], database: Database
) -> None:
    make("li", "analyst", password=PASSWORD)
    li = bearer(sign_in_with(client, "li", PASSWORD))
    assert client.get("/api/v1/grids/tree", headers=li).status_code != 401
    client.patch(f"{URL}/li", json={"disabled": True}, headers=admin)
    assert client.get("/api/v1/sessions", headers=li).status_code == 401
    assert sign_in_with(client, "li", PASSWORD).status_code == 401
    client.patch(f"{URL}/li", json={"disabled": False}, headers=admin)
    assert client.get("/api/v1/sessions", headers=li).status_code == 401
    assert sign_in_with(client, "li", PASSWORD).status_code == 201
    actions = [action for action, _ in recorded(database, "account li")]
    assert [each for each in actions if each.startswith("account.")] == [
        "account.create",
        "account.disable",
        "account.enable",
    ]


def test_an_account_that_becomes_somebody_elses_has_to_sign_in_again(
    client: TestClient, make: Callable[..., Any], admin: dict[str, str], database: Database
) -> None:
    make("li", "analyst", password=PASSWORD)
    li = bearer(sign_in_with(client, "li", PASSWORD))
    client.patch(f"{URL}/li", json={"granted": ["unmask"]}, headers=admin)
    assert client.get("/api/v1/sessions", headers=li).status_code == 200
    client.patch(f"{URL}/li", json={"staff": add_staff(database, "李芳")}, headers=admin)
    assert client.get("/api/v1/sessions", headers=li).status_code == 401


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": "analyst"}], ids=str)
def test_the_last_administrator_stays(
    client: TestClient, database: Database, admin: dict[str, str], change: dict[str, Any]
) -> None:
    with database.begin() as conn:
        [username] = conn.scalars(select(accounts.c.username))
    refused = client.patch(f"{URL}/{username}", json=change, headers=admin)
    assert (refused.status_code, refused.json()["code"]) == (409, "last_administrator")
    new_token(database, "admin")
    assert client.patch(f"{URL}/{username}", json=change, headers=admin).status_code == 200


def test_a_disabled_administrator_does_not_count(
    client: TestClient, make: Callable[..., Any], admin: dict[str, str], database: Database
) -> None:
    make("second", "admin", password=PASSWORD)
    client.patch(f"{URL}/second", json={"disabled": True}, headers=admin)
    with database.begin() as conn:
        other = accounts.c.username != "second"
        username = conn.scalars(select(accounts.c.username).where(other)).one()
    refused = client.patch(f"{URL}/{username}", json={"role": "analyst"}, headers=admin)
    assert refused.json()["code"] == "last_administrator"


def test_a_reset_password_ends_sessions_and_must_be_changed(
    client: TestClient, make: Callable[..., Any], admin: dict[str, str], database: Database
) -> None:
    make("li", "analyst", password=PASSWORD)
    li = bearer(sign_in_with(client, "li", PASSWORD))
    answer = client.post(f"{URL}/li/password", headers=admin)
    assert answer.status_code == 200
    assert client.get("/api/v1/sessions", headers=li).status_code == 401
    assert sign_in_with(client, "li", PASSWORD).status_code == 401
    again = sign_in_with(client, "li", answer.json()["password"])
    assert again.json()["account"]["pending"] == ["change_password"]
    with database.begin() as conn:
        everything = conn.execute(text("SELECT json_agg(e)::text FROM audit_events e")).scalar_one()
    assert answer.json()["password"] not in everything
    assert "password.change" in everything


def test_signing_an_account_out_ends_its_sessions_and_tokens(
    client: TestClient, make: Callable[..., Any], admin: dict[str, str], database: Database
) -> None:
    make("li", "analyst", password=PASSWORD)
    session = bearer(sign_in_with(client, "li", PASSWORD))
    token = bearer(client.post(f"{URL}/li/tokens", headers=admin))
    assert client.delete(f"{URL}/li/sessions", headers=admin).status_code == 204
    assert client.get("/api/v1/sessions", headers=session).status_code == 401
    assert client.get("/api/v1/sessions", headers=token).status_code == 401
    assert recorded(database, "account li")[-2:] == [
        ("session.close", {"sessions": 1}),
        ("token.revoke", {"tokens": 1}),
    ]


def test_a_lost_second_factor_is_taken_away(
    client: TestClient, make: Callable[..., Any], admin: dict[str, str], database: Database
) -> None:
    make("li", "analyst", password=PASSWORD)
    with database.begin() as conn:
        conn.execute(
            update(accounts).where(accounts.c.username == "li").values(totp_secret=b"sealed")
        )
    [item] = [
        item for item in client.get(URL, headers=admin).json()["items"] if item["username"] == "li"
    ]
    assert item["has_totp"] is True
    assert client.delete(f"{URL}/li/totp", headers=admin).status_code == 204
    assert sign_in_with(client, "li", PASSWORD).status_code == 201
    assert ("totp.disable", {}) in recorded(database, "account li")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"disabled": True}),
        ("POST", "/password", None),
        ("DELETE", "/sessions", None),
        ("DELETE", "/totp", None),
        ("POST", "/tokens", None),
    ],
    ids=str,
)
def test_an_account_that_is_not_there_is_named(
    client: TestClient, admin: dict[str, str], method: str, path: str, body: Any
) -> None:
    answer = client.request(method, f"{URL}/nobody{path}", json=body, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_account")


def test_a_devices_account_can_be_disabled_and_nothing_else(
    client: TestClient, admin: dict[str, str], database: Database
) -> None:
    unit = {"code": "GW-1", "kind": "person", "name": "王", "role": "grid_worker"}
    with database.begin() as conn:
        unit_id = conn.execute(insert(units).values(unit).returning(units.c.id)).scalar_one()
        device = {"unit_id": unit_id, "protocol": "owntracks", "identifier": "phone-1"}
        made = insert(devices).values(device).returning(devices.c.id)
        account = {"username": "device-1", "role": "device", "device_id": conn.scalar(made)}
        conn.execute(insert(accounts).values(account))
    for method, path, body in (
        ("PATCH", "", {"role": "admin"}),
        ("PATCH", "", {"granted": ["administer"]}),
        ("POST", "/password", None),
        ("POST", "/tokens", None),
    ):
        refused = client.request(method, f"{URL}/device-1{path}", json=body, headers=admin)
        assert (refused.status_code, refused.json()["code"]) == (409, "device_account")
    answer = client.patch(f"{URL}/device-1", json={"disabled": True}, headers=admin)
    assert (answer.json()["disabled"], answer.json()["device"]) == (True, "phone-1")
