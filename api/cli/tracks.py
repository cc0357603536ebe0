"""`wangge tracks`: where units have been, from files and as files, and what it means."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.progress import track as progress
from rich.table import Table

from api.cli import track_export
from api.cli.options import DataOption, find_installation
from data.editions import GridIndexes
from data.files.crs import SourceCrs, parse_crs
from data.tracks import (
    PointColumns,
    StoredTrack,
    Track,
    find_track_files,
    parse_columns,
    read_gpx,
    read_plt,
    read_points,
    store_track,
    unit_ids,
    unit_of_folder,
)
from gis.crs import Crs
from gis.errors import InvalidInput, UnreadableFile
from patrol.tracks.analysis import analyse_changes, mark_days
from patrol.tracks.expiry import KeepSettings
from patrol.tracks.grids import VisitedGrids

app = typer.Typer(help="Tracks from files, as files, and what they mean.", no_args_is_help=True)
app.command("export")(track_export.export)

_TRACK_READERS = {".plt": read_plt, ".gpx": read_gpx}
_LINES_SHOWN = 10


class UnitKind(StrEnum):
    PERSON = "person"
    VEHICLE = "vehicle"


@app.command("import")
def import_tracks(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help=".gpx and Geolife .plt files, or folders of them; tables of points: .csv, .txt, "
            ".geojson, .gpkg, .parquet and their kin.",
        ),
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
    unit_column: Annotated[
        str | None, typer.Option(metavar="NAME", help="The column that names each fix's unit.")
    ] = None,
    time_column: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    lon_column: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    lat_column: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    columns: Annotated[
        str | None,
        typer.Option(metavar="A,B,…", help="The columns of a text whose first line is no header."),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="Of times that do not say theirs: Asia/Shanghai, UTC."),
    ] = None,
    crs: Annotated[
        str | None, typer.Option(metavar="CRS", help="wgs84, gcj02, bd09, EPSG:4549, …")
    ] = None,
    layer: Annotated[str | None, typer.Option(help="Of a file with several.")] = None,
    create_units: Annotated[
        bool, typer.Option("--create-units", help="Make the units that are missing.")
    ] = False,
    kind: Annotated[UnitKind, typer.Option(help="What made units are.")] = UnitKind.PERSON,
    data: DataOption = None,
) -> None:
    """Store the fixes of files. Importing the same file again changes nothing.

    Each file is one transaction: interrupted, the command has stored whole files.
    """
    if [unit is not None, unit_from_folder, unit_column is not None].count(True) != 1:
        raise InvalidInput(
            "Say whose tracks these are: either --unit CODE, --unit-from-folder or --unit-column NAME.",
            field="unit",
        )
    reading = _Reading(
        columns=PointColumns(
            unit=unit_column,
            time=time_column,
            lon=lon_column,
            lat=lat_column,
            names=parse_columns(columns),
        ),
        zone=None if timezone is None else _zone(timezone),
        degrees=_degrees(crs),
        projected=None if crs is None or crs.lower() in set(Crs) else parse_crs(crs),
        layer=layer,
    )
    files = find_track_files(paths)
    console = Console(stderr=True, highlight=False)
    report = _Report()
    with find_installation(data).open_database() as database:
        with database.begin() as conn:
            index = GridIndexes(database).active(conn)
            if unit_column is None:  # before anything is read
                codes = [unit_of_folder(file) if unit is None else unit for file in files]
                unit_ids(conn, codes, create=create_units, kind=kind.value)
        for file in progress(files, "Importing", console=console, transient=True):
            try:
                tracks = reading.read(file)
            except UnreadableFile as error:
                report.unreadable.append(error.message)
                continue
            if unit_column is None:
                tracks = {unit_of_folder(file) if unit is None else unit: tracks[""]}
            with database.begin() as conn:
                ids = unit_ids(conn, tracks, create=create_units, kind=kind.value)
                stored = {
                    code: store_track(
                        conn, track, unit_id=ids[code], index=index, crs=reading.degrees
                    )
                    for code, track in tracks.items()
                }
            for code, track in tracks.items():
                report.add(file, code, track, stored[code])
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


@app.command("analyse")
def analyse_tracks(
    *,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="The first day, in China."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="The last day, included."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Work out again what tracks mean: segments, trips, stops, gaps, visits, days in numbers.

    The server does so by itself whenever fixes come. This is for tracks that are older than that, and
    for after a change of what counts as a stop. Each unit's day is one transaction: interrupted, it goes
    on where it was, here or in the server.
    """
    first, last = (None if day is None else day.date() for day in (since, until))
    if first is not None and last is not None and last < first:
        raise InvalidInput("--from must not be after --to.", field="from")
    columns = (TextColumn("Analysing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        find_installation(data).open_database() as database,
        Progress(*columns, console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task("", total=mark_days(database, first, last))
        days = analyse_changes(
            database,
            VisitedGrids(GridIndexes(database)),
            before=datetime.now(UTC),
            progress=lambda days: progress.advance(task, days),
        )
    typer.echo(f"analysed: {days} days of units")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    """How the files are to be read."""

    columns: PointColumns
    zone: ZoneInfo | None
    degrees: Crs
    """What coordinates are in where they are degrees; they are kept beside those in WGS-84."""
    projected: SourceCrs | None
    layer: str | None

    def read(self, file: Path) -> dict[str, Track]:
        """The tracks in the file by their units, "" where it is of one."""
        now = datetime.now(UTC)
        reads_track = _TRACK_READERS.get(file.suffix.lower())
        if reads_track is not None:
            if self.projected is not None:
                raise UnreadableFile(
                    f"{file} holds degrees, so --crs is one of {', '.join(Crs)}.", field="crs"
                )
            return {"": reads_track(file, now=now)}
        tracks = read_points(
            file, self.columns, now=now, zone=self.zone, crs=self.projected, layer=self.layer
        )
        if not tracks:
            raise UnreadableFile(f"{file} holds no fix.")
        return tracks


def _degrees(crs: str | None) -> Crs:
    word = (crs or "").lower()
    return Crs(word) if word in set(Crs) else Crs.WGS84


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInput(
            f"{name!r} is no time zone; write one like Asia/Shanghai or UTC.", field="timezone"
        ) from error


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
        refused = [(each.number, each.reason) for each in track.refused]
        refused += [(number, "the unit was elsewhere at that time") for number in stored.conflicts]
        if len(track):
            self._begins.append(track.at.min().item().replace(tzinfo=UTC))
        numbers = [track.read, stored.stored, stored.duplicates, len(refused)]
        self._totals = [total + n for total, n in zip(self._totals, numbers, strict=True)]
        self._table.add_row(file.name, unit, *map(str, numbers))
        self._lines += [
            f"{file}, {track.part} {number}: {reason}"
            for number, reason in sorted(refused)[:_LINES_SHOWN]
        ]
        if len(refused) > _LINES_SHOWN:
            self._lines.append(f"{file}: and {len(refused) - _LINES_SHOWN} more {track.part}s")

    def begins_before(self, instant: datetime) -> bool:
        return bool(self._begins) and min(self._begins) < instant

    def print(self, console: Console) -> None:
        self._table.add_section()
        self._table.add_row("all", "", *map(str, self._totals))
        console.print(self._table)
        for line in (*self._lines, *self.unreadable):
            console.print(line, soft_wrap=True, markup=False)
