"""Accounts as an administrator sees them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from api.accounts.roles import Permission, Role
from api.accounts.store import no_such_account
from data.schema import accounts, devices, staff


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountSettings:
    """What an administrator decides about an account. `granted` are permissions beyond its role's."""

    role: Role
    grid_code: str | None = None
    staff_id: int | None = None
    disabled: bool = False
    granted: frozenset[Permission] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountEntry:
    """`name` is of the staff member, else the username. `device` is what the device calls itself whose
    account this is."""

    id: int
    username: str
    name: str
    settings: AccountSettings
    has_totp: bool
    must_change_password: bool
    device: str | None


def list_entries(
    conn: Connection, *, after: str | None = None, limit: int | None = None
) -> list[AccountEntry]:
    """By username, from the first one after `after`."""
    statement = _ENTRIES.order_by(accounts.c.username).limit(limit)
    if after is not None:
        statement = statement.where(accounts.c.username > after)
    return [_entry(row) for row in conn.execute(statement)]


def find_entry(conn: Connection, username: str) -> AccountEntry:
    """Raises NotFound."""
    row = conn.execute(_ENTRIES.where(accounts.c.username == username)).one_or_none()
    if row is None:
        raise no_such_account(username)
    return _entry(row)


_ENTRIES = select(
    accounts.c.id,
    accounts.c.username,
    func.coalesce(staff.c.name, accounts.c.username).label("name"),
    accounts.c.role,
    accounts.c.grid_code,
    accounts.c.staff_id,
    accounts.c.disabled,
    accounts.c.granted,
    accounts.c.totp_secret.is_not(None).label("has_totp"),
    accounts.c.must_change_password,
    devices.c.identifier.label("device"),
).select_from(
    accounts.outerjoin(staff, staff.c.id == accounts.c.staff_id).outerjoin(
        devices, devices.c.id == accounts.c.device_id
    )
)


def _entry(row: Row[*tuple[Any, ...]]) -> AccountEntry:
    return AccountEntry(
        id=row.id,
        username=row.username,
        name=row.name,
        settings=AccountSettings(
            role=Role(row.role),
            grid_code=row.grid_code,
            staff_id=row.staff_id,
            disabled=row.disabled,
            # A word that is no permission any more means nothing.
            granted=frozenset(each for each in Permission if each in row.granted),
        ),
        has_totp=row.has_totp,
        must_change_password=row.must_change_password,
        device=row.device,
    )
