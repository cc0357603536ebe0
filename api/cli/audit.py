"""`wangge audit`: who did what, and whether that record is whole."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import orjson
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from api.cli.options import LOCAL_TIMES, DataOption, find_installation, from_local
from data.audit import (
    Anchor,
    AuditFilter,
    AuditRecord,
    Who,
    every_record,
    list_records,
    record,
    verify,
)
from gis.errors import InvalidInput
from gis.local_time import LOCAL

app = typer.Typer(help="Who did what, and whether that record is whole.", no_args_is_help=True)

Since = Annotated[
    datetime | None,
    typer.Option(formats=LOCAL_TIMES, help="From this local time on.", show_default=False),
]
Until = Annotated[
    datetime | None,
    typer.Option(formats=LOCAL_TIMES, help="Before this local time.", show_default=False),
]


@app.command("verify")
def verify_all(
    anchor: Annotated[
        str | None,
        typer.Option(metavar="ID:HASH", help="What an earlier verification printed."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Work out the whole chain anew. Exit code 1 when something is wrong.

    Keep the anchor that it prints where nobody can change it who runs this machine, on paper for one:
    with --anchor it shows later whether the record was written anew as a whole.
    """
    expected = None if anchor is None else Anchor.parse(anchor)
    console = Console(highlight=False, soft_wrap=True)
    with find_installation(data).open_database() as database:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("Verifying")
            verification = verify(
                database,
                anchor=expected,
                on_progress=lambda done, of: progress.update(task, completed=done, total=of),
            )
        with database.begin() as conn:
            record(conn, Who.at_the_machine(), "audit.verify", details=verification.to_json())
    for problem in verification.problems:
        console.print(f"Record {problem.id} {problem.problem}", markup=False)
    if verification.further:
        console.print(f"… and {verification.further:,} problems more")
    if not verification.is_intact:
        console.print(f"{verification.records:,} records: NOT intact")
        raise typer.Exit(1)
    console.print(f"{verification.records:,} records: intact")
    if verification.anchor is not None:
        console.print(f"anchor {verification.anchor}", markup=False)


@app.command("list")
def list_some(
    *,
    actor: Annotated[str | None, typer.Option(metavar="NAME", help="Of this account.")] = None,
    action: Annotated[
        str | None, typer.Option(help='"track.read", or all that begin with "track."')
    ] = None,
    subject: Annotated[str | None, typer.Option(help='"unit GW-017", for one.')] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="At most as many, the newest first.")] = 50,
    data: DataOption = None,
) -> None:
    """List records, the newest first. The list itself is recorded."""
    wanted = AuditFilter(
        actor=actor, action=action, subject=subject, since=_local(since), until=_local(until)
    )
    with find_installation(data).open_database() as database, database.begin() as conn:
        found = list_records(conn, wanted, limit=limit)
        record(conn, Who.at_the_machine(), "audit.read", details=wanted.to_json())
    table = Table(
        "id", "at", "actor", "from", "action", "subject", "reason", box=None, pad_edge=False
    )
    for each in found:
        table.add_row(
            str(each.id),
            f"{each.at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}",
            each.actor,
            each.address or "",
            each.action,
            each.subject or "",
            each.reason or "",
        )
    Console(highlight=False, markup=False).print(table)


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="A new file.")],
    since: Since = None,
    until: Until = None,
    data: DataOption = None,
) -> None:
    """Write records to a new file, one JSON object a line, the oldest first; for its owner only."""
    wanted = AuditFilter(since=_local(since), until=_local(until))
    with find_installation(data).open_database() as database, database.begin() as conn:
        count = _write(every_record(conn, wanted), file)
        details = {**wanted.to_json(), "records": count, "file": file.name}
        record(conn, Who.at_the_machine(), "audit.export", details=details)
    typer.echo(f"{file}: {count:,} records")


def _write(records: Iterable[AuditRecord], path: Path) -> int:
    """How many there were."""
    count = 0
    with _new_file(path) as file:
        for each in records:
            file.write(orjson.dumps(asdict(each), option=orjson.OPT_APPEND_NEWLINE))
            count += 1
    return count


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """For its owner only from the first byte on; gone again when the block fails."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise InvalidInput(f"{path} is there already; choose another name.") from error
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
    except BaseException:
        path.unlink()
        raise


def _local(at: datetime | None) -> datetime | None:
    return None if at is None else from_local(at)
