"""Signing in and out, and telling who is behind a token."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from api.accounts import store
from api.accounts.checking import CredentialCheck
from api.accounts.passwords import hash_password
from api.accounts.pending import Pending
from api.accounts.roles import Permission, Role, permissions_of
from api.accounts.scope import Territory, territory_of
from api.accounts.sessions import delete_session, insert_session
from api.accounts.settings import SignInSettings
from api.accounts.store import Account, Credentials, SignedInAccount
from api.accounts.tokens import new_token, token_hash
from data.audit import Who, record
from data.database import Database
from data.editions import GridIndexes
from gis.errors import InvalidInput, NotSignedIn

_USERNAME = re.compile(r"[\w.@+-]{1,64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who is behind a session or token, and what part of the installation is theirs.

    While something is `pending` they may do nothing else.
    """

    account: Account
    permissions: frozenset[Permission]
    territory: Territory
    pending: tuple[Pending, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    token: str
    expires_at: datetime
    identity: Identity


class Accounts:
    """Safe to share between threads. Each method is a transaction of its own.

    Without `check` nobody has a second factor.
    """

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        *,
        check: CredentialCheck | None = None,
        settings: SignInSettings | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._grid_indexes = grid_indexes
        self._check = check or CredentialCheck(database, now=now)
        self._settings = settings or SignInSettings.model_construct()
        self._now = now

    def sign_in(
        self,
        username: str,
        password: str,
        *,
        address: str,
        code: str | None = None,
        client: str | None = None,
    ) -> SignedIn:
        """A new session. `client` is the browser, for the list of sessions.

        Raises NotSignedIn, in the same words and the same time whether the name or the password was
        wrong, and Overloaded when the name or `address` failed too often.
        """
        checked = self._check.sign_in(username, password, code, address=address)
        return self.open_session(
            checked, address=address, client=client, how="password and code" if code else "password"
        )

    def open_session(
        self,
        checked: Credentials,
        *,
        address: str,
        client: str | None,
        how: str,
        by_provider: bool = False,
    ) -> SignedIn:
        """A new session of an account whose holder has been checked, on the audit with `how`;
        `by_provider` when an identity provider checked them. Raises NotSignedIn when its password was
        changed meanwhile, or it was disabled."""
        now = self._now()
        lasts = self._settings.session_lasts
        with self._database.begin() as conn:
            present = store.find_credentials(conn, checked.username, unchanged=True)
            if (
                present is None
                or present.disabled
                or present.password_hash != checked.password_hash
            ):
                raise NotSignedIn(
                    "This account was changed just now; sign in again.", code="wrong_credentials"
                )
            token = open_session(
                conn,
                checked.account_id,
                now,
                address=address,
                client=client,
                by_provider=by_provider,
                lasts=lasts,
            )
            identity = self._identify(conn, token, now)
            who = Who(
                account_id=checked.account_id,
                name=checked.username,
                role=checked.role,
                address=address,
            )
            record(conn, who, "session.open", f"account {checked.username}", details={"how": how})
        return SignedIn(token=token, expires_at=now + lasts, identity=identity)

    def identify(self, token: str) -> Identity:
        """Raises NotSignedIn for a token that is unknown, revoked or expired."""
        with self._database.begin() as conn:
            return self._identify(conn, token, self._now())

    def sign_out(self, token: str, who: Who) -> None:
        """End the session, or revoke the token, that `token` belongs to."""
        with self._database.begin() as conn:
            kind = delete_session(conn, token_hash(token))
            if kind is not None:
                action = "token.revoke" if kind == "token" else "session.close"
                record(conn, who, action, f"account {who.name}")

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
            pending=tuple(self._pending(found, now)),
        )

    def _pending(self, found: SignedInAccount, now: datetime) -> Iterator[Pending]:
        """Only a person can do it, who signs in with a password: not a program with its token, and not
        somebody whom an identity provider has checked in its own way."""
        if found.kind == "session" and found.has_password and not found.by_provider:
            too_old = self._settings.is_too_old(found.password_changed_at, now)
            if found.account.must_change_password or too_old:
                yield Pending.CHANGE_PASSWORD
            if found.account.role in self._settings.totp_roles and not found.account.has_totp:
                yield Pending.SET_UP_TOTP


def create_account(
    conn: Connection,
    *,
    username: str,
    password: str | None,
    role: Role,
    staff_id: int | None = None,
    grid_code: str | None = None,
    must_change_password: bool = False,
) -> int:
    """The new account's id. Without `password` it signs in by token only. `must_change_password` is for
    one that its owner did not choose.

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
        password_hash=None if password is None else hash_password(password, username=username),
        role=role,
        staff_id=staff_id,
        grid_code=grid_code,
        must_change_password=must_change_password,
    )


def open_session(
    conn: Connection,
    account_id: int,
    now: datetime,
    *,
    address: str | None = None,
    client: str | None = None,
    by_provider: bool = False,
    lasts: timedelta = timedelta(hours=12),
) -> str:
    """A new session's token."""
    return _issue(
        conn,
        account_id,
        "session",
        now,
        now + lasts,
        address=address,
        client=client,
        by_provider=by_provider,
    )


def issue_token(
    conn: Connection,
    username: str,
    now: datetime,
    *,
    address: str | None = None,
    client: str | None = None,
) -> str:
    """A token for programs, valid until it is revoked. `client` says what it is for.

    Raises NotFound for an unknown account.
    """
    credentials = store.find_credentials(conn, username)
    if credentials is None:
        raise store.no_such_account(username)
    account_id = credentials.account_id
    return _issue(conn, account_id, "token", now, None, address=address, client=client)


def _issue(
    conn: Connection,
    account_id: int,
    kind: str,
    now: datetime,
    expires_at: datetime | None,
    *,
    address: str | None,
    client: str | None,
    by_provider: bool = False,
) -> str:
    token = new_token()
    insert_session(
        conn,
        account_id=account_id,
        token_hash=token_hash(token),
        kind=kind,
        created_at=now,
        expires_at=expires_at,
        address=address,
        client=client,
        by_provider=by_provider,
    )
    return token
