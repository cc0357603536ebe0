"""`wangge layers seed`: a layer's tiles as one file, which the server answers from while it is true."""

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.cli.options import DataOption, find_installation
from data.database import Database
from data.installation import Installation
from layers.catalog import find_layer
from layers.tiles.archive import archives_dir
from layers.tiles.seeding import seed

app = typer.Typer(help="The layers of the map.", no_args_is_help=True)

ZoomOption = Annotated[int | None, typer.Option(min=0, max=20, help="[the layer's own]")]


@app.command("seed")
def seed_layer(
    layer_id: Annotated[str, typer.Argument(metavar="LAYER", help="basemap")],
    *,
    minzoom: ZoomOption = None,
    maxzoom: ZoomOption = None,
    data: DataOption = None,
) -> None:
    """Write all tiles of a layer into one .pmtiles file in the data directory.

    The server answers from it until the layer changes. A running one takes up the new file by itself.
    Interrupted, the command leaves the file that was there.
    """
    installation = find_installation(data)
    with installation.open_database() as database:
        write_archive(installation, database, layer_id, minzoom=minzoom, maxzoom=maxzoom)


def write_archive(
    installation: Installation,
    database: Database,
    layer_id: str,
    *,
    minzoom: int | None = None,
    maxzoom: int | None = None,
) -> None:
    """With a bar while it lasts and a line at the end."""
    with database.begin() as conn:
        layer = find_layer(conn, layer_id)
    columns = (
        TextColumn("Writing tiles"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        seeded = seed(
            database,
            layer,
            archives_dir(installation.data_dir),
            minzoom=layer.minzoom if minzoom is None else minzoom,
            maxzoom=layer.maxzoom if maxzoom is None else maxzoom,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    typer.echo(
        f"{seeded.path}: {seeded.tiles:,} tiles of {layer_id} (version {seeded.version}), "
        f"{seeded.size_bytes / 1e6:.1f} MB"
    )
