"""`wangge accounts`: who may sign in."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from api.accounts import Role
from api.accounts.passwords import hash_password
from api.accounts.service import create_account
from api.accounts.store import list_accounts, set_disabled, set_password_hash
from api.cli.options import DataOption, find_installation
from data.database import Database
from data.editions import GridIndexes
from gis.errors import InvalidInput

app = typer.Typer(help="Who may sign in.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@app.command("create")
def create(
    name: NameArgument,
    role: Annotated[Role, typer.Option(help="What the account may do.", show_default=False)],
    grid: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="The grid that it works in, with all below it."),
    ] = None,
    password_stdin: PasswordStdin = False,
    data: DataOption = None,
) -> None:
    """Create an account."""
    if grid is None and role.works_in_a_grid:
        raise InvalidInput(f"A {role} works in a grid: say which with --grid CODE.", field="grid")
    # A gateway signs in with a token and needs no password.
    password = (
        None if role is Role.GATEWAY and not password_stdin else read_password(password_stdin)
    )
    with find_installation(data).open_database() as database, database.begin() as conn:
        if grid is not None:
            _require_grid(conn, database, grid)
        create_account(conn, username=name, password=password, role=role, grid_code=grid)
    typer.echo(f"{name}: created, {role}")


@app.command("list")
def list_all(data: DataOption = None) -> None:
    """List the accounts."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        found = list_accounts(conn)
    table = Table("name", "role", "staff", "grid", "state", box=None, pad_edge=False)
    for account in found:
        table.add_row(
            account.username,
            account.role,
            account.name if account.staff_id is not None else "",
            account.grid_code or "",
            "disabled" if account.disabled else "",
        )
    Console().print(table)


@app.command("password")
def change_password(
    name: NameArgument, password_stdin: PasswordStdin = False, data: DataOption = None
) -> None:
    """Give an account another password, and end its sessions."""
    hashed = hash_password(read_password(password_stdin))
    with find_installation(data).open_database() as database, database.begin() as conn:
        set_password_hash(conn, name, hashed)
    typer.echo(f"{name}: password changed")


@app.command("disable")
def disable(name: NameArgument, data: DataOption = None) -> None:
    """Shut an account out, at once. What it did stays on the record under its name."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        set_disabled(conn, name, True)
    typer.echo(f"{name}: disabled")


@app.command("enable")
def enable(name: NameArgument, data: DataOption = None) -> None:
    """Let a disabled account in again."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        set_disabled(conn, name, False)
    typer.echo(f"{name}: enabled")


def read_password(from_stdin: bool) -> str:
    """One line of standard input, or asked for twice at a terminal. Raises InvalidInput."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InvalidInput("Pipe the password in and add --password-stdin.", field="password")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _require_grid(conn: Connection, database: Database, code: str) -> None:
    """Before the first activation any code is taken; afterwards it must be a grid that exists."""
    index = GridIndexes(database).active(conn)
    if index is not None and code not in index.tree:
        raise InvalidInput(
            f"There is no grid {code} in the active edition; see 'wangge grids' or the map.",
            field="grid",
        )
