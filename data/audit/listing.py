"""Reading the audit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from data.schema import audit_events


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditRecord:
    """One record; `hash` is in hexadecimal."""

    id: int
    at: datetime
    actor: str
    role: str | None
    address: str | None
    action: str
    subject: str | None
    reason: str | None
    details: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditFilter:
    """None is anything. An `action` that ends with a dot is all that begin with it: "track.". A
    `subject` such as "unit GW-017" is also found where it is one of several in a record. From `since`
    to before `until`."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def to_json(self) -> dict[str, str]:
        """What was asked for, as the audit keeps it."""
        asked = {
            "actor": self.actor,
            "action": self.action,
            "subject": self.subject,
            "from": None if self.since is None else self.since.isoformat(),
            "to": None if self.until is None else self.until.isoformat(),
        }
        return {name: value for name, value in asked.items() if value is not None}


def list_records(
    conn: Connection, wanted: AuditFilter, *, before: int | None = None, limit: int
) -> list[AuditRecord]:
    """The newest first; `before` is the id of the last one on the page before."""
    statement = (
        select(*_COLUMNS)
        .where(*_conditions(wanted))
        .order_by(audit_events.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(audit_events.c.id < before)
    return [_record(row) for row in conn.execute(statement)]


def every_record(conn: Connection, wanted: AuditFilter) -> Iterator[AuditRecord]:
    """The oldest first, read as they are asked for."""
    statement = select(*_COLUMNS).where(*_conditions(wanted)).order_by(audit_events.c.id)
    for row in conn.execute(statement, execution_options={"yield_per": 1_000}):
        yield _record(row)


_COLUMNS = tuple(
    column for column in audit_events.c if column.name not in ("account_id", "previous_hash")
)


def _conditions(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    columns = audit_events.c
    if wanted.actor is not None:
        yield columns.actor == wanted.actor
    if wanted.action is not None:
        if wanted.action.endswith("."):
            yield columns.action.startswith(wanted.action, autoescape=True)
        else:
            yield columns.action == wanted.action
    if wanted.subject is not None:
        yield _is_about(wanted.subject)
    if wanted.since is not None:
        yield columns.at >= wanted.since
    if wanted.until is not None:
        yield columns.at < wanted.until


def _is_about(subject: str) -> ColumnElement[bool]:
    """By its subject, or as one of the units of a replay."""
    named = audit_events.c.subject == subject
    kind, _, name = subject.partition(" ")
    if kind != "unit":
        return named
    return or_(named, audit_events.c.details.contains({"units": [name]}))


def _record(row: Row[Any]) -> AuditRecord:
    return AuditRecord(**{**row._mapping, "hash": row.hash.hex()})
