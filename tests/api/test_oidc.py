"""Signing in at an OpenID Connect provider: a real one, in a process of its own."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import time_machine
from pydantic import SecretStr
from sqlalchemy import text
from starlette.testclient import TestClient

from api.access import COOKIE
from api.accounts import Role
from api.accounts.oidc.attempt import LASTS
from api.accounts.service import create_account
from api.settings import ServerSettings
from data.database import Database
from tests.oidc.running import RunningProvider, running_provider, sign_in_there

BEGIN = "/api/v1/sessions/oidc"
REFUSED, EXPIRED = "/?sign_in=refused", "/?sign_in=expired"

Account = Callable[..., int]


@pytest.fixture(scope="module")
def provider() -> Iterator[RunningProvider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def settings(tmp_path: Path, provider: RunningProvider) -> ServerSettings:
    return ServerSettings(web_dir=tmp_path, oidc=provider.settings())


@pytest.fixture
def account(database: Database) -> Account:
    def account(username: str, role: Role = Role.DISPATCHER, **options: Any) -> int:
        with database.begin() as conn:
            options = {"password": None, **options}
            return create_account(conn, username=username, role=role, **options)

    return account


def begin(client: TestClient) -> str:
    """Where the provider is to be asked."""
    answer = client.get(BEGIN, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def come_back(client: TestClient, url: str) -> httpx.Response:
    answer: httpx.Response = client.get(url, follow_redirects=False)
    return answer


def sign_in(client: TestClient, name: str) -> httpx.Response:
    return come_back(client, sign_in_there(begin(client), name))


def who(client: TestClient) -> str | None:
    answer = client.get("/api/v1/sessions")
    return answer.json()["account"]["username"] if answer.is_success else None


def refusals(database: Database) -> list[tuple[str, str]]:
    with database.begin() as conn:
        rows = conn.execute(
            text("SELECT actor, details FROM audit_events WHERE action = 'session.refused'")
        )
        return [(actor, details["why"]) for actor, details in rows]


def test_the_button_says_where_to_go(client: TestClient) -> None:
    assert client.get("/api/v1/sessions/providers").json() == {
        "oidc": {"name": "统一身份认证", "url": BEGIN}
    }


def test_whoever_signs_in_there_is_signed_in_here(client: TestClient, account: Account) -> None:
    account("zhang")
    answer = sign_in(client, "zhang")
    assert answer.status_code == 200
    assert 'http-equiv="refresh" content="0;url=/"' in answer.text
    cookies = answer.headers.get_list("set-cookie")
    [session] = [cookie for cookie in cookies if cookie.startswith(COOKIE)]
    assert "HttpOnly" in session
    assert "SameSite=strict" in session
    assert who(client) == "zhang"


def test_the_provider_is_asked_with_state_nonce_and_a_challenge(client: TestClient) -> None:
    url = httpx.URL(begin(client))
    assert url.params["code_challenge_method"] == "S256"
    assert {"state", "nonce", "code_challenge"} <= set(url.params)
    assert url.params["redirect_uri"] == f"http://testserver{BEGIN}/callback"
    answer = client.get(BEGIN, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert f"Path={BEGIN}" in cookie
    assert url.params["state"] not in cookie


def test_it_is_on_the_audit(client: TestClient, account: Account, database: Database) -> None:
    account("zhang")
    sign_in(client, "zhang")
    with database.begin() as conn:
        rows = conn.execute(text("SELECT actor, action, details FROM audit_events ORDER BY id"))
        events = [tuple(row) for row in rows]
    assert [(actor, action) for actor, action, _ in events] == [
        ("zhang", "account.change"),
        ("zhang", "session.open"),
    ]
    assert events[0][2]["oidc_subject"].endswith(" zhang")
    assert events[1][2] == {"how": "openid connect"}


def test_an_account_stays_with_its_subject_whatever_either_is_called(
    client: TestClient, account: Account, database: Database
) -> None:
    account("zhang")
    sign_in(client, "zhang@first")
    with database.begin() as conn:
        conn.execute(text("UPDATE accounts SET username = 'zhang.wei'"))
    client.cookies.clear()
    assert sign_in(client, "zhang@first").status_code == 200
    assert who(client) == "zhang.wei"


def test_a_name_that_is_given_out_again_does_not_open_the_account(
    client: TestClient, account: Account, database: Database
) -> None:
    account("zhang")
    sign_in(client, "zhang@first")
    client.cookies.clear()
    answer = sign_in(client, "zhang@second")
    assert answer.headers["location"] == REFUSED
    assert who(client) is None
    assert refusals(database) == [("zhang", "account tied to somebody else")]


def test_no_account_is_made(client: TestClient, database: Database) -> None:
    answer = sign_in(client, "stranger")
    assert (answer.status_code, answer.headers["location"]) == (303, REFUSED)
    assert who(client) is None
    assert refusals(database) == [("stranger", "no such account")]
    with database.begin() as conn:
        assert conn.scalars(text("SELECT count(*) FROM accounts")).one() == 0


def test_a_disabled_account_stays_closed(
    client: TestClient, account: Account, database: Database
) -> None:
    account("zhang")
    with database.begin() as conn:
        conn.execute(text("UPDATE accounts SET disabled = true"))
    assert sign_in(client, "zhang").headers["location"] == REFUSED
    assert refusals(database) == [("zhang", "account disabled")]


def test_a_programs_account_is_not_for_people(client: TestClient, account: Account) -> None:
    account("gateway", Role.GATEWAY)
    assert sign_in(client, "gateway").headers["location"] == REFUSED


def test_an_answer_to_another_nonce_is_not_believed(client: TestClient, account: Account) -> None:
    account("zhang")
    url = httpx.URL(begin(client))
    forged = str(url.copy_set_param("nonce", "another"))
    assert come_back(client, sign_in_there(forged, "zhang")).headers["location"] == REFUSED
    assert who(client) is None


def test_an_answer_to_somebody_elses_attempt_is_not_taken(
    client: TestClient, account: Account
) -> None:
    """Or a link would sign its reader in as whoever sent it."""
    account("zhang")
    theirs = sign_in_there(begin(client), "zhang")
    client.cookies.clear()
    assert come_back(client, theirs).headers["location"] == EXPIRED
    begin(client)
    assert come_back(client, theirs).headers["location"] == EXPIRED
    assert who(client) is None


def test_a_code_counts_once(client: TestClient, account: Account) -> None:
    account("zhang")
    url = begin(client)
    attempt = dict(client.cookies)
    back = sign_in_there(url, "zhang")
    assert come_back(client, back).status_code == 200
    client.cookies.clear()
    assert come_back(client, back).headers["location"] == EXPIRED
    client.cookies.update(attempt)
    assert come_back(client, back).headers["location"] == REFUSED
    assert who(client) is None


def test_an_attempt_that_takes_too_long_is_begun_again(
    client: TestClient, account: Account
) -> None:
    account("zhang")
    back = sign_in_there(begin(client), "zhang")
    [cookie] = client.cookies.jar
    cookie.expires = None  # the server does not rely on the browser
    with time_machine.travel(LASTS + timedelta(seconds=1)):
        assert come_back(client, back).headers["location"] == EXPIRED


def test_a_cookie_that_was_tampered_with_is_worth_nothing(
    client: TestClient, account: Account
) -> None:
    back = sign_in_there(begin(client), "zhang")
    [cookie] = client.cookies.jar
    assert cookie.value is not None
    for value in (cookie.value[:-4] + "AAAA", "x", "é", ""):
        headers = [(b"cookie", f"{cookie.name}={value}".encode())]
        answer = client.get(back, headers=headers, follow_redirects=False)
        assert answer.headers["location"] == EXPIRED


def test_somebody_whom_the_provider_does_not_let_in_is_refused(client: TestClient) -> None:
    state = httpx.URL(begin(client)).params["state"]
    query = urlencode({"state": state, "error": "access_denied"})
    assert come_back(client, f"{BEGIN}/callback?{query}").headers["location"] == REFUSED


def test_their_second_factor_is_the_providers_business(
    client: TestClient, account: Account, settings: ServerSettings, database: Database
) -> None:
    account("zhang", password="correct horse", must_change_password=True)
    sign_in(client, "zhang")
    assert client.get("/api/v1/sessions").json()["account"]["pending"] == []
    body = {"username": "zhang", "password": "correct horse"}
    answer = client.post("/api/v1/sessions", json=body)
    assert answer.json()["account"]["pending"] == ["change_password"]


def test_a_provider_that_is_away_is_a_sentence(
    app_of: Callable[[ServerSettings], TestClient], tmp_path: Path, account: Account
) -> None:
    account("zhang")
    with running_provider() as provider:
        client = app_of(ServerSettings(web_dir=tmp_path, oidc=provider.settings()))
        back = sign_in_there(begin(client), "zhang")
        provider.end()
        away = come_back(client, back)
        assert (away.status_code, away.json()["code"]) == (503, "provider_unavailable")
        assert "sign in with a password" in away.json()["detail"]
        assert client.get(BEGIN, follow_redirects=False).status_code == 503


@pytest.fixture
def app_of(database: Database) -> Iterator[Callable[[ServerSettings], TestClient]]:
    """A client of a server with other settings."""
    from contextlib import ExitStack

    from api.app import create_app
    from data.installation import Databases

    with Databases.beside(database) as databases, ExitStack() as stack:

        def app_of(settings: ServerSettings) -> TestClient:
            app = create_app(databases.application, settings, tracking=databases.tracking)
            return stack.enter_context(TestClient(app))

        yield app_of


def test_a_wrong_secret_is_the_administrators_to_mend(
    app_of: Callable[[ServerSettings], TestClient],
    provider: RunningProvider,
    tmp_path: Path,
    account: Account,
) -> None:
    account("zhang")
    wrong = provider.settings().model_copy(update={"client_secret": SecretStr("wrong")})
    client = app_of(ServerSettings(web_dir=tmp_path, oidc=wrong))
    answer = sign_in(client, "zhang")
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_misconfigured")
    assert "WANGGE_OIDC_CLIENT_SECRET" in answer.json()["detail"]


def test_an_issuer_that_calls_itself_otherwise_is_not_trusted(
    app_of: Callable[[ServerSettings], TestClient], provider: RunningProvider, tmp_path: Path
) -> None:
    other = provider.settings().model_copy(update={"issuer": f"{provider.issuer}/"})
    answer = app_of(ServerSettings(web_dir=tmp_path, oidc=other)).get(BEGIN)
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_misconfigured")
    assert provider.issuer in answer.json()["detail"]


def test_without_a_provider_there_is_no_button(
    app_of: Callable[[ServerSettings], TestClient], tmp_path: Path
) -> None:
    client = app_of(ServerSettings(web_dir=tmp_path))
    assert client.get("/api/v1/sessions/providers").json() == {"oidc": None}
    for path in (BEGIN, f"{BEGIN}/callback"):
        assert client.get(path).status_code == 404
