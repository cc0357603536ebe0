"""`wangge basemap`: the ground under the grids, from OpenStreetMap's files or the town's own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.cli.options import DataOption, find_installation
from api.cli.seeding import write_archive
from data.audit import Who, record
from data.basemap import (
    KINDS,
    BasemapFeature,
    Frame,
    OwnFields,
    clipped,
    features_of_file,
    frame_of_grids,
    is_osm,
    read_osm,
    read_sources,
    remove_source,
    replace_source,
)
from data.database import Database
from data.files import find_files, parse_crs, read_features
from gis.errors import InvalidInput

app = typer.Typer(help="The ground under the grids.", no_args_is_help=True)

_OSM = "osm"


@app.command("build")
def build(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="OpenStreetMap's .osm, .osm.gz, .osm.bz2 or .pbf; or the town's own files.",
        ),
    ],
    *,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What the features are replaced by next time. [osm, or the file's name]",
        ),
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help=f"Of a file of the town's own: {', '.join(KINDS)}.")
    ] = None,
    category: Annotated[
        str, typer.Option("--class", metavar="CLASS", help="Of its features: primary, park, …")
    ] = "",
    class_field: Annotated[str | None, typer.Option(metavar="FIELD")] = None,
    name_field: Annotated[str | None, typer.Option(metavar="FIELD")] = None,
    bbox: Annotated[
        str | None,
        typer.Option(metavar="W,S,E,N", help="Keep what is in this box. [around the grids]"),
    ] = None,
    margin_km: Annotated[
        float, typer.Option(min=0, max=500, help="How far beyond the grids.")
    ] = 3.0,
    everything: Annotated[
        bool, typer.Option("--everything", help="Keep what is far from the grids too.")
    ] = False,
    crs: Annotated[
        str | None,
        typer.Option(metavar="CRS", help="Of a file of the town's own, whatever it says."),
    ] = None,
    layer: Annotated[str | None, typer.Option(help="Of a file with several.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The encoding of a shapefile.")] = None,
    seed: Annotated[
        bool, typer.Option("--seed", help="Write the tiles too: 'wangge layers seed basemap'.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Draw the basemap from files.

    What came of the same source before is replaced, in one transaction; everything else stays.
    Interrupted, the command has changed nothing.
    """
    own = None
    if kind is not None:
        own = OwnFields(
            kind=kind, category=category, class_field=class_field, name_field=name_field
        )
    files = [file for path in paths for file in ([path] if is_osm(path) else find_files(path))]
    wrong = next((file for file in files if is_osm(file) is (own is not None)), None)
    if wrong is not None:
        raise InvalidInput(
            f"{wrong} says itself what it draws; leave --kind out."
            if own is not None
            else f"Say what {wrong} draws: --kind {'|'.join(KINDS)}, and --class.",
            field="kind",
        )
    source_crs = None if crs is None else parse_crs(crs)

    def features() -> Iterator[BasemapFeature]:
        for file in files:
            if own is None:
                yield from read_osm(file)
            else:
                read = read_features(file, crs=source_crs, layer=layer, encoding=encoding)
                yield from features_of_file(read, own)

    named = source or (_OSM if own is None else paths[0].stem)
    installation = find_installation(data)
    with installation.open_database() as database:
        frame = None if everything else _frame(database, bbox, margin_km)
        kept = list(_counted(clipped(features(), frame)))
        if not kept:
            raise InvalidInput(
                "Nothing of that is on this map; is it another place? --everything keeps it anyway."
            )
        with database.begin() as conn:
            stored = replace_source(conn, named, kept)
            record(
                conn,
                Who.at_the_machine(),
                "basemap.build",
                f"source {named}",
                details={"files": [file.name for file in files], **stored.counts},
            )
        counts = ", ".join(f"{count:,} {kind}" for kind, count in sorted(stored.counts.items()))
        typer.echo(f"{named}: {counts}")
        if seed:
            write_archive(installation, database, "basemap")


@app.command("list")
def list_sources(data: DataOption = None) -> None:
    """What the basemap comes from."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        sources = read_sources(conn)
    table = Table("source", *KINDS, box=None, pad_edge=False)
    for stored in sources:
        table.add_row(stored.source or '""', *(f"{stored.counts.get(kind, 0):,}" for kind in KINDS))
    Console(highlight=False).print(table)


@app.command("remove")
def remove(
    source: Annotated[str, typer.Argument(metavar="SOURCE")], data: DataOption = None
) -> None:
    """Take what came of a source off the map."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        gone = remove_source(conn, source)
        record(conn, Who.at_the_machine(), "basemap.remove", f"source {source}")
    typer.echo(f"{source}: {gone:,} features removed")


def _frame(database: Database, bbox: str | None, margin_km: float) -> Frame | None:
    if bbox is not None:
        return Frame.parse(bbox)
    with database.begin() as conn:
        frame = frame_of_grids(conn)
    if frame is None:
        typer.echo("No grid edition is active, so everything is kept.")
        return None
    return frame.wider(margin_km)


def _counted(features: Iterator[BasemapFeature]) -> Iterator[BasemapFeature]:
    columns = (
        SpinnerColumn(),
        TextColumn("Reading: {task.completed:,} to draw"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        for number, feature in enumerate(features, start=1):
            if number % 500 == 0:
                bar.update(task, completed=number)
            yield feature
