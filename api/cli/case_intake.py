"""Taking in a list of tickets at the command line: a look at it, the import, and what became of it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress

from api.case_imports import (
    CaseImportAnswer,
    all_refused,
    for_the_audit,
    read_list,
    refused_table,
)
from data.audit import Who, record
from data.database import Database
from data.editions import GridIndexes
from data.files.rows import Row
from data.scope import Scope
from gis.errors import InvalidInput
from patrol.cases.case import Actor
from patrol.cases.service import CaseService
from patrol.intake.importing import Intake, Outcome
from patrol.intake.sheet import Sheet

RefusedOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="A new .csv or .json for what was refused and why.", dir_okay=False
    ),
]
PreviewOption = Annotated[bool, typer.Option("--preview", help="Only say what would become of it.")]

_MOST_SHOWN = 20
_AT_THE_MACHINE = Actor(
    account_id=None,
    staff_id=None,
    name=Who.at_the_machine().name,
    role="admin",
    scope=Scope.everything(),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    source: str | None
    history: bool
    preview: bool
    crs: str | None = None
    zone: str | None = None
    mapping: Sequence[str] = ()


def run(
    database: Database, label: str, rows: Sequence[Row], asked: Asked, refused: Path | None
) -> None:
    with database.begin() as conn:
        sheet, reading = read_list(
            conn,
            label,
            rows,
            source=asked.source,
            crs=asked.crs,
            zone=asked.zone,
            mapping=asked.mapping,
            history=asked.history,
        )
    intake = _intake(database)
    if asked.preview:
        outcome = intake.preview(sheet.tickets, _AT_THE_MACHINE, history=asked.history)
    else:
        begun = CaseImportAnswer.of(sheet, Outcome(), reading, preview=False)
        with database.begin() as conn:
            details = for_the_audit(begun, label)
            record(conn, Who.at_the_machine(), "case.import", details=details)
        with _progress(len(sheet.tickets)) as advance:
            outcome = intake.take(
                sheet.tickets, _AT_THE_MACHINE, history=asked.history, progress=advance
            )
    answer = CaseImportAnswer.of(sheet, outcome, reading, preview=asked.preview)
    if refused is not None:
        _write_refused(refused, sheet, outcome, answer)
    _tell(answer)


def _intake(database: Database) -> Intake:
    grid_indexes = GridIndexes(database)
    service = CaseService(database, grid_indexes, _now)
    return Intake(database, grid_indexes, service, _now)


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Importing", total=total)
        yield lambda done: progress.advance(task, done)


def check_new(file: Path | None) -> None:
    """Before anything is done. Raises InvalidInput."""
    if file is not None and file.exists():
        raise InvalidInput(f"{file} is there already; name a new file.", field="file")
    if file is not None and file.suffix.lower() not in (".csv", ".json"):
        raise InvalidInput(f"{file} is neither .csv nor .json; name one of these.", field="file")


def _write_refused(file: Path, sheet: Sheet, outcome: Outcome, answer: CaseImportAnswer) -> None:
    content = refused_table(sheet, outcome)
    if file.suffix.lower() == ".json":
        problems = [
            {"row": each.row, "number": each.number, "reason": each.reason}
            for each in all_refused(sheet, outcome)
        ]
        whole = {**answer.model_dump(mode="json"), "problems": problems}
        content = orjson.dumps(whole, option=orjson.OPT_INDENT_2)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}.", field="file") from error


def _tell(answer: CaseImportAnswer) -> None:
    if answer.preview:
        for field, column in answer.columns.items():
            typer.echo(f"{field}: {column}")
        if answer.ignored:
            typer.echo(f"Columns that mean nothing here: {', '.join(answer.ignored)}")
    _tell_some(f"row {each.row}: {each.reason}" for each in answer.problems)
    _tell_some(
        f"{each.said!r} is no category here: {each.count:,} cases are {each.category}"
        for each in answer.unknown_categories
    )
    would = "would be " if answer.preview else ""
    typer.echo(
        f"{answer.new:,} {would}new ({answer.kept:,} kept as they were, {answer.outside:,} outside the "
        f"grids), {answer.changed:,} changed ({answer.due_moved:,} due at another time), "
        f"{answer.unchanged:,} there already, {answer.refused:,} refused."
    )


def _tell_some(lines: Iterable[str]) -> None:
    told = [*lines]
    for line in told[:_MOST_SHOWN]:
        typer.echo(line, err=True)
    if len(told) > _MOST_SHOWN:
        typer.echo("and more; --refused FILE has all that were refused", err=True)
