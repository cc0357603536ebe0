"""`wangge calendar`: the days of its own that an installation has, from a table and into one."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.cli.options import DataOption, find_installation
from data.audit import Who
from data.exports.sheets import Sheet, open_workbook
from data.exports.table import as_text
from data.files.rows import read_rows
from gis.errors import InvalidInput
from gis.local_time import LOCAL
from patrol.clocks.calendar import FIRST_YEAR, LAST_YEAR
from patrol.clocks.days import read_days, table_rows
from patrol.clocks.store import WorkCalendars, read_own_days, set_days

app = typer.Typer(help="The calendar that terms of cases run by.", no_args_is_help=True)


@app.command("show")
def show(
    year: Annotated[
        int | None,
        typer.Argument(min=FIRST_YEAR, max=LAST_YEAR, help="The present one if left out."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Show the days of a year that are not plain, and the working hours."""
    year = year or datetime.now(LOCAL).year
    with find_installation(data).open_database() as database, database.begin() as conn:
        calendar = WorkCalendars().current(conn)
    table = Table("date", "kind", "name", "from", box=None, pad_edge=False)
    for each in calendar.special_days(year):
        table.add_row(f"{each.day}", "work" if each.is_working else "rest", each.name, each.source)
    Console().print(table)
    working_days = calendar.count_working_days(date(year, 1, 1), date(year, 12, 31))
    hours = ", ".join(f"{each.begins:%H:%M}-{each.ends:%H:%M}" for each in calendar.hours)
    typer.echo(f"{working_days} working days, {hours}")
    if (since := calendar.provisional_from(year)) is not None:
        typer.echo(f"Provisional from {since} on: an announcement is still to come.")


@app.command("import")
def import_days(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV or XLSX with the headings date, kind (rest, work) and name (日期, 类型, 名称).",
            show_default=False,
        ),
    ],
    data: DataOption = None,
) -> None:
    """Make the days of a table working days or days of rest: all of them, or none if a row is wrong.

    Other days stay as they are. The same table again changes nothing.
    """
    days = read_days(str(file), read_rows(file)).whole()
    with find_installation(data).open_database() as database, database.begin() as conn:
        done = set_days(conn, Who.at_the_machine(), days)
    typer.echo(f"{done.new} new, {done.changed} changed, {done.unchanged} there already.")


@app.command("export")
def export_days(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A new .csv or .xlsx.", show_default=False)
    ],
    data: DataOption = None,
) -> None:
    """Write the installation's own days as a table that 'wangge calendar import' takes."""
    write = {".csv": _write_csv, ".xlsx": _write_workbook}.get(file.suffix.lower())
    if write is None:
        raise InvalidInput(f"{file} is neither .csv nor .xlsx; name one of these.", field="file")
    if file.exists():
        raise InvalidInput(f"{file} is there already; name a new file.", field="file")
    with find_installation(data).open_database() as database, database.begin() as conn:
        days = read_own_days(conn)
    try:
        write(file, table_rows(days))
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}.", field="file") from error
    typer.echo(f"{len(days)} days in {file}")


def _write_csv(file: Path, rows: Iterable[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([as_text(cell) for cell in row] for row in rows)


def _write_workbook(file: Path, rows: Iterable[Sequence[str]]) -> None:
    header, *days = rows
    with file.open("wb") as stream, open_workbook(stream) as book:
        sheet = Sheet(book, "days", header)
        for row in days:
            sheet.append(row)
