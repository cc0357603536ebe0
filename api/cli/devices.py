"""`wangge devices`: what sends for the units."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.accounts import devices
from api.cli.options import DataOption, find_installation
from data.audit import Who
from gis.crs import Crs

app = typer.Typer(help="Phones and terminals that send for units.", no_args_is_help=True)


@app.command("enrol")
def enrol(
    unit: Annotated[str, typer.Argument(metavar="UNIT", show_default=False)],
    *,
    protocol: Annotated[
        str,
        typer.Option(
            metavar="WORD",
            help="What it speaks: osmand, traccar, owntracks, or wangge for the API's own JSON.",
        ),
    ] = "wangge",
    identifier: Annotated[
        str, typer.Option(metavar="TEXT", help="What it calls itself.", show_default=False)
    ],
    crs: Annotated[
        Crs, typer.Option(help="What its positions are in; some terminals know gcj02 only.")
    ] = Crs.WGS84,
    data: DataOption = None,
) -> None:
    """Print a token for a device of a unit, alone. It cannot be shown again."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        enrolled = devices.enrol_device(
            conn,
            Who.at_the_machine(),
            unit=unit,
            protocol=protocol,
            identifier=identifier,
            crs=crs,
            now=datetime.now(UTC),
        )
    typer.echo(enrolled.token)


@app.command("list")
def list_all(data: DataOption = None) -> None:
    """List the devices."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        found = devices.list_devices(conn)
    table = Table(
        "id", "unit", "protocol", "identifier", "crs", "enrolled", box=None, pad_edge=False
    )
    for device in found:
        table.add_row(
            str(device.id),
            device.unit,
            device.protocol,
            device.identifier,
            device.crs,
            f"{device.enrolled_at.astimezone():%Y-%m-%d}",
        )
    Console().print(table)


@app.command("revoke")
def revoke(
    device_id: Annotated[int, typer.Argument(metavar="ID", min=1, show_default=False)],
    data: DataOption = None,
) -> None:
    """Revoke a device, at once. What it has sent stays."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        device = devices.revoke_device(conn, Who.at_the_machine(), device_id)
    typer.echo(f"{device.id}: revoked, {device.protocol} {device.identifier} of {device.unit}")
