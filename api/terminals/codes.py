"""The codes of terminals. A code is a token of the device's account that only the terminals' door takes.

Each function is part of the caller's transaction.
"""

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Connection,
    LargeBinary,
    Row,
    Select,
    any_,
    delete,
    literal,
    select,
    update,
)

from api.accounts.devices import JT808
from api.accounts.overrides import read_overrides
from api.accounts.roles import Permission, Role, permissions_of
from api.accounts.sessions import insert_session
from api.accounts.tokens import token_hash
from data.audit import Who, record
from data.schema import accounts, devices, sessions, units
from gis.crs import Crs
from gis.errors import Conflict, NotFound
from patrol.devices.jt808.registration import Registration
from patrol.tracking.senders import OneUnit

_KIND = "terminal"
_CODE_BYTES = 16  # 22 letters: some terminals have room for no more than 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Terminal:
    """A terminal that has shown its code. As a sender it has its unit and what its positions are in."""

    device_id: int
    account_id: int
    account: str
    sender: OneUnit
    code_hash: bytes


def issue_code(
    conn: Connection, number: str, registration: Registration, *, address: str, now: datetime
) -> str:
    """A new code for the terminal with this number; the one before ends. On the audit.

    Raises NotFound for a terminal that is not enrolled, and Conflict when another one than this has
    registered with the number.
    """
    row = _find(conn, number, unchanged=True)
    if row is None:
        raise NotFound(f"No terminal {number} is enrolled.", code="no_such_terminal")
    if row.registered_as not in (None, registration.make):
        raise Conflict(f"Another terminal is registered as {number}.", code="terminal_taken")
    if row.registered_as is None:  # and not each time, for everybody hears of a change
        device = update(devices).where(devices.c.id == row.device_id)
        conn.execute(device.values(registered_as=registration.make))
    code = secrets.token_urlsafe(_CODE_BYTES)
    _end_codes(conn, row.account_id)
    insert_session(
        conn,
        account_id=row.account_id,
        token_hash=token_hash(code),
        kind=_KIND,
        created_at=now,
        expires_at=None,
        address=address,
        client=f"{JT808} {registration.make}",
    )
    who = Who(account_id=row.account_id, name=row.account, role=row.role, address=address)
    details = {"terminal": registration.make, "plate": registration.plate}
    record(conn, who, "device.register", f"device {row.device_id}", details=details)
    return code


def check_code(conn: Connection, number: str, code: str) -> Terminal | None:
    """The terminal, if it is enrolled, the code is its own and it may send fixes."""
    row = _find(conn, number)
    stored = b"" if row is None or row.token_hash is None else row.token_hash
    if not hmac.compare_digest(stored, token_hash(code)) or row is None:
        return None
    if not _may_send(row, read_overrides(conn)[Role.DEVICE]):
        return None
    return Terminal(
        device_id=row.device_id,
        account_id=row.account_id,
        account=row.account,
        sender=OneUnit(unit=row.unit, crs=Crs(row.crs)),
        code_hash=row.token_hash,
    )


def codes_that_hold(conn: Connection, code_hashes: Collection[bytes]) -> frozenset[bytes]:
    """Which of these codes `check_code` would take still."""
    wanted = sessions.c.token_hash == any_(literal(list(code_hashes), ARRAY(LargeBinary)))
    overrides = read_overrides(conn)[Role.DEVICE]
    return frozenset(
        row.token_hash
        for row in conn.execute(_select_terminals().where(wanted))
        if _may_send(row, overrides)
    )


def end_code(conn: Connection, terminal: Terminal, *, address: str) -> None:
    """Because the terminal says so. It has to register again. On the audit."""
    _end_codes(conn, terminal.account_id)
    who = Who(
        account_id=terminal.account_id, name=terminal.account, role=Role.DEVICE, address=address
    )
    record(conn, who, "device.log_out", f"device {terminal.device_id}")


def _find(
    conn: Connection, number: str, *, unchanged: bool = False
) -> Row[*tuple[Any, ...]] | None:
    statement = _select_terminals().where(devices.c.identifier == number)
    if unchanged:
        statement = statement.with_for_update(of=devices)
    return conn.execute(statement).first()


def _select_terminals() -> Select[*tuple[Any, ...]]:
    """Those that are enrolled and whose account is open, with their code, if they have one."""
    return (
        select(
            devices.c.id.label("device_id"),
            devices.c.registered_as,
            devices.c.crs,
            accounts.c.id.label("account_id"),
            accounts.c.username.label("account"),
            accounts.c.role,
            accounts.c.granted,
            units.c.code.label("unit"),
            sessions.c.token_hash,
        )
        .join(accounts, accounts.c.device_id == devices.c.id)
        .join(units, units.c.id == devices.c.unit_id)
        .outerjoin(sessions, (sessions.c.account_id == accounts.c.id) & (sessions.c.kind == _KIND))
        .where(devices.c.protocol == JT808, accounts.c.disabled.is_(False))
    )


def _may_send(row: Row[*tuple[Any, ...]], overrides: Any) -> bool:
    permissions = permissions_of(Role(row.role), overrides=overrides, granted=row.granted)
    return Permission.POST_FIXES_DEVICE in permissions


def _end_codes(conn: Connection, account_id: int) -> None:
    conn.execute(
        delete(sessions).where(sessions.c.account_id == account_id, sessions.c.kind == _KIND)
    )
