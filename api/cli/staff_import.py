"""`wangge staff import`: a town's list of its staff, with accounts for those who are to have one."""

import csv
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.progress import track

from api.accounts.passwords import generate_password, hash_password
from api.cli.options import DataOption, find_installation
from api.staffing.importing import Imported, import_lines
from api.staffing.sheet import LineProblem, Sheet, read_sheet
from data.audit import Who
from data.database import Database
from data.editions import active_grid_codes
from gis.errors import Conflict, InvalidInput


def import_staff(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv",
            help="With the headings name, phone, role, grid, deputy, unit, username "
            "(姓名, 电话, 岗位, 网格, 副岗, 单元, 账号).",
            show_default=False,
        ),
    ],
    *,
    passwords: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to write the passwords of new accounts."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only say what would be made, or what is wrong.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Make the staff, posts, units and accounts of a list: all of it, or nothing if a line is wrong.

    One line is one post. Nothing that is there is changed; importing the same list again adds nothing.
    """
    sheet = read_sheet(file)
    if sheet.ignored:
        typer.echo(f"Columns that mean nothing here: {', '.join(sheet.ignored)}", err=True)
    now = datetime.now(UTC)
    with find_installation(data).open_database() as database:
        expected = _rehearse(database, sheet, now)
        _refuse([*sheet.problems, *expected.problems])
        if check:
            _report(expected, "would be made")
            return
        known = _generate_passwords(expected.usernames, passwords)
        made = _import(database, sheet, now, expected=expected, passwords=known, file=passwords)
    _report(made, "made")
    if known:
        typer.echo(f"The passwords are in {passwords}; each is to be changed at the first sign-in.")


def _rehearse(database: Database, sheet: Sheet, now: datetime) -> Imported:
    with database.engine.connect() as conn:  # rolled back at its end
        return import_lines(
            conn,
            Who.at_the_machine(),
            sheet.lines,
            grids=active_grid_codes(conn),
            password_hashes={},
            at=now,
        )


def _import(
    database: Database,
    sheet: Sheet,
    now: datetime,
    *,
    expected: Imported,
    passwords: Mapping[str, str],
    file: Path | None,
) -> Imported:
    # Before the transaction: hashing is slow on purpose, and the audit waits for no one.
    hashes = {
        username: hash_password(password)
        for username, password in track(
            passwords.items(), "Making accounts", console=Console(stderr=True), transient=True
        )
    }
    with _new_file(file if passwords else None) as stream, database.begin() as conn:
        made = import_lines(
            conn,
            Who.at_the_machine(),
            sheet.lines,
            grids=active_grid_codes(conn),
            password_hashes=hashes,
            at=now,
        )
        if made != expected:
            raise Conflict("Somebody changed the staff meanwhile; nothing was imported, try again.")
        if stream is not None:
            _write_passwords(stream, made.usernames, passwords)
    return made


def _generate_passwords(usernames: Mapping[str, str], file: Path | None) -> dict[str, str]:
    """By username. Raises InvalidInput when there is no place to write them, for they are told once."""
    if usernames and file is None:
        raise InvalidInput(
            f"{len(usernames)} accounts would be made; say where to write their passwords with "
            "--passwords FILE.",
            field="passwords",
        )
    if usernames and file is not None and file.exists():
        raise InvalidInput(
            f"{file} is there already; name a new file for the passwords.", field="passwords"
        )
    return {username: generate_password() for username in usernames}


@contextmanager
def _new_file(file: Path | None) -> Iterator[TextIO | None]:
    """Readable by its owner only, in an encoding that spreadsheets take, and gone if the block fails."""
    if file is None:
        yield None
        return
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InvalidInput(
            f"{file} cannot be written: {error.strerror}. Nothing was imported.", field="passwords"
        ) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as stream:
            yield stream
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _write_passwords(
    stream: TextIO, names: Mapping[str, str], passwords: Mapping[str, str]
) -> None:
    """On the disk when it returns: no account is committed whose password nobody knows."""
    writer = csv.writer(stream)
    writer.writerow(["姓名 name", "账号 username", "密码 password"])
    writer.writerows([names[username], username, passwords[username]] for username in names)
    stream.flush()
    os.fsync(stream.fileno())


def _refuse(problems: list[LineProblem]) -> None:
    if not problems:
        return
    for problem in sorted(problems, key=lambda each: each.number):
        typer.echo(f"line {problem.number}: {problem.message}", err=True)
    raise InvalidInput(f"{len(problems)} lines cannot be used; nothing was imported.", field="file")


def _report(made: Imported, verb: str) -> None:
    typer.echo(
        f"{made.staff} people, {made.posts} posts, {made.units} units and {len(made.usernames)} "
        f"accounts {verb}; {made.unchanged} lines were there already."
    )
