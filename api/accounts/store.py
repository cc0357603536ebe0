"""Rows of `accounts`, and what a session or token stands for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from api.accounts.roles import Role
from api.accounts.scope import Post
from api.accounts.sessions import delete_sessions
from data.schema import accounts, devices, posts, role_permissions, sessions, staff, units
from gis.crs import Crs
from gis.errors import Conflict, NotFound
from patrol.devices.addressee import EnrolledDevice


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    id: int
    username: str
    name: str  # of the staff member, else the username
    role: Role
    staff_id: int | None
    grid_code: str | None
    device: EnrolledDevice | None = None  # that the account is of
    must_change_password: bool = False
    has_totp: bool = False
    disabled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """`totp_secret` is encrypted. Codes up to `totp_last_step` are used up."""

    account_id: int
    username: str
    role: Role
    password_hash: str | None
    disabled: bool
    totp_secret: bytes | None
    totp_last_step: int | None


_ACCOUNT = (
    accounts.c.id,
    accounts.c.username,
    func.coalesce(staff.c.name, accounts.c.username).label("name"),
    accounts.c.role,
    accounts.c.staff_id,
    accounts.c.grid_code,
    units.c.code.label("unit"),
    devices.c.identifier,
    devices.c.crs,
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
    must_change_password: bool = False,
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
                    must_change_password=must_change_password,
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


def set_password_hash(
    conn: Connection,
    username: str,
    password_hash: str,
    *,
    must_change: bool = False,
    keep: bytes | None = None,
) -> None:
    """Raises NotFound. Sessions of before end, but for the one with the hash `keep`: whoever knew the
    old password is out. `must_change` for one that its owner did not choose."""
    account_id = conn.execute(
        update(accounts)
        .where(accounts.c.username == username)
        .values(
            password_hash=password_hash,
            must_change_password=must_change,
            password_changed_at=func.now(),
        )
        .returning(accounts.c.id)
    ).scalar_one_or_none()
    if account_id is None:
        raise no_such_account(username)
    delete_sessions(conn, account_id, kind="session", keep=keep)


def set_totp(conn: Connection, account_id: int, secret: bytes, last_step: int) -> bool:
    """Whether the account had no second factor and has this one now. `secret` is encrypted."""
    changed = conn.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.totp_secret.is_(None))
        .values(totp_secret=secret, totp_last_step=last_step)
    )
    return changed.rowcount == 1


def use_up_totp_step(conn: Connection, account_id: int, step: int) -> bool:
    """Whether the code of this time step still counted. It does not any more."""
    changed = conn.execute(
        update(accounts)
        .where(
            accounts.c.id == account_id,
            or_(accounts.c.totp_last_step.is_(None), accounts.c.totp_last_step < step),
        )
        .values(totp_last_step=step)
    )
    return changed.rowcount == 1


def remove_totp(conn: Connection, username: str) -> bool:
    """Whether there was a second factor to remove. Raises NotFound for an unknown account."""
    credentials = find_credentials(conn, username)
    if credentials is None:
        raise no_such_account(username)
    conn.execute(
        update(accounts)
        .where(accounts.c.id == credentials.account_id)
        .values(totp_secret=None, totp_last_step=None)
    )
    return credentials.totp_secret is not None


def find_credentials(
    conn: Connection, username: str, *, unchanged: bool = False
) -> Credentials | None:
    """With `unchanged` nobody else can change them until the transaction ends."""
    statement = select(
        accounts.c.id,
        accounts.c.username,
        accounts.c.role,
        accounts.c.password_hash,
        accounts.c.disabled,
        accounts.c.totp_secret,
        accounts.c.totp_last_step,
    ).where(accounts.c.username == username)
    row = conn.execute(statement.with_for_update(read=True) if unchanged else statement).first()
    if row is None:
        return None
    return Credentials(
        account_id=row.id,
        username=row.username,
        role=Role(row.role),
        password_hash=row.password_hash,
        disabled=row.disabled,
        totp_secret=row.totp_secret,
        totp_last_step=row.totp_last_step,
    )


def any_account_exists(conn: Connection) -> bool:
    return conn.execute(select(accounts.c.id).limit(1)).first() is not None


def delete_tokens_of(conn: Connection, username: str) -> int:
    """How many tokens were revoked. Raises NotFound for an unknown account."""
    credentials = find_credentials(conn, username)
    if credentials is None:
        raise no_such_account(username)
    return delete_sessions(conn, credentials.account_id, kind="token")


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedInAccount:
    """An account with its holder's valid posts and what may change its permissions: the account's own
    and this installation's for the role. `kind` is "session" or "token"; `by_provider` that an identity
    provider let them in."""

    kind: str
    by_provider: bool
    account: Account
    has_password: bool
    password_changed_at: datetime
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
            sessions.c.kind,
            sessions.c.by_provider,
            accounts.c.password_hash.is_not(None).label("has_password"),
            accounts.c.password_changed_at,
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
            sessions.c.kind != "terminal",
            or_(sessions.c.expires_at.is_(None), sessions.c.expires_at > now),
            accounts.c.disabled.is_(False),
        )
    ).one_or_none()
    if row is None:
        return None
    held = zip(row.roles or (), row.grid_codes or (), strict=True)
    return SignedInAccount(
        kind=row.kind,
        by_provider=row.by_provider,
        account=_account(row),
        has_password=row.has_password,
        password_changed_at=row.password_changed_at,
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
        device=_device(row),
        must_change_password=row.must_change_password,
        has_totp=row.has_totp,
        disabled=row.disabled,
    )


def _device(row: Row[*tuple[Any, ...]]) -> EnrolledDevice | None:
    if row.unit is None:
        return None
    return EnrolledDevice(unit=row.unit, identifier=row.identifier, crs=Crs(row.crs))
