"""`wangge accounts`: who may sign in."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from api.accounts import Role, administration
from api.accounts.entries import AccountEntry, AccountSettings, list_entries
from api.accounts.passwords import generate_password, hash_password
from api.accounts.roles import Permission
from api.cli.options import DataOption, find_installation
from api.cli.posts import RoleOption, parse_role
from data.audit import Who
from data.editions import active_grid_codes
from gis.errors import InvalidInput

app = typer.Typer(help="Who may sign in.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
PermissionArgument = Annotated[Permission, typer.Argument(metavar="PERMISSION", show_default=False)]
GridOption = Annotated[
    str | None,
    typer.Option(metavar="CODE", help="The grid that it works in, with all below it."),
]
StaffOption = Annotated[
    int | None,
    typer.Option(metavar="ID", help="The staff number of whose it is: 'wangge staff list'."),
]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]
GeneratePassword = Annotated[
    bool,
    typer.Option(
        "--generate-password",
        help="Print a password, once; it has to be changed at the first sign-in.",
    ),
]


@app.command("create")
def create(
    name: NameArgument,
    *,
    role: RoleOption,
    grid: GridOption = None,
    staff: StaffOption = None,
    password_stdin: PasswordStdin = False,
    generate: GeneratePassword = False,
    data: DataOption = None,
) -> None:
    """Create an account."""
    if grid is None and staff is None and role.works_in_a_grid:
        raise InvalidInput(
            f"A {role} works in a grid: say which with --grid CODE, or with --staff ID who on the staff "
            "it is that holds a post in one.",
            field="grid",
        )
    # A gateway signs in with a token and needs no password.
    without = role.is_gateway and not (password_stdin or generate)
    password = None if without else _new_password(password_stdin, generate)
    hashed = None if password is None else hash_password(password, username=name)
    with _transaction(data) as conn:
        administration.create_account(
            conn,
            Who.at_the_machine(),
            name,
            AccountSettings(role=role, grid_code=grid, staff_id=staff),
            password_hash=hashed,
            must_change=generate,
            grids=active_grid_codes(conn),
            at=datetime.now(UTC),
        )
    typer.echo(f"{name}: created, {role}")
    _tell(password, generate)


@app.command("list")
def list_all(data: DataOption = None) -> None:
    """List the accounts."""
    with _transaction(data) as conn:
        found = list_entries(conn)
    table = Table("name", "role", "staff", "grid", "granted", "state", box=None, pad_edge=False)
    for account in found:
        settings = account.settings
        table.add_row(
            account.username,
            settings.role,
            "" if settings.staff_id is None else f"{settings.staff_id} {account.name}",
            settings.grid_code or "",
            " ".join(sorted(settings.granted)),
            ", ".join(_state(account)),
        )
    Console(markup=False, highlight=False).print(table)


@app.command("change")
def change(
    name: NameArgument,
    *,
    role: Annotated[
        Role | None, typer.Option(parser=parse_role, metavar="ROLE", help="What it may do.")
    ] = None,
    grid: GridOption = None,
    no_grid: Annotated[bool, typer.Option("--no-grid", help="Take its grid away.")] = False,
    staff: StaffOption = None,
    no_staff: Annotated[bool, typer.Option("--no-staff", help="It is nobody's.")] = False,
    data: DataOption = None,
) -> None:
    """Change an account's role, grid or person, at once."""
    changes: dict[str, Any] = {}
    if role is not None:
        changes["role"] = role
    if grid is not None or no_grid:
        changes["grid_code"] = grid
    if staff is not None or no_staff:
        changes["staff_id"] = staff
    if (grid is not None and no_grid) or (staff is not None and no_staff) or not changes:
        raise InvalidInput(
            "Say what to change: --role, --grid or --no-grid, --staff or --no-staff."
        )
    _change(data, name, **changes)
    typer.echo(f"{name}: changed")


