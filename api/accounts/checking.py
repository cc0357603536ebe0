"""Checking passwords and codes: under back-off, and with each refusal on the audit."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection

from api.accounts import store
from api.accounts.passwords import password_matches
from api.accounts.store import Credentials
from api.accounts.throttle import Throttle
from api.accounts.totp import code_to_step
from data.audit import Who, record
from data.database import Database
from data.sealing import Seal
from gis.errors import NotSignedIn

_NAME_LENGTH = 64


class CredentialCheck:
    """Safe to share between threads. Raises Overloaded for a name or an address that failed too often.

    `secret_key` is what second factors are encrypted with.
    """

    def __init__(
        self,
        database: Database,
        *,
        secret_key: bytes | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._throttle = Throttle(database, now=now)
        self._seal = Seal(secret_key or secrets.token_bytes(32), "second factors")
        self._now = now

    def sign_in(
        self, username: str, password: str, code: str | None, *, address: str
    ) -> Credentials:
        """Raises NotSignedIn: in the same words and the same time whatever was wrong with name and
        password, and with the code `totp_required` or `wrong_totp` only once both are right."""
        self._throttle.begin(username, address)
        credentials, why = self._password(username, password)
        if credentials is None or why is not None:
            self._refused(credentials, username, address, why or "no such account")
            raise NotSignedIn(
                "The username or the password is wrong; check both and try again.",
                code="wrong_credentials",
            )
        if credentials.totp_secret is not None and not code:
            self._throttle.forgive(username, address)
            raise NotSignedIn(
                "This account has a second factor; enter the code that your authenticator app shows.",
                code="totp_required",
            )
        if code and not self._uses_up(credentials, code):
            self._refused(credentials, username, address, "wrong code")
            raise NotSignedIn(
                "The code is wrong or was used before; wait for the next one.", code="wrong_totp"
            )
        self._throttle.succeeded(username, address)
        return credentials

    def password_is_right(self, username: str, password: str, *, address: str) -> bool:
        """Of somebody who is signed in. Raises Overloaded."""
        self._throttle.begin(username, address)
        credentials, why = self._password(username, password)
        if why is None:
            self._throttle.succeeded(username, address)
        else:
            self._refused(credentials, username, address, f"{why} when changing it")
        return why is None

    def code_is_right(self, username: str, code: str, *, address: str) -> bool:
        """Of somebody who is signed in. It is used up then. Raises Overloaded."""
        self._throttle.begin(username, address)
        with self._database.begin() as conn:
            credentials = store.find_credentials(conn, username)
        if credentials is not None and self._uses_up(credentials, code):
            self._throttle.succeeded(username, address)
            return True
        self._refused(credentials, username, address, "wrong code when removing the second factor")
        return False

    def store_totp(self, conn: Connection, account_id: int, secret: str, last_step: int) -> bool:
        """Whether the account had no second factor and has this one now."""
        sealed = self._seal.seal(secret.encode(), owner=_owner(account_id))
        return store.set_totp(conn, account_id, sealed, last_step)

    def _password(self, username: str, password: str) -> tuple[Credentials | None, str | None]:
        """The account, if there is one, and what is wrong, for the audit only."""
        with self._database.begin() as conn:
            credentials = store.find_credentials(conn, username)
        # Outside the transaction: hashing is slow on purpose, connections are few.
        matches = password_matches(password, credentials.password_hash if credentials else None)
        if credentials is None:
            return None, "no such account"
        if not matches:
            return credentials, "wrong password"
        return credentials, "account disabled" if credentials.disabled else None

    def _uses_up(self, credentials: Credentials, code: str) -> bool:
        """Whether the code counts; it never does again. Without a second factor any code does."""
        if credentials.totp_secret is None:
            return True
        owner = _owner(credentials.account_id)
        secret = self._seal.open(credentials.totp_secret, owner=owner).decode()
        step = code_to_step(secret, code, self._now(), after=credentials.totp_last_step)
        if step is None:
            return False
        with self._database.begin() as conn:
            return store.use_up_totp_step(conn, credentials.account_id, step)

    def _refused(
        self, credentials: Credentials | None, username: str, address: str, why: str
    ) -> None:
        name = username[:_NAME_LENGTH]
        who = Who(
            account_id=None if credentials is None else credentials.account_id,
            name=name,
            role=None if credentials is None else credentials.role,
            address=address,
        )
        with self._database.begin() as conn:
            record(conn, who, "session.refused", f"account {name}", details={"why": why})


def _owner(account_id: int) -> str:
    return f"account {account_id}"
