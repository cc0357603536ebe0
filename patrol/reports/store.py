"""Reports in the database: added, read, and never changed."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, text

from data.schema import reports
from patrol.figures.period import Period
from patrol.reports.kind import ReportKind
from patrol.reports.report import About, Content, Report

_R = reports.c
_COLUMNS = [column for column in _R if column.name != "content"]
MOST_LISTED = 500


def lock_reports(conn: Connection) -> None:
    """Whoever else makes one waits for this transaction: versions have no gaps."""
    conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('wangge reports'))"))


def last_version(conn: Connection, about: About) -> int:
    """0 where there is none."""
    newest = select(func.coalesce(func.max(_R.version), 0)).where(
        _R.kind == about.kind.value,
        _R.since == about.period.since,
        _R.grid_code.is_(None) if about.grid is None else _R.grid_code == about.grid,
    )
    return int(conn.execute(newest).scalar_one())


def add_report(
    conn: Connection,
    about: About,
    *,
    version: int,
    made_at: datetime,
    made_by: str,
    made_by_account_id: int | None,
    reason: str | None,
    content: Content,
) -> Report:
    kept = msgspec.json.encode(content, order="deterministic")
    row = conn.execute(
        insert(reports)
        .values(
            kind=about.kind.value,
            since=about.period.since,
            until=about.period.until,
            grid_code=about.grid,
            version=version,
            made_at=made_at,
            made_by=made_by,
            made_by_account_id=made_by_account_id,
            reason=reason,
            content=kept,
            sha256=hashlib.sha256(kept).hexdigest(),
        )
        .returning(*_COLUMNS)
    ).one()
    return _report(row)


def list_reports(
    conn: Connection, *, kind: ReportKind | None = None, grid: str | None = None
) -> Sequence[Report]:
    """Those that the viewer is shown, the newest period and version first, at most MOST_LISTED."""
    wanted = select(*_COLUMNS).order_by(_R.until.desc(), _R.kind, _R.grid_code, _R.version.desc())
    if kind is not None:
        wanted = wanted.where(_R.kind == kind.value)
    if grid is not None:
        wanted = wanted.where(_R.grid_code == grid)
    return [_report(row) for row in conn.execute(wanted.limit(MOST_LISTED))]


def read_report(conn: Connection, report_id: int) -> tuple[Report, bytes] | None:
    """With its content as it was stored."""
    row = conn.execute(select(reports).where(_R.id == report_id)).one_or_none()
    return None if row is None else (_report(row), row.content)


def decode(content: bytes) -> Content:
    return msgspec.json.decode(content, type=Content)


def is_intact(report: Report, content: bytes) -> bool:
    """Whether it is byte for byte what was stored."""
    return hashlib.sha256(content).hexdigest() == report.sha256


def _report(row: Row[Any]) -> Report:
    return Report(
        id=row.id,
        about=About(
            kind=ReportKind(row.kind),
            period=Period(since=row.since, until=row.until),
            grid=row.grid_code,
        ),
        version=row.version,
        made_at=row.made_at,
        made_by_account_id=row.made_by_account_id,
        made_by=row.made_by,
        reason=row.reason,
        sha256=row.sha256,
    )
