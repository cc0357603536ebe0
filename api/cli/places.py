"""`wangge cameras|facilities|sensors import`: what stands at a place, from files at the machine."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from sqlalchemy import Connection

from api.cli.options import DataOption, find_installation
from data.audit import Who, record
from data.files.reading import find_files
from data.places import ImportReport, PlacesFile, read_places
from layers.cameras.importing import import_cameras
from layers.facilities.importing import import_facilities
from patrol.sensors.register import import_sensors

cameras = typer.Typer(help="Cameras.", no_args_is_help=True)
facilities = typer.Typer(help="Facilities.", no_args_is_help=True)
sensors = typer.Typer(help="Sensors.", no_args_is_help=True)

FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Tables (CSV) and maps.", show_default=False)
]
CrsOption = Annotated[
    str | None, typer.Option(help="What the files are in; a table's own is wgs84.")
]
_MOST_TOLD = 20


@cameras.command("import")
def import_camera_files(
    files: FilesArgument, *, crs: CrsOption = None, data: DataOption = None
) -> None:
    """Make what is new and change what is otherwise. The same files again change nothing."""

    def store(conn: Connection, read: Sequence[PlacesFile]) -> ImportReport:
        return import_cameras(conn, read, at=datetime.now(UTC))

    _import(files, crs, data, "camera.import", store)


@facilities.command("import")
def import_facility_files(
    files: FilesArgument,
    *,
    kind: Annotated[str | None, typer.Option(help="Of all of them.")] = None,
    crs: CrsOption = None,
    data: DataOption = None,
) -> None:
    """As one import, which can be taken back through the API. The same files again change nothing."""

    def store(conn: Connection, read: Sequence[PlacesFile]) -> ImportReport:
        who = Who.at_the_machine()
        name = ", ".join(file.label for file in read)[:200]
        number, report = import_facilities(
            conn, read, kind=kind, name=name, by=who.name, at=datetime.now(UTC)
        )
        if number is not None:
            typer.echo(f"Import {number}")
        return report

    _import(files, crs, data, "facility.import", store)


@sensors.command("import")
def import_sensor_files(
    files: FilesArgument, *, crs: CrsOption = None, data: DataOption = None
) -> None:
    """Make what is new and change what is otherwise. The same files again change nothing."""
    _import(files, crs, data, "sensor.import", import_sensors)


def _import(
    files: Sequence[Path],
    crs: str | None,
    data: Path | None,
    action: str,
    store: Callable[[Connection, Sequence[PlacesFile]], ImportReport],
) -> None:
    paths = [path for file in files for path in find_files(file)]
    console = Console(stderr=True)
    read = [
        read_places(path, crs=crs)
        for path in track(paths, "Reading", console=console, transient=True)
    ]
    with find_installation(data).open_database() as database, database.begin() as conn:
        report = store(conn, read)
        details = {"files": [file.label for file in read], **report.counts}
        record(conn, Who.at_the_machine(), action, details=details)
    for problem in report.refused[:_MOST_TOLD]:
        typer.echo(f"{problem.number}: {problem.message}", err=True)
    if len(report.refused) > _MOST_TOLD:
        typer.echo(f"and {len(report.refused) - _MOST_TOLD:,} more", err=True)
    counts = report.counts
    typer.echo(
        f"{counts['new']:,} new, {counts['changed']:,} changed, {counts['unchanged']:,} there already, "
        f"{counts['refused']:,} refused."
    )
