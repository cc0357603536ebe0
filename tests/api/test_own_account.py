"""What everybody does with their own account: password, second factor, sessions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text
from starlette.testclient import TestClient

from api.accounts import Role
from api.accounts.service import create_account, issue_token, open_session
from api.accounts.settings import SignInSettings
from api.app import create_app
from api.settings import ServerSettings
from data.database import Database
from data.installation import Databases
from data.schema import audit_events

PASSWORD, BETTER = "correct horse", "battery staple"
SESSIONS = "/api/v1/sessions"

Headers = dict[str, str]


def bearer(token: str) -> Headers:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def settings(settings: ServerSettings, request: pytest.FixtureRequest) -> ServerSettings:
    """Its parameter is the roles that must have a second factor; without one, none."""
    roles = getattr(request, "param", ())
    return ServerSettings(
        web_dir=settings.web_dir, sign_in=SignInSettings.model_construct(totp_roles=roles)
    )


for_dispatchers = pytest.mark.parametrize(
    "settings", [frozenset({Role.DISPATCHER})], indirect=True, ids=["dispatchers need it"]
)


@pytest.fixture
def account_id(database: Database) -> int:
    with database.begin() as conn:
        return create_account(conn, username="zhou", password=PASSWORD, role=Role.DISPATCHER)


@pytest.fixture
def headers(database: Database, account_id: int) -> Headers:
    with database.begin() as conn:
        return bearer(open_session(conn, account_id, datetime.now(UTC)))


def sign_in(client: TestClient, password: str = PASSWORD, **more: str) -> Any:
    return client.post(SESSIONS, json={"username": "zhou", "password": password, **more})


def change(client: TestClient, headers: Headers, old: str, new: str) -> Any:
    return client.put(f"{SESSIONS}/password", json={"old": old, "new": new}, headers=headers)


def actions(database: Database) -> list[str]:
    with database.begin() as conn:
        return list(conn.scalars(select(audit_events.c.action).order_by(audit_events.c.id)))


def code_of(secret: str, *, steps: int = 0) -> str:
    """Now, or in the next step, which counts already."""
    return pyotp.TOTP(secret).at(datetime.now(UTC), counter_offset=steps)


def set_up_totp(client: TestClient, headers: Headers) -> str:
    """The secret. The code of the present step is used up then."""
    secret = client.post(f"{SESSIONS}/totp", headers=headers).json()["secret"]
    proof = {"secret": secret, "code": code_of(secret)}
    answer = client.put(f"{SESSIONS}/totp", json=proof, headers=headers)
    assert answer.status_code == 204, answer.text
    return str(secret)


def test_a_new_password_ends_every_session_but_the_present_one(
    client: TestClient, database: Database, headers: Headers, account_id: int
) -> None:
    with database.begin() as conn:
        other = bearer(open_session(conn, account_id, datetime.now(UTC)))
        program = bearer(issue_token(conn, "zhou", datetime.now(UTC)))
    assert change(client, headers, PASSWORD, BETTER).status_code == 204
    statuses = [client.get(SESSIONS, headers=h).status_code for h in (headers, other, program)]
    assert statuses == [200, 401, 200]
    assert sign_in(client).status_code == 401
    assert sign_in(client, BETTER).status_code == 201
    assert actions(database) == ["password.change", "session.refused", "session.open"]


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ("wrong horse", BETTER, "wrong_password", "old"),
        (PASSWORD, PASSWORD, "same_password", "new"),
        (PASSWORD, "short", "invalid_input", "new"),
        (PASSWORD, "12345678", "common_password", "new"),
    ],
)
def test_a_password_that_will_not_do_is_refused(
    client: TestClient, headers: Headers, old: str, new: str, code: str, field: str
) -> None:
    answer = change(client, headers, old, new)
    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["field"]) == (code, field)
    assert sign_in(client).status_code == 201


def test_guessing_the_old_password_is_slowed_down_like_signing_in(
    client: TestClient, database: Database, headers: Headers
) -> None:
    answers = [change(client, headers, "wrong horse", BETTER) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert sign_in(client).status_code == 429
    assert actions(database) == ["session.refused"] * 5


def test_whoever_must_change_the_password_gets_no_further(
    client: TestClient, database: Database, headers: Headers
) -> None:
    with database.begin() as conn:
        conn.execute(text("UPDATE accounts SET must_change_password = true"))
    assert sign_in(client).json()["account"]["pending"] == ["change_password"]
    answer = client.get("/api/v1/positions", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "change_password_first")
    assert change(client, headers, PASSWORD, BETTER).status_code == 204
    assert client.get("/api/v1/positions", headers=headers).status_code == 200
    assert client.get(SESSIONS, headers=headers).json()["account"]["pending"] == []


def test_a_program_works_on_while_its_person_has_something_to_do(
    client: TestClient, database: Database, account_id: int
) -> None:
    with database.begin() as conn:
        program = bearer(issue_token(conn, "zhou", datetime.now(UTC)))
        conn.execute(text("UPDATE accounts SET must_change_password = true"))
    assert client.get("/api/v1/positions", headers=program).status_code == 200


def test_the_list_shows_where_one_is_signed_in(
    client: TestClient, database: Database, account_id: int, sign_in: Any
) -> None:
    sign_in("dispatcher")  # somebody else
    now = datetime.now(UTC)
    with database.begin() as conn:
        issue_token(conn, "zhou", now - timedelta(days=2), client="the scales")
        open_session(conn, account_id, now - timedelta(days=1))  # over by now
    client.headers["User-Agent"] = "Firefox" * 100
    body = {"username": "zhou", "password": PASSWORD}
    mine = client.post(SESSIONS, json=body).json()
    answer = client.get(f"{SESSIONS}/all", headers=bearer(mine["token"]))
    session, token = answer.json()["items"]
    assert session.pop("id") != token.pop("id")
    assert session.pop("created_at") > token.pop("created_at")
    assert session == {
        "kind": "session",
        "expires_at": mine["expires_at"],
        "address": "testclient",
        "client": ("Firefox" * 100)[:200],
        "current": True,
    }
    assert token == {
        "kind": "token",
        "expires_at": None,
        "address": None,
        "client": "the scales",
        "current": False,
    }


@pytest.mark.parametrize("tokens", [False, True])
def test_signing_out_everywhere_spares_programs_unless_asked(
    client: TestClient, database: Database, headers: Headers, account_id: int, tokens: bool
) -> None:
    with database.begin() as conn:
        other = bearer(open_session(conn, account_id, datetime.now(UTC)))
        program = bearer(issue_token(conn, "zhou", datetime.now(UTC)))
    answer = client.delete(f"{SESSIONS}/all", params={"tokens": tokens}, headers=headers)
    assert answer.status_code == 204
    statuses = [client.get(SESSIONS, headers=h).status_code for h in (headers, other, program)]
    assert statuses == [401, 401, 401 if tokens else 200]
    assert actions(database) == ["session.close"] + ["token.revoke"] * tokens


def test_a_second_factor_is_asked_for_once_it_is_set_up(
    client: TestClient, database: Database, headers: Headers
) -> None:
    secret = set_up_totp(client, headers)
    answer = sign_in(client)
    assert (answer.status_code, answer.json()["code"]) == (401, "totp_required")
    answer = sign_in(client, code="000000" if code_of(secret) != "000000" else "000001")
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_totp")
    answer = sign_in(client, code=code_of(secret, steps=1))
    assert answer.status_code == 201
    assert answer.json()["account"]["has_totp"] is True
    assert actions(database) == ["totp.enable", "session.refused", "session.open"]


def test_a_code_counts_once(client: TestClient, headers: Headers) -> None:
    secret = set_up_totp(client, headers)
    code = code_of(secret, steps=1)
    assert sign_in(client, code=code).status_code == 201
    assert sign_in(client, code=code).json()["code"] == "wrong_totp"


def test_the_right_code_is_no_use_without_the_password(
    client: TestClient, headers: Headers
) -> None:
    secret = set_up_totp(client, headers)
    answer = sign_in(client, "wrong horse", code=code_of(secret, steps=1))
    assert answer.json()["code"] == "wrong_credentials"
    assert sign_in(client, code=code_of(secret, steps=1)).status_code == 201


def test_guessing_codes_is_slowed_down_and_asking_for_one_is_no_guess(
    client: TestClient, headers: Headers
) -> None:
    set_up_totp(client, headers)
    for _ in range(6):
        assert sign_in(client).json()["code"] == "totp_required"
    # The time to wait doubles, so that a slow machine comes to it as well.
    statuses = [sign_in(client, code="12345x").status_code for _ in range(9)]
    assert statuses[:5] == [401] * 5
    assert 429 in statuses


def test_the_secret_is_not_in_the_database_as_it_is(
    client: TestClient, database: Database, headers: Headers
) -> None:
    secret = set_up_totp(client, headers)
    with database.begin() as conn:
        stored = conn.scalar(text("SELECT totp_secret FROM accounts"))
    assert secret.encode() not in bytes(stored)


def test_a_wrong_code_sets_nothing_up(
    client: TestClient, database: Database, headers: Headers
) -> None:
    secret = client.post(f"{SESSIONS}/totp", headers=headers).json()["secret"]
    proof = {"secret": secret, "code": "12345x"}
    answer = client.put(f"{SESSIONS}/totp", json=proof, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, "code")
    proof = {"secret": "A" * 31 + "1", "code": "123456"}
    answer = client.put(f"{SESSIONS}/totp", json=proof, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, "secret")
    assert sign_in(client).status_code == 201


def test_a_second_factor_is_not_replaced_without_a_code_of_it(
    client: TestClient, headers: Headers
) -> None:
    set_up_totp(client, headers)
    assert client.post(f"{SESSIONS}/totp", headers=headers).status_code == 409
    secret = pyotp.random_base32()
    proof = {"secret": secret, "code": code_of(secret)}
    assert client.put(f"{SESSIONS}/totp", json=proof, headers=headers).status_code == 409


def test_a_second_factor_is_removed_with_a_code_of_it(
    client: TestClient, database: Database, headers: Headers
) -> None:
    secret = set_up_totp(client, headers)

    def remove(code: str) -> int:
        answer = client.request("DELETE", f"{SESSIONS}/totp", json={"code": code}, headers=headers)
        return answer.status_code

    assert remove("12345x") == 422
    assert remove(code_of(secret, steps=1)) == 204
    assert remove("123456") == 409
    assert sign_in(client).status_code == 201
    assert actions(database) == ["totp.enable", "session.refused", "totp.disable", "session.open"]


@for_dispatchers
def test_a_role_that_must_have_a_second_factor_gets_no_further_without(
    client: TestClient, headers: Headers, sign_in: Any
) -> None:
    answer = client.get("/api/v1/positions", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "set_up_totp_first")
    assert client.get(SESSIONS, headers=headers).json()["account"]["pending"] == ["set_up_totp"]
    assert client.get("/api/v1/positions", headers=sign_in("analyst")).status_code == 200
    secret = set_up_totp(client, headers)
    assert client.get("/api/v1/positions", headers=headers).status_code == 200
    body = {"code": code_of(secret, steps=1)}
    answer = client.request("DELETE", f"{SESSIONS}/totp", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "totp_required_by_role")


@for_dispatchers
def test_the_password_comes_before_the_second_factor(
    client: TestClient, database: Database, headers: Headers
) -> None:
    with database.begin() as conn:
        conn.execute(text("UPDATE accounts SET must_change_password = true"))
    pending = client.get(SESSIONS, headers=headers).json()["account"]["pending"]
    assert pending == ["change_password", "set_up_totp"]
    answer = client.get("/api/v1/positions", headers=headers)
    assert answer.json()["code"] == "change_password_first"


def test_a_lost_key_is_explained_and_signs_nobody_in(
    app: FastAPI, client: TestClient, database: Database, headers: Headers
) -> None:
    set_up_totp(client, headers)
    with database.begin() as conn:
        conn.execute(text("UPDATE accounts SET totp_secret = sha256(totp_secret)"))
    answer = sign_in(client, code="123456")
    assert answer.status_code == 503
    assert "secret.key" in answer.json()["detail"]


def test_an_old_password_opens_nothing_until_it_is_changed(
    database: Database, account_id: int
) -> None:
    settings = ServerSettings(sign_in=SignInSettings(password_days=90, session_hours=2))
    with database.begin() as conn:
        conn.execute(text("UPDATE accounts SET password_changed_at = now() - interval '91 days'"))
    with (
        Databases.beside(database) as databases,
        TestClient(
            create_app(databases.application, settings, tracking=databases.tracking)
        ) as client,
    ):
        signed_in = sign_in(client).json()
        lasts = datetime.fromisoformat(signed_in["expires_at"]) - datetime.now(UTC)
        assert timedelta(hours=1.9) < lasts <= timedelta(hours=2)
        assert signed_in["account"]["pending"] == ["change_password"]
        headers = bearer(signed_in["token"])
        assert client.get("/api/v1/cases", headers=headers).status_code == 403
        assert change(client, headers, PASSWORD, "a new one altogether").status_code == 204
        assert client.get("/api/v1/cases", headers=headers).status_code == 200
