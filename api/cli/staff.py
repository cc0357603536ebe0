"""`wangge staff`: the people, and their posts."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api import staffing
from api.cli.options import DataOption, find_installation
from api.cli.posts import GridOption, parse_staff_role
from api.cli.staff_import import import_staff
from api.masking import mask_phone
from data.audit import Who
from data.editions import active_grid_codes
from data.scope import Scope
from gis.errors import InvalidInput
from patrol.duty.appointments import Appointment
from patrol.duty.staff import Person, list_staff
from patrol.duty.staff_roles import StaffRole

app = typer.Typer(help="The people, and their posts.", no_args_is_help=True)

app.command("import")(import_staff)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    *,
    phone: Annotated[str | None, typer.Option(metavar="NUMBER")] = None,
    role: Annotated[
        StaffRole | None,
        typer.Option(
            parser=parse_staff_role, metavar="ROLE", help="Of their first post, from now on."
        ),
    ] = None,
    grid: GridOption = None,
    deputy: Annotated[bool, typer.Option("--deputy", help="They stand in for the holder.")] = False,
    data: DataOption = None,
) -> None:
    """Write somebody down, and print their staff number."""
    if role is None and (grid is not None or deputy):
        raise InvalidInput("Say with --role what they are in that grid.", field="role")
    with find_installation(data).open_database() as database, database.begin() as conn:
        who = Who.at_the_machine()
        staff_id = staffing.create_staff(conn, who, Person(name=name, phone=phone))
        if role is not None:
            staffing.appoint(
                conn,
                who,
                staff_id,
                role=role,
                grid_code=grid,
                is_deputy=deputy,
                valid_from=datetime.now(UTC),
                grids=active_grid_codes(conn),
            )
    typer.echo(str(staff_id))


@app.command("list")
def list_all(data: DataOption = None) -> None:
    """List everybody, with the posts that they hold."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        members = list_staff(conn, scope=Scope.everything(), everybody=True, at=datetime.now(UTC))
    table = Table("id", "name", "phone", "posts", "units", box=None, pad_edge=False)
    for member in members:
        phone = member.person.phone
        table.add_row(
            str(member.id),
            member.person.name,
            "" if phone is None else mask_phone(phone),
            ", ".join(_said(post) for post in member.posts),
            ", ".join(member.units),
        )
    Console(markup=False, highlight=False).print(table)


def _said(post: Appointment) -> str:
    words = [post.role, post.grid_code or "", "(deputy)" if post.is_deputy else ""]
    return " ".join(word for word in words if word)
