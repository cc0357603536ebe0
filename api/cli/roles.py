"""`wangge roles`: what each role may do in this installation."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.accounts import Role, permissions_of
from api.accounts.overrides import read_overrides, set_permission
from api.accounts.roles import Permission
from api.cli.options import DataOption, find_installation
from data.audit import Who

app = typer.Typer(help="What each role may do.", no_args_is_help=True)

RoleArgument = Annotated[Role, typer.Argument(metavar="ROLE", show_default=False)]
PermissionArgument = Annotated[Permission, typer.Argument(metavar="PERMISSION", show_default=False)]


@app.command("list")
def list_all(data: DataOption = None) -> None:
    """Show what each role may do, and where that differs from what it may by default."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        overrides = read_overrides(conn)
    table = Table("role", "permissions", "changed here", box=None, pad_edge=False)
    for role in Role:
        now, by_default = permissions_of(role, overrides=overrides[role]), permissions_of(role)
        changes = [f"+{word}" for word in sorted(now - by_default)]
        changes += [f"-{word}" for word in sorted(by_default - now)]
        table.add_row(role, " ".join(sorted(now)), " ".join(changes))
    Console().print(table)


@app.command("grant")
def grant(role: RoleArgument, permission: PermissionArgument, data: DataOption = None) -> None:
    """Give a role a permission, for everybody who has the role, at once."""
    _set(role, permission, True, data)


@app.command("revoke")
def revoke(role: RoleArgument, permission: PermissionArgument, data: DataOption = None) -> None:
    """Take a permission away from a role, for everybody who has the role, at once."""
    _set(role, permission, False, data)


def _set(role: Role, permission: Permission, granted: bool, data: DataOption) -> None:
    with find_installation(data).open_database() as database, database.begin() as conn:
        set_permission(conn, role, permission, granted, who=Who.at_the_machine())
    typer.echo(f"{role}: {permission} {'granted' if granted else 'revoked'}")
