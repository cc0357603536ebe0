"""`wangge doctor`: whether this machine and the installation are as they must be."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from api.cli.address import reserve
from api.cli.finding import Answer, Finding, Verdict
from api.cli.options import DataOption, find_installation
from api.cli.photos import check_photos
from api.cli.precautions import (
    check_audit,
    check_basemaps,
    check_credentials,
    check_keys,
    check_roles,
    check_tls,
)
from api.cli.terminals import check_terminals
from api.settings import ServerSettings
from data.cluster import Cluster
from data.cluster.binaries import find_binaries
from data.database import Database
from data.installation import Installation
from gis.errors import InstallationError, WanggeError

_LITTLE_DISK = 5 * 2**30


def doctor(
    data: DataOption = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The server's port.")] = 8080,
) -> None:
    """Check the machine and the installation. Exit code 1 when something is wrong."""
    findings = list(examine(find_installation(data), port))
    table = Table(box=None, pad_edge=False, show_header=False)
    colours = {Verdict.OK: "green", Verdict.NOTE: "yellow", Verdict.WRONG: "red"}
    for finding in findings:
        table.add_row(
            f"[{colours[finding.verdict]}]{finding.verdict}[/]", finding.subject, finding.message
        )
    Console(highlight=False).print(table)
    if any(finding.verdict is Verdict.WRONG for finding in findings):
        raise typer.Exit(1)


def examine(installation: Installation, port: int) -> Iterator[Finding]:
    """Changes nothing: a cluster that is not there is not made, and no migration is run."""
    checks: dict[str, Callable[[], Answer]] = {
        "PostGIS": lambda: _postgis(installation),
        "disk": lambda: _disk(installation.data_dir),
        "database": lambda: _database(installation),
        "port": lambda: _port(port),
        "terminals": check_terminals,
        "credentials": lambda: check_credentials(installation.data_dir),
        "keys": lambda: check_keys(installation.data_dir),
        "TLS": lambda: check_tls(installation.data_dir),
        "roles": lambda: check_roles(installation),
        "basemaps": lambda: check_basemaps(installation),
        "photos": lambda: _photos(installation),
        "audit": lambda: _audit(installation),
        "web pages": _web_pages,
    }
    for subject, check in checks.items():
        try:
            verdict, message = check()
        except WanggeError as error:
            verdict, message = Verdict.WRONG, error.message
        yield Finding(subject=subject, verdict=verdict, message=message)


def _postgis(installation: Installation) -> Answer:
    if installation.database_url is not None:
        return Verdict.NOTE, "WANGGE_DATABASE_URL names the server; its own is not used"
    binaries = find_binaries()
    return (
        Verdict.OK,
        f"PostgreSQL {binaries.version} in {binaries.bin_dir}, run as {binaries.user}",
    )


def _disk(data_dir: Path) -> Answer:
    existing = next(path for path in (data_dir, *data_dir.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    message = f"{free / 2**30:.1f} GB free in {data_dir}"
    if free < _LITTLE_DISK:
        return Verdict.NOTE, f"{message}: little for a town's fixes; make room"
    return Verdict.OK, message


def _database(installation: Installation) -> Answer:
    with _existing_database(installation) as database:
        if database is None:
            return Verdict.NOTE, "not made yet: 'wangge up' makes it"
        if not _has_postgis(database):
            return Verdict.NOTE, "the database is empty: 'wangge up' fills it"
        if not database.is_migrated():
            return Verdict.NOTE, "of another version: 'wangge up' migrates it"
        with database.begin() as conn:
            version = conn.scalar(text("SELECT postgis_lib_version()"))
        return Verdict.OK, f"reachable and migrated, PostGIS {version}"


def _audit(installation: Installation) -> Answer:
    with _existing_database(installation) as database:
        if database is None or not _has_postgis(database) or not database.is_migrated():
            return Verdict.NOTE, "there is none yet"
        return check_audit(database)


def _photos(installation: Installation) -> Answer:
    with _existing_database(installation) as database:
        known = database is not None and _has_postgis(database) and database.is_migrated()
        return check_photos(installation, database if known else None)


@contextmanager
def _existing_database(installation: Installation) -> Iterator[Database | None]:
    if installation.database_url is not None:
        database = Database(installation.database_url)
        try:
            yield database
        finally:
            database.close()
    elif not (installation.cluster_dir / "pgdata").exists():
        yield None
    else:
        with Cluster(installation.cluster_dir).running() as url:
            database = Database(url)
            try:
                yield database
            finally:
                database.close()


def _has_postgis(database: Database) -> bool:
    """Raises InstallationError when the server is not there."""
    try:
        with database.begin() as conn:
            return bool(conn.scalar(text("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")))
    except OperationalError as error:
        raise InstallationError(
            "WANGGE_DATABASE_URL cannot be reached; check the address, the name and the password."
        ) from error


def _port(port: int) -> Answer:
    try:
        reserve("127.0.0.1", port).close()
    except InstallationError as error:
        if _wangge_answers(port):
            return Verdict.OK, f"Wangge is running on port {port}"
        return Verdict.WRONG, error.message
    return Verdict.OK, f"{port} is free"


def _wangge_answers(port: int) -> bool:
    for scheme in ("http", "https"):
        # Nothing is told to it, so whose certificate it shows does not matter here.
        with suppress(OSError, httpx.HTTPError, ValueError):
            answer = httpx.get(f"{scheme}://127.0.0.1:{port}/healthz", timeout=2, verify=False)
            if answer.is_success and answer.json() == {"status": "alive"}:
                return True
    return False


def _web_pages() -> Answer:
    web_dir = ServerSettings().web_dir
    if not (web_dir / "index.html").is_file():
        return Verdict.WRONG, f"not built in {web_dir}: run 'make setup'"
    return Verdict.OK, f"built in {web_dir}"
