"""Accounts as an administrator makes and changes them: each change with its record on the audit.

Every function is part of the caller's transaction. `grids` are the codes of the edition in force; None
before the first, when any code is taken.
"""

from collections.abc import Container
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select, text, update

from api.accounts import service
from api.accounts.entries import AccountEntry, AccountSettings, find_entry
from api.accounts.overrides import require_free
from api.accounts.roles import Role
from api.accounts.sessions import delete_sessions
from api.accounts.store import set_password_hash
from api.changes import differences
from data.audit import Who, record
from data.schema import accounts, posts
from gis.errors import Conflict, InvalidInput
from patrol.duty.appointments import require_grid
from patrol.duty.staff import require_staff


def lock_entry(conn: Connection, username: str) -> AccountEntry:
    """Like `find_entry`; no other administrator changes an account until the transaction ends: two of
    them could else shut each other out."""
    conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('wangge accounts'))"))
    return find_entry(conn, username)


def create_account(
    conn: Connection,
    who: Who,
    username: str,
    settings: AccountSettings,
    *,
    password_hash: str | None,
    must_change: bool = False,
    grids: Container[str] | None,
    at: datetime,
) -> None:
    """Without a password it signs in by token only.

    Raises InvalidInput for an unusable name or settings, and Conflict for a name that is taken.
    """
    if settings.role is Role.DEVICE:
        raise InvalidInput(
            "A device's account is made when the device is enrolled: POST /api/v1/devices.",
            field="role",
        )
    require_grid(settings.grid_code, grids)
    require_staff(conn, settings.staff_id)
    _require_place(conn, settings, at)
    service.create_account(
        conn,
        username=username,
        password=None,
        role=settings.role,
        staff_id=settings.staff_id,
        grid_code=settings.grid_code,
    )
    _update(conn, username, password_hash=password_hash, must_change_password=must_change)
    details = {
        "role": settings.role,
        "grid": settings.grid_code,
        "staff": settings.staff_id,
        "has_password": password_hash is not None,
    }
    record(conn, who, "account.create", _subject(username), details=details)


def change_account(
    conn: Connection,
    who: Who,
    before: AccountEntry,
    after: AccountSettings,
    *,
    grids: Container[str] | None,
    at: datetime,
) -> None:
    """In force at once. Its sessions end when it is disabled or becomes somebody else's. `before` is
    from `lock_entry`. What is the same is neither checked nor recorded.

    Raises InvalidInput, and Conflict for the last administrator who is let in and for a permission that
    the role can never have.
    """
    old = before.settings
    if before.device is not None and replace(after, disabled=old.disabled) != old:
        raise _is_a_device(before)
    if after.role is Role.DEVICE and old.role is not Role.DEVICE:
        raise InvalidInput(
            "An account cannot become a device's; enrol the device: POST /api/v1/devices.",
            field="role",
        )
    for permission in after.granted - old.granted:
        require_free(after.role, permission, True)
    if after.grid_code != old.grid_code:
        require_grid(after.grid_code, grids)
    if after.staff_id != old.staff_id:
        require_staff(conn, after.staff_id)
    if _place(after) != _place(old):
        _require_place(conn, after, at)
    if _is_administrator(old) and not _is_administrator(after):
        _refuse_for_the_last_administrator(conn, before.username)
    changed = differences(old, after, shown={"granted": sorted})
    if not changed:
        return
    _update(
        conn,
        before.username,
        role=after.role.value,
        grid_code=after.grid_code,
        staff_id=after.staff_id,
        disabled=after.disabled,
        granted=sorted(after.granted),
    )
    if (after.disabled and not old.disabled) or after.staff_id != old.staff_id:
        delete_sessions(conn, before.id, kind="session")
    if changed.pop("disabled", None) is not None:
        action = "account.disable" if after.disabled else "account.enable"
        record(conn, who, action, _subject(before.username))
    if changed:
        record(conn, who, "account.change", _subject(before.username), details=changed)


