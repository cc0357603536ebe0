"""Setting a town's staff and units up at the machine, one by one and from a list."""

import csv
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from api.accounts import Accounts
from api.cli.commands import app
from data.database import Database
from data.editions import GridIndexes
from gis.errors import WanggeError

Run = Callable[..., Result]

LIST = """姓名,电话,岗位,网格,副岗,单元,账号
王小明,13812345678,网格员,A1,,GW-001,wang
王小明,13812345678,网格员,A2,是,GW-001,wang
李主任,0518-85801234,网格长,A,,,li
赵刚,,调度员,,,,
"""


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    monkeypatch.setattr("api.cli.commands.configure_logs", lambda: None)

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, list(map(str, arguments)))

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(content: str) -> Path:
        path = tmp_path / "staff.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return write


def message(result: Result) -> str:
    assert isinstance(result.exception, WanggeError), result.output
    return result.exception.message


def counts(database: Database) -> tuple[int, ...]:
    """Staff, posts, units, accounts and records on the audit."""
    with database.begin() as conn:
        return tuple(
            conn.scalar(text(f"SELECT count(*) FROM {table}")) or 0
            for table in ("staff", "posts", "units", "accounts", "audit_events")
        )


def test_a_town_is_set_up_by_hand(run: Run) -> None:
    made = run(
        "staff", "create", "王小明", "--phone", "13812345678", "--role", "网格员", "--grid", "A1"
    )
    assert made.exit_code == 0, made.output
    number = made.stdout.strip()
    arguments = ("--name", "王小明", "--role", "grid_worker", "--staff", number, "--grid", "A1")
    assert run("units", "create", "GW-001", *arguments).exit_code == 0
    listed = run("staff", "list").output
    assert "138****5678" in listed
    assert "GW-001" in listed
    assert "13812345678" not in listed
    assert "GW-001" in run("units", "list").output


def test_a_grid_without_a_role_or_an_unknown_role_is_refused(run: Run, database: Database) -> None:
    assert "--role" in message(run("staff", "create", "王小明", "--grid", "A1"))
    unknown = run("staff", "create", "王小明", "--role", "村长")
    assert unknown.exit_code == 2
    assert "网格长" in unknown.output
    assert counts(database) == (0, 0, 0, 0, 0)


def test_a_list_makes_everybody_with_their_posts_units_and_accounts(
    run: Run, write: Callable[[str], Path], database: Database, tmp_path: Path
) -> None:
    passwords = tmp_path / "passwords.csv"
    result = run("staff", "import", write(LIST), "--passwords", passwords)
    assert result.exit_code == 0, result.output
    assert "3 people, 4 posts, 1 units and 2 accounts made" in result.output
    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
    with passwords.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert [row[:2] for row in rows] == [["王小明", "wang"], ["李主任", "li"]]
    accounts = Accounts(database, GridIndexes(database))
    wang = accounts.sign_in("wang", rows[0][2], address="").identity
    assert (wang.account.role, wang.account.name) == ("grid_worker", "王小明")
    assert wang.territory.scope.codes == {"A1", "A2"}
    assert wang.pending == ("change_password",)


def test_the_same_list_again_changes_nothing(
    run: Run, write: Callable[[str], Path], database: Database, tmp_path: Path
) -> None:
    arguments = ("staff", "import", write(LIST), "--passwords", tmp_path / "passwords.csv")
    run(*arguments)
    before, told = counts(database), (tmp_path / "passwords.csv").read_bytes()
    again = run(*arguments)
    assert again.exit_code == 0, again.output
    assert "0 accounts made; 4 lines were there already" in again.output
    assert counts(database) == before
    assert (tmp_path / "passwords.csv").read_bytes() == told


def test_a_longer_list_adds_what_is_new(
    run: Run, write: Callable[[str], Path], database: Database, tmp_path: Path
) -> None:
    run("staff", "import", write(LIST), "--passwords", tmp_path / "passwords.csv")
    longer = f"{LIST}赵刚,,执法队员,,,EO-1,\n孙丽,,联络员,A,,,\n"
    result = run("staff", "import", write(longer))
    assert "1 people, 2 posts, 1 units and 0 accounts made; 4 lines were there" in result.output


def test_every_wrong_line_is_named_and_nothing_is_imported(
    run: Run, write: Callable[[str], Path], database: Database
) -> None:
    run("staff", "import", write("姓名,电话,岗位,单元\n王小明,13812345678,调度员,GW-001\n"))
    run("units", "create", "GW-002", "--name", "备用", "--role", "patroller")
    before = counts(database)
    content = """姓名,电话,岗位,网格,副岗,单元,账号
孙丽,13900000000,网格员,A1,,,
周平,12345,网格员,A1,,,
吴敏,,网格员,,,,
李芳,,调度员,,,GW-001,
王小明,13900000001,调度员,,,GW-001,
郑强,,调度员,,,GW-002,
钱红,,调度员,,,,a b
"""
    result = run("staff", "import", write(content))
    assert message(result) == "6 lines cannot be used; nothing was imported."
    for number, says in (
        (3, "not a telephone"),
        (4, "works in a grid"),
        (5, "is 王小明's here"),
        (6, "another telephone"),
        (7, "nobody carries"),
        (8, "without spaces"),
    ):
        [line] = [line for line in result.output.splitlines() if line.startswith(f"line {number}:")]
        assert says in line
    assert counts(database) == before


def test_people_of_the_same_name_are_told_apart_by_telephone(
    run: Run, write: Callable[[str], Path]
) -> None:
    two = "姓名,电话,岗位\n王伟,13812345678,调度员\n王伟,13912345678,调度员\n"
    assert "2 people" in run("staff", "import", write(two)).output
    unclear = run("staff", "import", write("姓名,电话,岗位\n王伟,,执法队员\n"))
    assert "Several people are called 王伟" in unclear.output


def test_a_telephone_that_one_of_two_lines_lacks_makes_no_second_person(
    run: Run, write: Callable[[str], Path]
) -> None:
    result = run(
        "staff", "import", write("姓名,电话,岗位\n王伟,,调度员\n王伟,138 1234 5678,执法队员\n")
    )
    assert "line 3: A 王伟 is here without a telephone" in result.output
    assert "nothing was imported" in message(result)


def test_passwords_need_a_new_file(
    run: Run, write: Callable[[str], Path], database: Database, tmp_path: Path
) -> None:
    assert "--passwords FILE" in message(run("staff", "import", write(LIST)))
    taken = tmp_path / "taken.csv"
    taken.write_text("keep me")
    arguments = ("staff", "import", write(LIST), "--passwords")
    assert "is there already" in message(run(*arguments, taken))
    assert taken.read_text() == "keep me"
    assert "cannot be written" in message(run(*arguments, tmp_path / "no" / "folder.csv"))
    assert counts(database) == (0, 0, 0, 0, 0)


def test_a_list_can_be_checked_first(
    run: Run, write: Callable[[str], Path], database: Database
) -> None:
    result = run("staff", "import", write(LIST), "--check")
    assert "3 people, 4 posts, 1 units and 2 accounts would be made" in result.output
    assert counts(database) == (0, 0, 0, 0, 0)
