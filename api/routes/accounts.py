"""Accounts, for administrators: making them, changing them, and helping those who cannot get in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api.access import Caller, Permission, Role, requires
from api.accounts import administration
from api.accounts.entries import AccountEntry, AccountSettings, find_entry, list_entries
from api.accounts.passwords import generate_password, hash_password
from api.changes import changes_in
from api.context import Services, ServicesDep
from data.editions import active_grid_codes

router = APIRouter(prefix="/accounts", tags=["accounts"])

MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]
Password = Annotated[str, Field(min_length=1, max_length=256)]


class AccountItem(BaseModel):
    """`name` is of the staff member `staff`, else the username. `granted` are permissions beyond those
    of the role. `device` is what the device calls itself whose account this is, null for all others."""

    username: str
    name: str
    role: Role
    staff: int | None
    grid: str | None
    disabled: bool
    has_totp: bool
    must_change_password: bool
    granted: list[Permission]
    device: str | None

    @classmethod
    def of(cls, entry: AccountEntry) -> "AccountItem":
        settings = entry.settings
        return cls(
            username=entry.username,
            name=entry.name,
            role=settings.role,
            staff=settings.staff_id,
            grid=settings.grid_code,
            disabled=settings.disabled,
            has_totp=entry.has_totp,
            must_change_password=entry.must_change_password,
            granted=sorted(settings.granted),
            device=entry.device,
        )


class AccountPage(BaseModel):
    """`next` is the cursor of the next page, null on the last."""

    items: list[AccountItem]
    next: str | None


class NewAccount(BaseModel):
    """Without `password` one is generated, which has to be changed at the first sign-in; a gateway gets
    none, for it works with a token. A role that works in a grid needs `grid`, or `staff` with a post in
    one."""

    model_config = ConfigDict(extra="forbid")

    username: str
    role: Role
    grid: str | None = None
    staff: int | None = None
    password: Password | None = None


class NewAccountAnswer(BaseModel):
    """`password` is the generated one, told this once."""

    account: AccountItem
    password: str | None


class AccountChange(BaseModel):
    """What is left out stays as it is. null takes `grid` or `staff` away."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    grid: str | None = None
    staff: int | None = None
    disabled: bool | None = None
    granted: list[Permission] | None = None


class GeneratedPassword(BaseModel):
    """Told this once."""

    password: str


class NewToken(BaseModel):
    """`client` says what the token is for."""

    model_config = ConfigDict(extra="forbid")

    client: Annotated[str, Field(max_length=200)] | None = None


class TokenAnswer(BaseModel):
    """Told this once."""

    token: str


@router.get("", summary="Accounts, by their name")
def list_accounts(
    _caller: MayAdminister,
    services: ServicesDep,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AccountPage:
    with services.database.begin() as conn:
        entries = list_entries(conn, after=cursor, limit=limit + 1)
    items = [AccountItem.of(entry) for entry in entries[:limit]]
    return AccountPage(items=items, next=items[-1].username if len(entries) > limit else None)


@router.post("", status_code=status.HTTP_201_CREATED, summary="Make an account")
def create_account(
    body: NewAccount, caller: MayAdminister, services: ServicesDep
) -> NewAccountAnswer:
    generated = None
    if body.password is None and not body.role.is_gateway:
        generated = generate_password()
    password = generated or body.password
    # Outside the transaction: hashing is slow on purpose.
    hashed = None if password is None else hash_password(password, username=body.username)
    with services.database.begin() as conn:
        administration.create_account(
            conn,
            caller.who,
            body.username,
            AccountSettings(role=body.role, grid_code=body.grid, staff_id=body.staff),
            password_hash=hashed,
            must_change=generated is not None,
            grids=active_grid_codes(conn),
            at=datetime.now(UTC),
        )
        entry = find_entry(conn, body.username)
    return NewAccountAnswer(account=AccountItem.of(entry), password=generated)


@router.patch("/{username}", summary="Change an account")
def change_account(
    username: str, body: AccountChange, caller: MayAdminister, services: ServicesDep
) -> AccountItem:
    """In force at once. Its sessions end when it is disabled or becomes somebody else's. 409
    `last_administrator` for the last administrator who is let in."""
    changes = changes_in(body, clearable={"grid", "staff"})
    if "granted" in changes:
        changes["granted"] = frozenset(changes["granted"])
    with _changing(services) as conn:
        before = administration.lock_entry(conn, username)
        administration.change_account(
            conn,
            caller.who,
            before,
            replace(before.settings, **changes),
            grids=active_grid_codes(conn),
            at=datetime.now(UTC),
        )
        entry = find_entry(conn, username)
    return AccountItem.of(entry)


@router.post("/{username}/password", summary="Give an account another password")
def reset_password(
    username: str, caller: MayAdminister, services: ServicesDep
) -> GeneratedPassword:
    """A generated one, which has to be changed at the next sign-in. Its sessions end."""
    password = generate_password()
    hashed = hash_password(password)
    with _changing(services) as conn:
        administration.set_password(conn, caller.who, username, hashed, must_change=True)
    return GeneratedPassword(password=password)


@router.delete(
    "/{username}/sessions",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="End an account's sessions and revoke its tokens",
)
def end_sessions(username: str, caller: MayAdminister, services: ServicesDep) -> None:
    with _changing(services) as conn:
        administration.sign_out_everywhere(conn, caller.who, username)


@router.delete(
    "/{username}/totp",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Take an account's second factor away",
)
def remove_totp(username: str, caller: MayAdminister, services: ServicesDep) -> None:
    """For somebody who lost what makes their codes: the password lets them in, to set it up anew."""
    with _changing(services) as conn:
        administration.remove_totp(conn, caller.who, username)


@router.post(
    "/{username}/tokens",
    status_code=status.HTTP_201_CREATED,
    summary="A token for programs",
)
def create_token(
    username: str, caller: MayAdminister, services: ServicesDep, body: NewToken | None = None
) -> TokenAnswer:
    """It may do what the account may, until it is revoked."""
    client = None if body is None else body.client
    with services.database.begin() as conn:
        token = administration.issue_token(
            conn, caller.who, username, client=client, now=datetime.now(UTC)
        )
    return TokenAnswer(token=token)


@contextmanager
def _changing(services: Services) -> Iterator[Connection]:
    """A transaction after which no old answer about anybody's access is given, not even for the moment
    that the database's announcement takes."""
    with services.database.begin() as conn:
        yield conn
    from_thread.run_sync(services.identities.forget)