@app.command("grant")
def grant(name: NameArgument, permission: PermissionArgument, data: DataOption = None) -> None:
    """Give one account a permission beyond those of its role, at once."""
    with _transaction(data) as conn:
        granted = administration.lock_entry(conn, name).settings.granted
        _change_in(conn, name, granted=granted | {permission})
    typer.echo(f"{name}: {permission} granted")


@app.command("revoke")
def revoke(name: NameArgument, permission: PermissionArgument, data: DataOption = None) -> None:
    """Take a permission away that the account had beyond those of its role."""
    with _transaction(data) as conn:
        settings = administration.lock_entry(conn, name).settings
        if permission not in settings.granted:
            raise InvalidInput(
                f"{permission} was not granted to {name} itself; what comes with the role "
                f"{settings.role} is taken away for all who have it: wangge roles revoke.",
                field="permission",
            )
        _change_in(conn, name, granted=settings.granted - {permission})
    typer.echo(f"{name}: {permission} revoked")


@app.command("password")
def change_password(
    name: NameArgument,
    password_stdin: PasswordStdin = False,
    generate: GeneratePassword = False,
    data: DataOption = None,
) -> None:
    """Give an account another password, and end its sessions."""
    password = _new_password(password_stdin, generate)
    hashed = hash_password(password, username=name)
    with _transaction(data) as conn:
        administration.set_password(conn, Who.at_the_machine(), name, hashed, must_change=generate)
    typer.echo(f"{name}: password changed")
    _tell(password, generate)


@app.command("sign-out")
def sign_out(name: NameArgument, data: DataOption = None) -> None:
    """End every session of an account and revoke its tokens, at once."""
    with _transaction(data) as conn:
        ended = administration.sign_out_everywhere(conn, Who.at_the_machine(), name)
    typer.echo(f"{name}: {ended} ended")


@app.command("remove-totp")
def remove_totp(name: NameArgument, data: DataOption = None) -> None:
    """Take an account's second factor away, for somebody who lost what makes their codes."""
    with _transaction(data) as conn:
        administration.remove_totp(conn, Who.at_the_machine(), name)
    typer.echo(f"{name}: signs in without a second factor")


@app.command("disable")
def disable(name: NameArgument, data: DataOption = None) -> None:
    """Shut an account out, at once. What it did stays on the record under its name."""
    _change(data, name, disabled=True)
    typer.echo(f"{name}: disabled")


@app.command("enable")
def enable(name: NameArgument, data: DataOption = None) -> None:
    """Let a disabled account in again."""
    _change(data, name, disabled=False)
    typer.echo(f"{name}: enabled")


def read_password(from_stdin: bool) -> str:
    """One line of standard input, or asked for twice at a terminal. Raises InvalidInput."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InvalidInput(
            "Pipe the password in and add --password-stdin, or use --generate-password.",
            field="password",
        )
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _new_password(from_stdin: bool, generate: bool) -> str:
    if from_stdin and generate:
        raise InvalidInput("Either --password-stdin or --generate-password.", field="password")
    return generate_password() if generate else read_password(from_stdin)


def _tell(password: str | None, generated: bool) -> None:
    if password is not None and generated:
        typer.echo(f"password, to be changed at the first sign-in: {password}")


def _state(account: AccountEntry) -> Iterator[str]:
    if account.settings.disabled:
        yield "disabled"
    if account.must_change_password:
        yield "must change password"
    if account.has_totp:
        yield "second factor"
    if account.device is not None:
        yield f"device {account.device}"


@contextmanager
def _transaction(data: Path | None) -> Iterator[Connection]:
    with find_installation(data).open_database() as database, database.begin() as conn:
        yield conn


def _change(data: Path | None, name: str, **changes: Any) -> None:
    with _transaction(data) as conn:
        _change_in(conn, name, **changes)


def _change_in(conn: Connection, name: str, **changes: Any) -> None:
    before = administration.lock_entry(conn, name)
    administration.change_account(
        conn,
        Who.at_the_machine(),
        before,
        replace(before.settings, **changes),
        grids=active_grid_codes(conn),
        at=datetime.now(UTC),
    )
