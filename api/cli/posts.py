"""The options of commands that speak of roles and grids. A role may be named in Chinese."""

from typing import Annotated

import typer

from api.accounts import Role
from api.accounts.role_names import read_role, read_staff_role
from gis.errors import InvalidInput
from patrol.duty.staff_roles import StaffRole


def parse_role(text: str) -> Role:
    try:
        return read_role(text)
    except InvalidInput as error:
        raise typer.BadParameter(error.message) from error


def parse_staff_role(text: str) -> StaffRole:
    try:
        return read_staff_role(text)
    except InvalidInput as error:
        raise typer.BadParameter(error.message) from error


RoleOption = Annotated[
    Role,
    typer.Option(
        parser=parse_role,
        metavar="ROLE",
        help="What the account may do: grid_chief or 网格长; 'wangge roles list' names them all.",
        show_default=False,
    ),
]
StaffRoleOption = Annotated[
    StaffRole,
    typer.Option(
        parser=parse_staff_role,
        metavar="ROLE",
        help="grid_worker or 网格员, or another of the staff's.",
        show_default=False,
    ),
]
GridOption = Annotated[
    str | None, typer.Option(metavar="CODE", help="The grid; without one, the whole town.")
]
