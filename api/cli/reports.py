"""`wangge reports`: made, listed, and written to files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.cli.options import DataOption, find_installation
from data.audit import Who, record
from data.editions import GridIndexes
from data.scope import Viewer
from gis.errors import InvalidInput
from gis.local_time import LOCAL
from patrol.reports.kind import ReportKind
from patrol.reports.printing import Language, Printed, ReportFormat, write_report
from patrol.reports.service import ReportService, read_within

app = typer.Typer(help="Reports of periods that are over.", no_args_is_help=True)


@app.command("make")
def make(
    kind: Annotated[ReportKind, typer.Argument(show_default=False)],
    day: Annotated[
        datetime,
        typer.Argument(
            metavar="DATE", formats=["%Y-%m-%d"], help="Any day of it.", show_default=False
        ),
    ],
    grid: Annotated[
        str | None, typer.Option(help="And everything under it; all there is if left out.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="Why there is to be another version.", show_default=False)
    ] = None,
    data: DataOption = None,
) -> None:
    """Make the report of the week, month, quarter or year that a day lies in."""
    with (
        find_installation(data).open_database() as database,
        Console(stderr=True).status("Counting"),
    ):
        service = ReportService(database, GridIndexes(database), _now)
        who, viewer = Who.at_the_machine(), Viewer.everything()
        made = service.make(kind, day.date(), grid, who, viewer, reason=reason)
    typer.echo(f"report {made.id}, version {made.version}, sha256 {made.sha256}")


@app.command("list")
def list_all(kind: ReportKind | None = None, data: DataOption = None) -> None:
    """List the reports there are, the newest period first."""
    with find_installation(data).open_database() as database:
        service = ReportService(database, GridIndexes(database), _now)
        found = service.list(Viewer.everything(), kind=kind)
    table = Table("id", "kind", "from", "grid", "version", "made", "by", box=None, pad_edge=False)
    for each in found:
        since, made_at = (at.astimezone(LOCAL) for at in (each.about.period.since, each.made_at))
        table.add_row(
            *(f"{each.id}", each.about.kind, f"{since:%Y-%m-%d}", each.about.grid or ""),
            *(f"{each.version}", f"{made_at:%Y-%m-%d %H:%M}", each.made_by),
        )
    Console().print(table)


@app.command("export")
def export(
    report_id: Annotated[int, typer.Argument(metavar="ID", min=1, show_default=False)],
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A new .html, .xlsx or .pdf.", show_default=False),
    ],
    language: Language = Language.ZH,
    data: DataOption = None,
) -> None:
    """Write a report to a file, with everybody's name."""
    formats = {f".{each}": each for each in ReportFormat}
    to = formats.get(file.suffix.lower())
    if to is None:
        raise InvalidInput(f"{file} ends in none of {', '.join(formats)}.")
    if file.exists():
        raise InvalidInput(f"{file} is there already; name another file.")
    who, now = Who.at_the_machine(), _now()
    with (
        find_installation(data).open_database() as database,
        database.begin(Viewer.everything()) as conn,
        Console(stderr=True).status("Printing"),
    ):
        found = read_within(conn, report_id)
        printed = Printed(
            report=found.report,
            content=found.content,
            language=language,
            name_of=lambda name, _staff_id: name,
            with_staff=True,
        )
        with file.open("xb") as out:
            write_report(printed, out, to=to, exported_by=who.name, exported_at=now)
        record(conn, who, "report.export", f"report {report_id}", details={"format": to.value})
    typer.echo(f"report {report_id} in {file}")


def _now() -> datetime:
    return datetime.now(UTC)
