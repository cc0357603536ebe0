"""Signing in and out over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from api.accounts import Role, permissions_of
from api.accounts.service import create_account, issue_token
from data.database import Database
from data.schema import audit_events

PASSWORD = "correct horse"


@pytest.fixture
def chief(database: Database) -> str:
    with database.begin() as conn:
        create_account(conn, username="chief", password=PASSWORD, role=Role.GRID_CHIEF)
    return "chief"


def test_signing_in_gives_a_token_and_a_cookie_that_scripts_cannot_read(client, chief):
    answer = client.post("/api/v1/sessions", json={"username": chief, "password": PASSWORD})

    assert answer.status_code == 201
    body = answer.json()
    assert body["account"]["username"] == "chief"
    assert body["account"]["role"] == "grid_chief"
    assert body["account"]["scope"] == {"everything": False, "roots": [], "grids": 0}
    lasts = datetime.fromisoformat(body["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=11, minutes=59) < lasts <= timedelta(hours=12)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"wangge_session={body['token']};")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie


def test_over_https_the_cookie_is_for_https_only(client, chief):
    client.base_url = "https://wangge.example"
    answer = client.post("/api/v1/sessions", json={"username": chief, "password": PASSWORD})
    assert "Secure" in answer.headers["set-cookie"]


def test_an_account_says_who_it_is_on_the_staff(client, database, sign_in):
    with database.begin() as conn:
        conn.execute(text("INSERT INTO staff (id, name, phone) VALUES (5, '王', '13800000000')"))
    answer = client.get("/api/v1/sessions", headers=sign_in("grid_worker", staff_id=5))
    assert answer.json()["account"]["staff"] == 5


def test_the_token_tells_who_is_signed_in(client, sign_in):
    answer = client.get("/api/v1/sessions", headers=sign_in("analyst"))
    assert answer.status_code == 200
    account = answer.json()["account"]
    assert account["permissions"] == sorted(permissions_of(Role.ANALYST))
    assert account["scope"]["everything"] is True
    assert account["staff"] is None
    assert account["has_totp"] is False
    assert account["pending"] == []


@pytest.mark.parametrize(
    ("username", "password"), [("chief", "wrong password"), ("nobody", PASSWORD)]
)
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(client, chief, username, password):
    answer = client.post("/api/v1/sessions", json={"username": username, "password": password})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:wangge:problem:wrong_credentials",
        "title": "Unauthorized",
        "status": 401,
        "detail": "The username or the password is wrong; check both and try again.",
        "code": "wrong_credentials",
    }


def test_without_a_session_the_answer_says_how_to_sign_in(client):
    answer = client.get("/api/v1/sessions")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == "not_signed_in"


def test_signing_out_ends_the_session_at_once(client, sign_in):
    headers = sign_in("dispatcher")
    assert client.delete("/api/v1/sessions", headers=headers).status_code == 204
    assert client.get("/api/v1/sessions", headers=headers).status_code == 401


def test_a_disabled_account_is_out_at_once(client, sign_in, database):
    headers = sign_in("dispatcher")
    with database.begin() as conn:
        conn.exec_driver_sql("UPDATE accounts SET disabled = true")
    assert client.get("/api/v1/sessions", headers=headers).status_code == 401


def test_a_token_for_programs_does_not_expire(client, chief, database):
    with database.begin() as conn:
        token = issue_token(conn, chief, datetime(2020, 1, 1, tzinfo=UTC))
    answer = client.get("/api/v1/sessions", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_an_expired_session_is_over(client, sign_in, database):
    headers = sign_in("dispatcher")
    with database.begin() as conn:
        conn.exec_driver_sql("UPDATE sessions SET expires_at = now()")
    assert client.get("/api/v1/sessions", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("evidence", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Origin": "http://testserver"}, 204),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_a_cookie_changes_something_only_from_our_own_pages(client, sign_in, evidence, status):
    token = sign_in("dispatcher")["Authorization"].removeprefix("Bearer ")
    client.cookies.set("wangge_session", token)
    assert client.get("/api/v1/sessions").status_code == 200
    assert client.delete("/api/v1/sessions", headers=evidence).status_code == status


def test_another_site_cannot_sign_a_browser_in(client, chief):
    answer = client.post(
        "/api/v1/sessions",
        json={"username": chief, "password": PASSWORD},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
    assert answer.json()["code"] == "cross_site"


def audit(database: Database) -> list[tuple[str, str | None, str, str | None, dict]]:
    columns = audit_events.c
    wanted = (columns.actor, columns.role, columns.action, columns.subject, columns.details)
    with database.begin() as conn:
        rows = conn.execute(select(*wanted).order_by(columns.id)).all()
        assert set(conn.scalars(select(columns.address))) <= {"testclient"}
        return [tuple(row) for row in rows]


def test_signing_in_and_out_is_on_the_audit(client, chief, database):
    body = {"username": chief, "password": PASSWORD}
    token = client.post("/api/v1/sessions", json=body).json()["token"]
    client.delete("/api/v1/sessions", headers={"Authorization": f"Bearer {token}"})
    assert audit(database) == [
        ("chief", "grid_chief", "session.open", "account chief", {"how": "password"}),
        ("chief", "grid_chief", "session.close", "account chief", {}),
    ]


@pytest.mark.parametrize(
    ("username", "password", "role", "why"),
    [
        ("chief", "a wrong one", "grid_chief", "wrong password"),
        ("nobody", PASSWORD, None, "no such account"),
    ],
)
def test_a_refused_sign_in_is_on_the_audit_without_the_password(
    client, chief, database, username, password, role, why
):
    client.post("/api/v1/sessions", json={"username": username, "password": password})
    subject = f"account {username}"
    assert audit(database) == [(username, role, "session.refused", subject, {"why": why})]


def test_a_disabled_account_is_refused_in_the_same_words(client, chief, database):
    with database.begin() as conn:
        conn.exec_driver_sql("UPDATE accounts SET disabled = true")
    answer = client.post("/api/v1/sessions", json={"username": chief, "password": PASSWORD})
    assert answer.json()["code"] == "wrong_credentials"
    assert audit(database)[0][4] == {"why": "account disabled"}


def fail_often(database):
    """As if whoever failed had done so ten times: the wait is long enough for a slow machine."""
    with database.begin() as conn:
        conn.exec_driver_sql("UPDATE sign_in_failures SET failures = 10, last_at = now()")


def test_what_is_refused_without_a_check_does_not_flood_the_audit(client, chief, database):
    body = {"username": chief, "password": "a wrong one"}
    assert client.post("/api/v1/sessions", json=body).status_code == 401
    fail_often(database)
    statuses = [client.post("/api/v1/sessions", json=body).status_code for _ in range(3)]
    assert statuses == [429] * 3
    assert len(audit(database)) == 1


def test_revoking_a_programs_token_with_itself_is_on_the_audit(client, chief, database):
    with database.begin() as conn:
        token = issue_token(conn, chief, datetime.now(UTC))
    client.delete("/api/v1/sessions", headers={"Authorization": f"Bearer {token}"})
    assert audit(database) == [("chief", "grid_chief", "token.revoke", "account chief", {})]


def test_guessing_passwords_is_slowed_down(client, chief, database):
    client.post("/api/v1/sessions", json={"username": chief, "password": "a wrong one"})
    fail_often(database)
    answer = client.post("/api/v1/sessions", json={"username": chief, "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["code"] == "overloaded"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "chief"}, "password"),
        ({"username": "", "password": "x"}, "username"),
        ({"username": 7, "password": "x"}, "username"),
        ({"username": "chief", "password": "x" * 300}, "password"),
        ([], None),
    ],
)
def test_a_malformed_sign_in_names_the_field(client, body, field):
    answer = client.post("/api/v1/sessions", json=body)
    assert answer.status_code == 422
    assert answer.json().get("field") == field


def test_a_body_that_is_not_json_says_so(client):
    answer = client.post(
        "/api/v1/sessions", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_json"


def test_a_nul_character_is_the_callers_mistake(client):
    answer = client.post("/api/v1/sessions", json={"username": "a\x00b", "password": "x"})
    assert answer.status_code == 422


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "网格"])
def test_a_header_that_is_no_token_signs_nobody_in(client, header):
    answer = client.get("/api/v1/sessions", headers={"Authorization": header.encode()})
    assert answer.status_code == 401
