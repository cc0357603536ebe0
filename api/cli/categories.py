"""`wangge categories`: what cases are about, from a table and into one."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.category_files import write_categories
from api.cli.options import DataOption, find_installation
from data.audit import Who
from data.files.rows import read_rows
from gis.errors import InvalidInput
from patrol.categories.store import (
    changes_of,
    lock_categories,
    read_categories,
    save_categories,
)
from patrol.categories.table import read_table
from patrol.clocks.rule import read_rule

app = typer.Typer(help="What cases are about, and how each is handled.", no_args_is_help=True)


@app.command("list")
def list_categories(data: DataOption = None) -> None:
    """List the categories, main categories before what is below them."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        categories = read_categories(conn)
    table = Table("number", "code", "title", "term", "for", "", box=None, pad_edge=False)
    for each in categories:
        notes = ["urgent"] if each.urgent else []
        notes += [] if categories.is_active(each) else ["retired"]
        term = "" if categories.is_divided(each.code) else read_rule(each.term).to_text()
        whom = each.department or each.dispatch
        title = f"{'' if each.parent is None else '  '}{each.title_zh} {each.title_en}"
        table.add_row(each.number, each.code, title, term, whom, ", ".join(notes))
    Console().print(table)


@app.command("import")
def import_categories(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="CSV or XLSX, with headings as in an export.", show_default=False
        ),
    ],
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would change.")] = False,
    data: DataOption = None,
) -> None:
    """Add and change the categories of a table: all of them, or none if a row is wrong.

    Categories that are not in it stay as they are. The same table again changes nothing.
    """
    rows = read_rows(file)
    with find_installation(data).open_database() as database, database.begin() as conn:
        before = read_categories(conn) if preview else lock_categories(conn)
        table = read_table(str(file), rows, before).whole()
        if preview:
            changes = changes_of(before, table)
        else:
            changes = save_categories(conn, Who.at_the_machine(), before, table)
    for each in changes:
        what = "new" if each.is_new else f"another {', '.join(each.fields)}"
        typer.echo(f"{each.category.code} {each.category.title_zh}: {what}")
    new = sum(each.is_new for each in changes)
    would = " Nothing was changed: this is a preview." if preview else ""
    typer.echo(
        f"{new} new, {len(changes) - new} changed, {len(table) - len(changes)} as they were.{would}"
    )


@app.command("export")
def export_categories(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A new .csv or .xlsx.", show_default=False)
    ],
    data: DataOption = None,
) -> None:
    """Write all categories as a table that 'wangge categories import' takes."""
    file_format = file.suffix.lower().removeprefix(".")
    if file_format not in ("csv", "xlsx"):
        raise InvalidInput(f"{file} is neither .csv nor .xlsx; name one of these.", field="file")
    if file.exists():
        raise InvalidInput(f"{file} is there already; name a new file.", field="file")
    with find_installation(data).open_database() as database, database.begin() as conn:
        categories = read_categories(conn)
    try:
        with file.open("xb") as out:
            write_categories(out, file_format, categories)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}.", field="file") from error
    typer.echo(f"{len(list(categories))} categories in {file}")
