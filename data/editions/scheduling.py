"""Drafts that take effect by themselves at an instant."""

from datetime import datetime

from sqlalchemy import Connection

from data.audit import Who, record
from data.editions.bases import edition_before, require_base
from data.editions.changes import lock_edition
from data.editions.edition import Edition, EditionState
from data.editions.service import require_activatable, require_edition
from data.editions.store import lock_editions, set_due
from gis.errors import Conflict, InvalidInput


def schedule(
    conn: Connection,
    edition_id: int,
    who: Who,
    *,
    at: datetime,
    now: datetime,
    accept_reason: str | None = None,
    replaces: int | None = None,
) -> Edition:
    """Let a draft take effect at an instant to come. Until then it cannot be changed.

    `replaces` names what is in force by then, where the draft was not made of it. Raises NotFound,
    InvalidInput, BaseChanged, and Conflict for what would stop it now: findings and no reason, it is no
    draft, or a later one does not know it.
    """
    lock_editions(conn)
    lock_edition(conn, edition_id)
    edition = require_edition(conn, edition_id)
    if at <= now:
        raise InvalidInput("That instant is past. Leave `at` out to activate now.", field="at")
    if edition.state is EditionState.ACTIVE:
        raise Conflict(f"Edition {edition.id} ({edition.name}) is in force already.")
    reason = require_activatable(edition, accept_reason)
    before = edition_before(conn, edition, at=at)
    require_base(conn, edition, before, at=at, replaces=replaces)
    set_due(
        conn,
        edition_id,
        at=at,
        by=who.name,
        by_account_id=who.account_id,
        reason=reason if edition.findings else None,
        replaces=None if before is None else before.id,
    )
    record(
        conn,
        who,
        "edition.schedule",
        f"edition {edition.name}",
        reason=reason,
        details={"id": edition.id, "at": at.isoformat(), "replaces": replaces},
    )
    return require_edition(conn, edition_id)


def cancel(conn: Connection, edition_id: int, who: Who) -> Edition:
    """Let it not take effect by itself. Raises NotFound, and Conflict when it would not have."""
    lock_edition(conn, edition_id)
    edition = require_edition(conn, edition_id)
    if edition.due_at is None:
        raise Conflict(
            f"Edition {edition.id} ({edition.name}) is not to take effect by itself.",
            code="not_scheduled",
        )
    set_due(conn, edition_id, at=None)
    record(
        conn,
        who,
        "edition.cancel",
        f"edition {edition.name}",
        details={"id": edition.id, "at": edition.due_at.isoformat()},
    )
    return require_edition(conn, edition_id)
