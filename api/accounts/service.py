"""Signing in and out, and telling who is behind a token."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from api.accounts import store
from api.accounts.passwords import hash_password, password_matches
from api.accounts.roles import Permission, Role, permissions_of
from api.accounts.scope import Territory, territory_of
from api.accounts.store import Account
from api.accounts.throttle import Throttle
from api.accounts.tokens import new_token, token_hash
from data.database import Database
from data.editions import GridIndexes
from gis.errors import InvalidInput, NotSignedIn

SESSION_LASTS = timedelta(hours=12)  # a shift and its handover

_USERNAME = re.compile(r"[\w.@+-]{1,64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who is behind a session or token, and what part of the installation is theirs."""

    account: Account
    permissions: frozenset[Permission]
    territory: Territory


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    token: str
    expires_at: datetime
    identity: Identity


class Accounts:
    """Safe to share between threads. Each method is a transaction of its own."""

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._grid_indexes = grid_indexes
        self._now = now
        self._throttle = Throttle(monotonic_s)

    def sign_in(self, username: str, password: str, *, address: str) -> SignedIn:
        """A new session. Raises NotSignedIn, in the same words and the same time whatever was wrong,
        and Overloaded for a name that failed too often from `address`."""
        key = (username, address)
        self._throttle.check(key)
        with self._database.begin() as conn:
            credentials = store.find_credentials(conn, username)
        # Outside the transaction: hashing is slow on purpose, connections are few.
        known = None if credentials is None else credentials.password_hash
        matches = password_matches(password, known)
        if credentials is None or not matches or credentials.disabled:
            self._throttle.failed(key)
            raise NotSignedIn(
                "The username or the password is wrong; check both and try again.",
                code="wrong_credentials",
            )
        self._throttle.succeeded(key)
        now = self._now()
        with self._database.begin() as conn:
            token = open_session(conn, credentials.account_id, now)
            identity = self._identify(conn, token, now)
        return SignedIn(token=token, expires_at=now + SESSION_LASTS, identity=identity)

    def identify(self, token: str) -> Identity:
        """Raises NotSignedIn for a token that is unknown, revoked or expired."""
        with self._database.begin() as conn:
            return self._identify(conn, token, self._now())

    def sign_out(self, token: str) -> None:
        """End the session, or revoke the token, that `token` belongs to."""
        with self._database.begin() as conn:
            store.delete_session(conn, token_hash(token))

    def _identify(self, conn: Connection, token: str, now: datetime) -> Identity:
        found = store.find_signed_in(conn, token_hash(token), now)
        if found is None:
            raise NotSignedIn("The session has ended or the token was revoked; sign in again.")
        account = found.account
        tree = None
        if not account.role.sees_everything:
            index = self._grid_indexes.active(conn)
            tree = None if index is None else index.tree
        return Identity(
            account=account,
            permissions=permissions_of(
                account.role, overrides=found.overrides, granted=found.granted
            ),
            territory=territory_of(
                account.role, grid_code=account.grid_code, posts=found.posts, tree=tree
            ),
        )


def create_account(
    conn: Connection,
    *,
    username: str,
    password: str | None,
    role: Role,
    staff_id: int | None = None,
    grid_code: str | None = None,
) -> int:
    """The new account's id. Without `password` it signs in by token only.

    Raises InvalidInput for an unusable name or password and Conflict for a name that is taken.
    """
    if not _USERNAME.fullmatch(username):
        raise InvalidInput(
            "An account's name is 1 to 64 letters, digits or . _ - + @, without spaces.",
            field="username",
        )
    return store.insert_account(
        conn,
        username=username,
        password_hash=None if password is None else hash_password(password),
        role=role,
        staff_id=staff_id,
        grid_code=grid_code,
    )


def open_session(conn: Connection, account_id: int, now: datetime) -> str:
    """A new session's token, valid for SESSION_LASTS."""
    return _issue(conn, account_id, "session", now, now + SESSION_LASTS)


def issue_token(conn: Connection, username: str, now: datetime) -> str:
    """A token for programs, valid until it is revoked. Raises NotFound for an unknown account."""
    credentials = store.find_credentials(conn, username)
    if credentials is None:
        raise store.no_such_account(username)
    return _issue(conn, credentials.account_id, "token", now, None)


def _issue(
    conn: Connection, account_id: int, kind: str, now: datetime, expires_at: datetime | None
) -> str:
    token = new_token()
    store.insert_session(
        conn,
        account_id=account_id,
        token_hash=token_hash(token),
        kind=kind,
        created_at=now,
        expires_at=expires_at,
    )
    return token
