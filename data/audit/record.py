"""Adding to the audit."""

import getpass
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Connection, text

from data.sql import load_sql

_SQL = load_sql("data.audit", "audit.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Who:
    """Who does something. `account_id` and `role` are None for somebody at the machine and for an
    unknown name; `address` is None at the machine."""

    account_id: int | None
    name: str
    role: str | None
    address: str | None

    @classmethod
    def at_the_machine(cls) -> Self:
        """Whoever runs a command: the user of the operating system."""
        return cls(
            account_id=None, name=f"{getpass.getuser()} at the machine", role=None, address=None
        )


def record(
    conn: Connection,
    who: Who,
    action: str,
    subject: str | None = None,
    *,
    reason: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a record to the audit, in the caller's transaction: what is recorded and what is done are
    committed together. Call it late, for nobody else can add one until the transaction ends.

    `action` is a word such as "track.read", `subject` a kind and a name such as "unit GW-017". `details`
    go to JSON; no password, token, full telephone or identity number may be in them.
    """
    conn.execute(text(_SQL["insert_event"]), _values(who, action, subject, reason, details))


def record_look(
    conn: Connection,
    who: Who,
    action: str,
    subject: str | None,
    *,
    reason: str | None,
    details: Mapping[str, Any],
) -> None:
    """The same for a look at where somebody was between `from` and `to` of the details (ISO 8601), but
    one record for looks of the same account at the same within ten minutes."""
    conn.execute(text(_SQL["insert_look"]), _values(who, action, subject, reason, details))


def _values(
    who: Who,
    action: str,
    subject: str | None,
    reason: str | None,
    details: Mapping[str, Any] | None,
) -> dict[str, object]:
    return {
        "account_id": who.account_id,
        "actor": who.name,
        "role": who.role,
        "address": who.address,
        "action": action,
        "subject": subject,
        "reason": reason,
        "details": json.dumps(details or {}, ensure_ascii=False),
    }
