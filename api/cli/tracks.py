"""`wangge tracks`: where units have been, from files and as files."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track as progress
from rich.table import Table

from api.cli import track_export
from api.cli.options import DataOption, find_installation
from data.editions import GridIndexes
from data.tracks import (
    StoredTrack,
    Track,
    find_track_files,
    read_plt,
    store_track,
    unit_ids,
    unit_of_folder,
)
from gis.errors import InvalidInput, UnreadableFile
from patrol.tracks.expiry import KeepSettings

app = typer.Typer(help="Tracks from files, and as files.", no_args_is_help=True)
app.command("export")(track_export.export)

_LINES_SHOWN = 10


class UnitKind(StrEnum):
    PERSON = "person"
    VEHICLE = "vehicle"


@app.command("import")
def import_tracks(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Geolife .plt files, or folders of them."),
    ],
    *,
    unit: Annotated[
        str | None, typer.Option(metavar="CODE", help="The unit that the tracks are of.")
    ] = None,
    unit_from_folder: Annotated[
        bool,
        typer.Option(
            "--unit-from-folder", help="Each file's folder names its unit: 000/Trajectory/a.plt"
        ),
    ] = False,
    create_units: Annotated[
        bool, typer.Option("--create-units", help="Make the units that are missing.")
    ] = False,
    kind: Annotated[UnitKind, typer.Option(help="What made units are.")] = UnitKind.PERSON,
    data: DataOption = None,
) -> None:
    """Store the fixes of files. Importing the same file again changes nothing.

    Each file is one transaction: interrupted, the command has stored whole files.
    """
    if (unit is None) != unit_from_folder:
        raise InvalidInput(
            "Say whose tracks these are: either --unit CODE or --unit-from-folder.", field="unit"
        )
    files = find_track_files(paths)
    unit_of = {file: unit_of_folder(file) if unit is None else unit for file in files}
    console = Console(stderr=True, highlight=False)
    report = _Report()
    with find_installation(data).open_database() as database:
        with database.begin() as conn:
            ids = unit_ids(conn, unit_of.values(), create=create_units, kind=kind.value)
            index = GridIndexes(database).active(conn)
        for file in progress(files, "Importing", console=console, transient=True):
            try:
                track = read_plt(file, now=datetime.now(UTC))
            except UnreadableFile as error:
                report.unreadable.append(error.message)
                continue
            with database.begin() as conn:
                stored = store_track(conn, track, unit_id=ids[unit_of[file]], index=index)
            report.add(file, unit_of[file], track, stored)
    report.print(Console(highlight=False))
    if index is None:
        typer.echo("No grid edition is active, so the fixes are in no grid.")
    keep = KeepSettings.from_environment()
    if report.begins_before(datetime.now(UTC) - keep.fixes):
        typer.echo(
            f"The server drops fixes older than {keep.fixes_days} days every night and keeps each day "
            "in numbers; set WANGGE_KEEP_FIXES_DAYS before it runs to keep these."
        )
    if report.unreadable:
        raise UnreadableFile(f"{len(report.unreadable)} of {len(files)} files could not be read.")


class _Report:
    """What became of each file, and of all together."""

    def __init__(self) -> None:
        self.unreadable: list[str] = []
        self._begins: list[datetime] = []
        self._lines: list[str] = []
        self._totals = [0, 0, 0, 0]
        self._table = Table("file", "unit", box=None, pad_edge=False)
        for column in ("read", "stored", "duplicates", "refused"):
            self._table.add_column(column, justify="right")

    def add(self, file: Path, unit: str, track: Track, stored: StoredTrack) -> None:
        refused = [(each.line, each.reason) for each in track.refused]
        refused += [(line, "the unit was elsewhere at that time") for line in stored.conflicts]
        if len(track):
            self._begins.append(track.at.min().item().replace(tzinfo=UTC))
        numbers = [track.read, stored.stored, stored.duplicates, len(refused)]
        self._totals = [total + n for total, n in zip(self._totals, numbers, strict=True)]
        self._table.add_row(file.name, unit, *map(str, numbers))
        self._lines += [
            f"{file}, line {line}: {reason}" for line, reason in sorted(refused)[:_LINES_SHOWN]
        ]
        if len(refused) > _LINES_SHOWN:
            self._lines.append(f"{file}: and {len(refused) - _LINES_SHOWN} more lines")

    def begins_before(self, instant: datetime) -> bool:
        return bool(self._begins) and min(self._begins) < instant

    def print(self, console: Console) -> None:
        self._table.add_section()
        self._table.add_row("all", "", *map(str, self._totals))
        console.print(self._table)
        for line in (*self._lines, *self.unreadable):
            console.print(line, soft_wrap=True, markup=False)
