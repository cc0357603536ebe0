"""The commands that need a database, run in this process on the test's own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from api.accounts import Accounts
from api.cli import main
from api.cli.commands import app
from data.database import Database
from data.editions import GridIndexes
from gis.errors import WanggeError

Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    monkeypatch.setattr("api.cli.commands.configure_logs", lambda *, debug: None)

    def run(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(app, arguments, input=stdin)

    return run


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database, GridIndexes(database))


def message(result: Result) -> str:
    assert isinstance(result.exception, WanggeError)
    return result.exception.message


def test_a_new_account_signs_in(run: Run, accounts: Accounts) -> None:
    arguments = ("accounts", "create", "zhang", "--role", "grid_chief", "--grid", "330106001001")
    result = run(*arguments, "--password-stdin", stdin="correct horse\n")
    assert result.exit_code == 0, result.output
    signed_in = accounts.sign_in("zhang", "correct horse", address="")
    assert signed_in.identity.territory.scope.codes == {"330106001001"}


def test_a_name_is_taken_once(run: Run) -> None:
    arguments = ("accounts", "create", "zhang", "--role", "admin", "--password-stdin")
    assert run(*arguments, stdin="correct horse").exit_code == 0
    assert "already an account named 'zhang'" in message(run(*arguments, stdin="correct horse"))


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        (("a b", "--role", "admin"), "correct horse", "without spaces"),
        (("zhang", "--role", "admin"), "short", "at least 8"),
        (("zhang", "--role", "grid_worker"), "correct horse", "--grid CODE"),
    ],
)
def test_what_cannot_be_an_account_is_explained(
    run: Run, arguments: tuple[str, ...], stdin: str, says: str
) -> None:
    result = run("accounts", "create", *arguments, "--password-stdin", stdin=stdin)
    assert says in message(result)


def test_a_password_is_never_an_argument(run: Run) -> None:
    assert "--password-stdin" in message(run("accounts", "create", "zhang", "--role", "admin"))


def test_an_unknown_role_names_those_there_are(run: Run) -> None:
    result = run("accounts", "create", "zhang", "--role", "boss", "--password-stdin")
    assert result.exit_code == 2
    assert "grid_chief" in result.output


def test_the_list_shows_who_there_is(run: Run) -> None:
    run("accounts", "create", "zhang", "--role", "admin", "--password-stdin", stdin="long enough")
    run("accounts", "disable", "zhang")
    result = run("accounts", "list")
    assert "zhang" in result.output
    assert "disabled" in result.output
    assert "long enough" not in result.output


def test_another_password_ends_the_sessions(run: Run, accounts: Accounts) -> None:
    run("accounts", "create", "zhang", "--role", "admin", "--password-stdin", stdin="first one")
    session = accounts.sign_in("zhang", "first one", address="")
    result = run("accounts", "password", "zhang", "--password-stdin", stdin="second one")
    assert result.exit_code == 0
    with pytest.raises(WanggeError):
        accounts.identify(session.token)
    accounts.sign_in("zhang", "second one", address="")


@pytest.mark.parametrize("command", ["disable", "enable"])
def test_an_account_that_is_not_there_is_named(run: Run, command: str) -> None:
    assert "no account named 'nobody'" in message(run("accounts", command, "nobody"))


def test_a_token_is_printed_alone_and_can_be_revoked(run: Run, accounts: Accounts) -> None:
    run("accounts", "create", "phones", "--role", "gateway")
    result = run("tokens", "create", "--account", "phones")
    token = result.stdout.removesuffix("\n")
    assert len(token) == 43
    assert accounts.identify(token).account.username == "phones"
    assert "1" in run("tokens", "revoke", "--account", "phones").output
    with pytest.raises(WanggeError):
        accounts.identify(token)


def test_the_database_never_sees_a_token(run: Run, database: Database) -> None:
    run("accounts", "create", "phones", "--role", "gateway")
    token = run("tokens", "create", "--account", "phones").stdout.strip()
    with database.begin() as conn:
        stored = conn.execute(text("SELECT s::text FROM sessions s")).scalar_one()
    assert token not in stored


def test_a_token_for_nobody_is_refused(run: Run) -> None:
    assert "no account named 'nobody'" in message(run("tokens", "create", "--account", "nobody"))


def test_the_doctor_finds_a_migrated_database(run: Run, tmp_path: Path) -> None:
    (tmp_path / "credentials.txt").write_text("")
    (tmp_path / "credentials.txt").chmod(0o644)
    result = run("doctor")
    assert "reachable and migrated" in result.output
    assert "chmod 600" in result.output
    assert result.exit_code == 1


def test_an_error_is_one_line_and_exit_code_1(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["wangge", "tokens", "create", "--account", "nobody"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 1
    assert capsys.readouterr().err == "wangge: There is no account named 'nobody'.\n"


def test_debug_shows_where_an_error_comes_from(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANGGE_DEBUG", "1")
    monkeypatch.setattr("sys.argv", ["wangge", "tokens", "create", "--account", "nobody"])
    with pytest.raises(WanggeError):
        main()
