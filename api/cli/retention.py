"""`wangge retention`: what was kept long enough, and dropping it now."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from api.cli.options import DataOption, find_installation
from data.audit import Who
from patrol.sensors.retention import count_expired_readings, drop_expired_readings
from patrol.tracks.expiry import KeepSettings
from patrol.tracks.retention import Expired, drop_expired, find_expired


def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be dropped.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Drop positions and readings of sensors that were kept long enough, as the server does every night.

    Each unit's day in numbers stays. WANGGE_KEEP_FIXES_DAYS says how long positions are kept, and
    WANGGE_KEEP_READINGS_DAYS how long readings are. Each day of positions is one transaction:
    interrupted, the command has dropped whole days and can be run again.
    """
    keep = KeepSettings.from_environment()
    now = datetime.now(UTC)
    with find_installation(data).open_database() as database:
        with database.begin() as conn:
            expired = find_expired(conn, keep, now)
            readings = count_expired_readings(conn, now - keep.readings)
        if not dry_run:
            columns = (
                TextColumn("Dropping"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
                task = progress.add_task("", total=expired.fixes + readings)

                def advance(done: int) -> None:
                    progress.advance(task, done)

                who = Who.at_the_machine()
                expired = drop_expired(database, keep, now, who, progress=advance)
                readings = drop_expired_readings(
                    database, now - keep.readings, who, progress=advance
                )
    _print(expired, readings, keep, "to drop" if dry_run else "dropped")


def _print(expired: Expired, readings: int, keep: KeepSettings, done: str) -> None:
    console = Console(highlight=False)
    if expired.days:
        table = Table("day (UTC)", "fixes", box=None, pad_edge=False)
        table.columns[1].justify = "right"
        for day in expired.days:
            table.add_row(f"{day.day}", f"{day.fixes:,}")
        console.print(table)
    console.print(
        f"{done}: {len(expired.days)} days older than {keep.fixes_days} days with "
        f"{expired.fixes:,} fixes; {expired.quarantined:,} quarantined fixes older than "
        f"{keep.quarantine_days} days; {readings:,} readings of sensors older than "
        f"{keep.readings_days} days",
        soft_wrap=True,
    )
