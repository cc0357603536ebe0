"""Rows of `accounts` and `sessions`, read and written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from api.accounts.roles import Role
from api.accounts.scope import Post
from data.schema import accounts, devices, posts, role_permissions, sessions, staff, units
from gis.errors import Conflict, NotFound


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    id: int
    username: str
    name: str  # of the staff member, else the username
    role: Role
    staff_id: int | None
    grid_code: str | None
    unit: str | None = None  # the code of the one that a device speaks for
    must_change_password: bool = False
    has_totp: bool = False
    disabled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    account_id: int
    password_hash: str | None
    disabled: bool


_ACCOUNT = (
    accounts.c.id,
    accounts.c.username,
    func.coalesce(staff.c.name, accounts.c.username).label("name"),
    accounts.c.role,
    accounts.c.staff_id,
    accounts.c.grid_code,
    units.c.code.label("unit"),
    accounts.c.must_change_password,
    accounts.c.totp_secret.is_not(None).label("has_totp"),
    accounts.c.disabled,
)
_FROM = (
    accounts.outerjoin(staff, staff.c.id == accounts.c.staff_id)
    .outerjoin(devices, devices.c.id == accounts.c.device_id)
    .outerjoin(units, units.c.id == devices.c.unit_id)
)


def insert_account(
    conn: Connection,
    *,
    username: str,
    password_hash: str | None,
    role: Role,
    staff_id: int | None = None,
    grid_code: str | None = None,
) -> int:
    """The new account's id. Raises Conflict when the name is taken."""
    try:
        with conn.begin_nested():
            account_id: int = conn.execute(
                insert(accounts)
                .values(
                    username=username,
                    password_hash=password_hash,
                    role=role.value,
                    staff_id=staff_id,
                    grid_code=grid_code,
                )
                .returning(accounts.c.id)
            ).scalar_one()
            return account_id
    except IntegrityError as error:
        raise Conflict(
            f"There is already an account named {username!r}; choose another name.",
            code="username_taken",
            field="username",
        ) from error


def set_password_hash(conn: Connection, username: str, password_hash: str) -> None:
    """Raises NotFound. Sessions of before end: whoever knew the old password is out."""
    account_id = conn.execute(
        update(accounts)
        .where(accounts.c.username == username)
        .values(password_hash=password_hash)
        .returning(accounts.c.id)
    ).scalar_one_or_none()
    if account_id is None:
        raise no_such_account(username)
    conn.execute(
        delete(sessions).where(sessions.c.account_id == account_id, sessions.c.kind == "session")
    )


def set_disabled(conn: Connection, username: str, disabled: bool) -> None:
    """Raises NotFound."""
    changed = conn.execute(
        update(accounts).where(accounts.c.username == username).values(disabled=disabled)
    )
    if changed.rowcount == 0:
        raise no_such_account(username)


def list_accounts(conn: Connection) -> list[Account]:
    rows = conn.execute(select(*_ACCOUNT).select_from(_FROM).order_by(accounts.c.username))
    return [_account(row) for row in rows]


def find_credentials(conn: Connection, username: str) -> Credentials | None:
    row = conn.execute(
        select(accounts.c.id, accounts.c.password_hash, accounts.c.disabled).where(
            accounts.c.username == username
        )
    ).one_or_none()
    return (
        None
        if row is None
        else Credentials(account_id=row.id, password_hash=row.password_hash, disabled=row.disabled)
    )


def any_account_exists(conn: Connection) -> bool:
    return conn.execute(select(accounts.c.id).limit(1)).first() is not None


def insert_session(
    conn: Connection,
    *,
    account_id: int,
    token_hash: bytes,
    kind: str,
    created_at: datetime,
    expires_at: datetime | None,
) -> None:
    """Also clears away what has expired, so the table stays as small as the staff is."""
    conn.execute(delete(sessions).where(sessions.c.expires_at <= created_at))
    conn.execute(
        insert(sessions).values(
            token_hash=token_hash,
            account_id=account_id,
            kind=kind,
            created_at=created_at,
            expires_at=expires_at,
        )
    )


def delete_session(conn: Connection, token_hash: bytes) -> bool:
    return conn.execute(delete(sessions).where(sessions.c.token_hash == token_hash)).rowcount > 0


def delete_tokens_of(conn: Connection, username: str) -> int:
    """How many tokens were revoked. Raises NotFound for an unknown account."""
    credentials = find_credentials(conn, username)
    if credentials is None:
        raise no_such_account(username)
    return conn.execute(
        delete(sessions).where(
            sessions.c.account_id == credentials.account_id, sessions.c.kind == "token"
        )
    ).rowcount


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedInAccount:
    """An account with its holder's valid posts and what may change its permissions: the account's own
    and this installation's for the role."""

    account: Account
    posts: tuple[Post, ...]
    granted: tuple[str, ...]
    overrides: Mapping[str, bool]


def find_signed_in(conn: Connection, token_hash: bytes, now: datetime) -> SignedInAccount | None:
    """The account behind a session or token that is valid at `now`.

    One statement, by primary key: it runs before every request.
    """
    valid_posts = (
        select(
            posts.c.staff_id,
            func.array_agg(posts.c.role).label("roles"),
            func.array_agg(posts.c.grid_code).label("grid_codes"),
        )
        .where(
            posts.c.staff_id == accounts.c.staff_id,
            posts.c.valid_from <= now,
            or_(posts.c.valid_to.is_(None), posts.c.valid_to > now),
        )
        .group_by(posts.c.staff_id)
        .lateral("valid_posts")
    )
    overrides = (
        select(func.jsonb_object_agg(role_permissions.c.permission, role_permissions.c.granted))
        .where(role_permissions.c.role == accounts.c.role)
        .correlate(accounts)
        .scalar_subquery()
    )
    row = conn.execute(
        select(
            *_ACCOUNT,
            accounts.c.granted,
            overrides.label("overrides"),
            valid_posts.c.roles,
            valid_posts.c.grid_codes,
        )
        .select_from(_FROM)
        .join(sessions, sessions.c.account_id == accounts.c.id)
        .outerjoin(valid_posts, valid_posts.c.staff_id == accounts.c.staff_id)
        .where(
            sessions.c.token_hash == token_hash,
            or_(sessions.c.expires_at.is_(None), sessions.c.expires_at > now),
            accounts.c.disabled.is_(False),
        )
    ).one_or_none()
    if row is None:
        return None
    held = zip(row.roles or (), row.grid_codes or (), strict=True)
    return SignedInAccount(
        account=_account(row),
        posts=tuple(Post(role=role, grid_code=code) for role, code in held),
        granted=tuple(row.granted),
        overrides=row.overrides or {},
    )


def no_such_account(username: str) -> NotFound:
    return NotFound(f"There is no account named {username!r}.", code="no_such_account")


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    return Account(
        id=row.id,
        username=row.username,
        name=row.name,
        role=Role(row.role),
        staff_id=row.staff_id,
        grid_code=row.grid_code,
        unit=row.unit,
        must_change_password=row.must_change_password,
        has_totp=row.has_totp,
        disabled=row.disabled,
    )
