"""The commands that need a database, run in this process on the test's own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from api.accounts import Accounts
from api.cli import main
from api.cli.commands import app
from api.cli.precautions import check_basemaps, check_keys, check_roles, check_tls
from api.tls import HostNames, own_certificate
from data.database import Database
from data.editions import GridIndexes
from data.installation import Installation
from gis.errors import WanggeError

Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    monkeypatch.setattr("api.cli.commands.configure_logs", lambda: None)

    def run(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(app, arguments, input=stdin)

    return run


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database, GridIndexes(database))


def make(run: Run, name: str, role: str) -> None:
    arguments = ("accounts", "create", name, "--role", role, "--password-stdin")
    assert run(*arguments, stdin="correct horse").exit_code == 0


def audit(database: Database) -> str:
    with database.begin() as conn:
        return str(conn.scalar(text("SELECT json_agg(e)::text FROM audit_events e")))


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
    run("accounts", "create", "zhang", "--role", "analyst", "--password-stdin", stdin="long enough")
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


@pytest.mark.parametrize(
    "command",
    [
        ("disable", "nobody"),
        ("enable", "nobody"),
        ("change", "nobody", "--role", "admin"),
        ("grant", "nobody", "unmask"),
        ("revoke", "nobody", "unmask"),
        ("sign-out", "nobody"),
        ("remove-totp", "nobody"),
        ("password", "nobody", "--generate-password"),
    ],
    ids=lambda command: command[0],
)
def test_an_account_that_is_not_there_is_named(run: Run, command: tuple[str, ...]) -> None:
    assert "no account named 'nobody'" in message(run("accounts", *command))


def test_a_generated_password_is_printed_once_and_has_to_be_changed(
    run: Run, accounts: Accounts, database: Database
) -> None:
    result = run("accounts", "create", "zhang", "--role", "调度员", "--generate-password")
    password = result.output.split()[-1]
    assert accounts.sign_in("zhang", password, address="").identity.pending == ("change_password",)
    assert "must change password" in run("accounts", "list").output
    again = run("accounts", "password", "zhang", "--generate-password").output.split()[-1]
    accounts.sign_in("zhang", again, address="")
    assert password not in audit(database)
    assert again not in audit(database)


def test_a_role_and_a_person_may_be_given_to_an_account_later(run: Run, accounts: Accounts) -> None:
    number = run("staff", "create", "王小明", "--role", "网格员", "--grid", "A").stdout.strip()
    make(run, "wang", "analyst")
    run("accounts", "change", "wang", "--role", "网格员", "--staff", number)
    identity = accounts.sign_in("wang", "correct horse", address="").identity
    assert identity.account.name == "王小明"
    assert identity.territory.scope.codes == {"A"}
    assert "works in a grid" in message(run("accounts", "change", "wang", "--no-staff"))
    assert "Say what to change" in message(run("accounts", "change", "wang"))


def test_a_permission_is_granted_to_one_account_and_taken_away(
    run: Run, accounts: Accounts
) -> None:
    make(run, "zhang", "analyst")
    run("accounts", "grant", "zhang", "unmask")
    session = accounts.sign_in("zhang", "correct horse", address="")
    assert "unmask" in session.identity.permissions
    run("accounts", "revoke", "zhang", "unmask")
    assert "unmask" not in accounts.identify(session.token).permissions
    assert "wangge roles revoke" in message(run("accounts", "revoke", "zhang", "read_grids"))


def test_the_last_administrator_stays(run: Run) -> None:
    make(run, "zhang", "admin")
    assert "last administrator" in message(run("accounts", "disable", "zhang"))
    assert "last administrator" in message(run("accounts", "change", "zhang", "--role", "analyst"))
    make(run, "li", "admin")
    assert run("accounts", "disable", "zhang").exit_code == 0


def test_signing_an_account_out_ends_its_sessions_and_its_tokens(
    run: Run, accounts: Accounts
) -> None:
    make(run, "zhang", "analyst")
    session = accounts.sign_in("zhang", "correct horse", address="").token
    token = run("tokens", "create", "--account", "zhang", "--for", "周报").stdout.strip()
    assert "2" in run("accounts", "sign-out", "zhang").output
    for ended in (session, token):
        with pytest.raises(WanggeError):
            accounts.identify(ended)


def test_what_is_done_at_the_machine_is_on_the_audit(run: Run, database: Database) -> None:
    make(run, "zhang", "analyst")
    run("tokens", "create", "--account", "zhang", "--for", "周报")
    run("accounts", "disable", "zhang")
    written = audit(database)
    assert "at the machine" in written
    assert "account.disable" in written
    assert "周报" in written
    assert "correct horse" not in written


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


@pytest.mark.parametrize("key", ["secret.key", "tls/ca.key", "tls/server.key"])
def test_the_doctor_finds_a_key_that_others_may_read(run: Run, tmp_path: Path, key: str) -> None:
    (tmp_path / key).parent.mkdir(exist_ok=True)
    (tmp_path / key).write_text("")
    (tmp_path / key).chmod(0o640)
    assert check_keys(tmp_path)[0] == "wrong"
    assert str(tmp_path / key) in check_keys(tmp_path)[1]
    assert run("doctor").exit_code == 1
    (tmp_path / key).chmod(0o600)
    assert check_keys(tmp_path)[0] == "ok"


def test_the_doctor_finds_a_map_servers_key_that_others_may_read(tmp_path: Path) -> None:
    installation = Installation(data_dir=tmp_path)
    assert check_basemaps(installation)[1] == "the local map alone"
    file = tmp_path / "basemaps.toml"
    file.write_text('[[basemap]]\nid = "tdt"\nkind = "tianditu"\nkey = "k"\n', encoding="utf-8")
    file.chmod(0o644)
    assert check_basemaps(installation) == (
        "wrong",
        f"others may read the key in {file}: run 'chmod 600 {file}'",
    )
    file.chmod(0o600)
    assert check_basemaps(installation) == ("ok", "tdt")


@pytest.mark.parametrize(
    ("days", "verdict", "says"),
    [
        (0, "ok", "ends on"),
        (380, "note", "restarting"),
        (400, "wrong", "restarting"),
        (3400, "note", "the authority ends"),
        (3651, "wrong", "the authority ends"),
    ],
)
def test_the_doctor_says_when_certificates_end(
    tmp_path: Path, days: int, verdict: str, says: str
) -> None:
    now = datetime.now(UTC)
    assert check_tls(tmp_path, now)[0] == "note"
    own_certificate(tmp_path / "tls", HostNames.of([]), HostNames.of(["localhost"]), now)
    found, message = check_tls(tmp_path, now + timedelta(days=days))
    assert (found, says in message) == (verdict, True), message


def test_the_doctor_notes_that_the_second_wall_is_off(tmp_path: Path) -> None:
    url = "postgresql://owner@db/wangge"
    walled = Installation(
        data_dir=tmp_path, database_url=url, application_url=url, tracking_url=url
    )
    open_one = Installation(data_dir=tmp_path, database_url=url, application_url=url)
    assert check_roles(walled)[0] == "ok"
    assert check_roles(Installation(data_dir=tmp_path))[0] == "ok"
    assert check_roles(open_one)[0] == "note"
    assert "WANGGE_TRACKING_URL not set" in check_roles(open_one)[1]


def test_the_doctor_misses_the_end_of_the_audit(run: Run, database: Database) -> None:
    assert "its chain ends at record 0" in run("doctor").output
    with database.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE audit_head DISABLE TRIGGER ALL")
        conn.exec_driver_sql("DELETE FROM audit_head")
    result = run("doctor")
    assert "wangge audit verify" in result.output
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
