"""`wangge cases`: cases of other systems, from their lists, and which may be about the same."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.case_intake import Asked, PreviewOption, RefusedOption, check_new, run
from api.cli.open311 import pull
from api.cli.options import LOCAL_TIMES, DataOption, find_installation, from_local
from data.exports.table import as_text
from data.files.rows import read_rows
from patrol.intake.pairs import duplicate_pairs

app = typer.Typer(help="Cases of other systems.", no_args_is_help=True)
app.command("open311-pull")(pull)

_MOST_PAIRS = 1_000_000


@app.command("import")
def import_list(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV or XLSX with a number (工单编号), a position (经度, 纬度) and words (诉求内容) in "
            "each row.",
            show_default=False,
        ),
    ],
    *,
    preview: PreviewOption = False,
    history: Annotated[
        bool,
        typer.Option("--history", help="Old cases: kept as they were, nobody is sent or told."),
    ] = False,
    source: Annotated[
        str | None, typer.Option(help="How they became known [hotline].", show_default=False)
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option(help="Of the positions that name none [wgs84].", show_default=False),
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="Of the times [Asia/Shanghai].", show_default=False)
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=FIELD",
            help="What a column is, such as 工单号=number; again for each. 'COLUMN=' leaves one out.",
        ),
    ] = None,
    refused: RefusedOption = None,
    data: DataOption = None,
) -> None:
    """Make cases of another system's list, each once: the same list again makes none.

    Open ones are reported and dispatched; those that are closed there are kept as they were. What
    cannot be used is refused with its reason, and stops nothing else. May be interrupted and run again.
    """
    check_new(refused)
    rows = read_rows(file)
    asked = Asked(
        source=source, crs=crs, zone=zone, mapping=mapping or [], history=history, preview=preview
    )
    with find_installation(data).open_database() as database:
        run(database, file.name, rows, asked, refused)


@app.command("duplicates")
def find_duplicates(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="A new file.", show_default=False)
    ],
    *,
    since: Annotated[
        datetime,
        typer.Option("--from", formats=LOCAL_TIMES, help="Local time.", show_default=False),
    ],
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=LOCAL_TIMES, help="Now, if left out.", show_default=False),
    ] = None,
    data: DataOption = None,
) -> None:
    """Write down which cases may be about the same, two by two.

    Of one category, called the same in the system they came from, within 50 m and 24 hours of each
    other, whether they are open or not; of those reported in that time.
    """
    check_new(file)
    end = datetime.now(UTC) if until is None else from_local(until)
    with find_installation(data).open_database() as database, database.begin() as conn:
        pairs = duplicate_pairs(conn, from_local(since), end, count=_MOST_PAIRS)
    with file.open("x", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            [
                *("first", "first_external", "first_reported_at", "second", "second_external"),
                *("second_reported_at", "category", "external_category", "distance_m", "gap_s"),
            ]
        )
        for pair in pairs:
            told = [
                cell
                for one in (pair.first, pair.second)
                for cell in (
                    *(one.number, as_text(one.external_number or "")),
                    one.reported_at.isoformat(),
                )
            ]
            kind = [pair.category, as_text(pair.external_category or "")]
            writer.writerow([*told, *kind, f"{pair.distance_m:.1f}", f"{pair.gap_s:.0f}"])
    typer.echo(f"{len(pairs):,} pairs in {file}")