def set_password(
    conn: Connection, who: Who, username: str, password_hash: str, *, must_change: bool
) -> None:
    """Its sessions end: whoever knew the old password is out. Raises NotFound, and Conflict for a
    device's account."""
    _require_no_device(conn, username)
    set_password_hash(conn, username, password_hash, must_change=must_change)
    details = {"must_change": must_change}
    record(conn, who, "password.change", _subject(username), details=details)


def sign_out_everywhere(conn: Connection, who: Who, username: str) -> int:
    """End its sessions and revoke its tokens; how many there were. Raises NotFound."""
    ended = delete_sessions(conn, find_entry(conn, username).id, kind="session")
    record(conn, who, "session.close", _subject(username), details={"sessions": ended})
    return ended + revoke_tokens(conn, who, username)


def remove_totp(conn: Connection, who: Who, username: str) -> None:
    """For somebody who lost what makes their codes. Raises NotFound."""
    if find_entry(conn, username).has_totp:
        _update(conn, username, totp_secret=None, totp_last_step=None)
        record(conn, who, "totp.disable", _subject(username))


def issue_token(
    conn: Connection, who: Who, username: str, *, client: str | None, now: datetime
) -> str:
    """A token for programs, valid until it is revoked. `client` says what it is for. Raises NotFound,
    and Conflict for a device's account."""
    _require_no_device(conn, username)
    token = service.issue_token(conn, username, now, client=client)
    record(conn, who, "token.create", _subject(username), details={"for": client})
    return token


def revoke_tokens(conn: Connection, who: Who, username: str) -> int:
    """How many there were. Its sessions in browsers go on. Raises NotFound."""
    revoked = delete_sessions(conn, find_entry(conn, username).id, kind="token")
    if revoked:
        record(conn, who, "token.revoke", _subject(username), details={"tokens": revoked})
    return revoked


def _update(conn: Connection, username: str, **values: Any) -> None:
    conn.execute(update(accounts).where(accounts.c.username == username).values(**values))


def _place(settings: AccountSettings) -> tuple[Role, str | None, int | None]:
    return settings.role, settings.grid_code, settings.staff_id


def _require_place(conn: Connection, settings: AccountSettings, at: datetime) -> None:
    if not settings.role.works_in_a_grid or settings.grid_code is not None:
        return
    holds_one = select(posts.c.id).where(
        posts.c.staff_id == settings.staff_id,
        posts.c.grid_code.is_not(None),
        or_(posts.c.valid_to.is_(None), posts.c.valid_to > at),
    )
    if settings.staff_id is None or conn.execute(holds_one.limit(1)).first() is None:
        raise InvalidInput(
            f"A {settings.role} works in a grid: give the account a grid, or somebody on the staff "
            "who holds a post in one.",
            code="needs_grid",
            field="grid",
        )


def _is_administrator(settings: AccountSettings) -> bool:
    return settings.role is Role.ADMIN and not settings.disabled


def _refuse_for_the_last_administrator(conn: Connection, username: str) -> None:
    others = select(accounts.c.id).where(
        accounts.c.role == Role.ADMIN.value,
        accounts.c.disabled.is_(False),
        accounts.c.username != username,
    )
    if conn.execute(others.limit(1)).first() is None:
        raise Conflict(
            f"{username} is the last administrator who is let in; make another one first.",
            code="last_administrator",
        )


def _require_no_device(conn: Connection, username: str) -> None:
    entry = find_entry(conn, username)
    if entry.device is not None:
        raise _is_a_device(entry)


def _is_a_device(entry: AccountEntry) -> Conflict:
    return Conflict(
        f"{entry.username} is the account of the device {entry.device}: it can be disabled here; for "
        "everything else see /api/v1/devices.",
        code="device_account",
    )


def _subject(username: str) -> str:
    return f"account {username}"
