"""`wangge units`: who or what reports positions."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api import staffing
from api.cli.options import DataOption, find_installation
from api.cli.posts import GridOption, StaffRoleOption
from data.audit import Who
from data.editions import active_grid_codes
from patrol.tracking.unit_register import UnitEntry, UnitKind, list_entries

app = typer.Typer(help="Who or what reports positions.", no_args_is_help=True)


@app.command("create")
def create(
    code: Annotated[str, typer.Argument(metavar="CODE", help="GW-017", show_default=False)],
    *,
    name: Annotated[str, typer.Option(help="Of its person, or of the vehicle.")],
    role: StaffRoleOption,
    kind: Annotated[UnitKind, typer.Option(help="What it is.")] = UnitKind.PERSON,
    staff: Annotated[
        int | None, typer.Option(metavar="ID", help="The number of whoever carries it.")
    ] = None,
    grid: GridOption = None,
    always_on_duty: Annotated[
        bool, typer.Option("--always-on-duty", help="A vehicle whose terminal knows no shifts.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Make a unit."""
    unit = UnitEntry(
        code=code,
        kind=kind,
        name=name,
        role=role,
        staff_id=staff,
        grid_code=grid,
        always_on_duty=always_on_duty,
    )
    with find_installation(data).open_database() as database, database.begin() as conn:
        staffing.create_unit(conn, Who.at_the_machine(), unit, grids=active_grid_codes(conn))
    typer.echo(f"{code}: created, {kind}, {role}")


@app.command("list")
def list_all(data: DataOption = None) -> None:
    """List the units."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        entries = list_entries(conn)
    table = Table("code", "kind", "name", "role", "staff", "grid", "", box=None, pad_edge=False)
    for unit in entries:
        table.add_row(
            unit.code,
            unit.kind,
            unit.name,
            unit.role,
            "" if unit.staff_id is None else str(unit.staff_id),
            unit.grid_code or "",
            "always on duty" if unit.always_on_duty else "",
        )
    Console(markup=False, highlight=False).print(table)
