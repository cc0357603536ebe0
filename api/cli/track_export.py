"""`wangge tracks export`: where units have been, as a file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import Connection

from api.cli.options import LOCAL_TIMES, DataOption, find_installation, from_local
from api.reasons import require_reason
from api.whom import Whom
from data.audit import Who, record
from data.database import Database
from data.editions import GridIndexes
from data.exports.provenance import PeriodProvenance
from data.files.writing import appearing_whole
from data.scope import Viewer
from gis.errors import InvalidInput, NotFound
from patrol.tracking.units import Unit, find_unit, units_at_home_in
from patrol.tracks.export import ExportFormat, export_tracks
from patrol.tracks.fixes import LONGEST, check_period

_FORMATS = {to.suffix: to for to in ExportFormat}


def export(
    *,
    unit: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Whose tracks; may be repeated.", show_default=False),
    ] = None,
    grid: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Those of everybody at home in it and below."),
    ] = None,
    since: Annotated[
        datetime, typer.Option("--from", formats=LOCAL_TIMES, help="From this local time on.")
    ],
    until: Annotated[
        datetime, typer.Option("--to", formats=LOCAL_TIMES, help="Before this local time.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Replaced if it is there.")],
    to: Annotated[
        ExportFormat | None,
        typer.Option("--format", help="Else as the file's name ends.", show_default=False),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; goes into the file and on the audit.")],
    data: DataOption = None,
) -> None:
    """Write the tracks of units between two times into one file, for its owner only.

    The file appears when it is whole: interrupted, the command leaves nothing, or what was there.
    """
    format_ = to or _format_of(out)
    why = require_reason(reason, "An export")
    begin, end = from_local(since), from_local(until)
    check_period(begin, end, longest=LONGEST)
    who = Who.at_the_machine()
    with (
        find_installation(data).open_database() as database,
        database.begin() as conn,
        appearing_whole(out) as unfinished,
    ):
        whom = _whom(conn, database, unit or [], grid)
        provenance = PeriodProvenance(
            subject=whom.title(_name_of),
            since=begin,
            until=end,
            exported_by=who.name,
            exported_at=datetime.now(UTC).replace(microsecond=0),
            reason=why,
        )
        with _progress(len(whom.units)) as advance, unfinished.open("xb") as file:
            unfinished.chmod(0o600)
            fixes = export_tracks(
                conn,
                whom.units,
                file,
                to=format_,
                provenance=provenance,
                name_of=_name_of,
                on_unit=lambda _unit: advance(),
            )
        record(
            conn,
            who,
            "track.export",
            whom.subject,
            reason=why,
            details=whom.details(begin, end) | {"fixes": fixes, "format": format_},
        )
    typer.echo(f"{out}: {fixes:,} fixes of {len(whom.units):,} units")


def _format_of(out: Path) -> ExportFormat:
    found = _FORMATS.get(out.suffix.lower())
    if found is None:
        raise InvalidInput(
            f"{out.name}: end the name with {', '.join(_FORMATS)}, or add --format.", field="format"
        )
    return found


def _whom(conn: Connection, database: Database, codes: list[str], grid: str | None) -> Whom:
    everybody = Viewer.everything()
    if bool(codes) == (grid is not None):
        raise InvalidInput("Say whose tracks: either --unit CODE or --grid CODE.", field="unit")
    if grid is None:
        return Whom(units=[find_unit(conn, code, everybody) for code in dict.fromkeys(codes)])
    index = GridIndexes(database).active(conn)
    if index is None:
        raise NotFound("No grid edition is active; import and activate one.", field="grid")
    return Whom(units=units_at_home_in(conn, index.tree.subtree([grid]), everybody), grid=grid)


def _name_of(unit: Unit) -> str:
    return unit.name


@contextmanager
def _progress(units: int) -> Iterator[Callable[[], None]]:
    """A bar that the function advances by one unit."""
    console = Console(stderr=True, highlight=False)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Exporting", total=units)
        yield lambda: progress.advance(task)
