"""Signing in at the provider as an account that is here already."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from sqlalchemy import Connection, or_, select, update

from api.accounts import store
from api.accounts.oidc.attempt import Attempt
from api.accounts.oidc.provider import Person, Provider
from api.accounts.oidc.settings import OidcSettings
from api.accounts.roles import Role
from api.accounts.service import Accounts, SignedIn
from api.accounts.store import Credentials
from data.audit import Who, record
from data.database import Database
from data.schema import accounts as accounts_table
from gis.errors import NotSignedIn

_TIMEOUT_S = 10.0
_PROGRAMS = (
    Role.GATEWAY,
    Role.SENSOR_GATEWAY,
    Role.DEVICE,
)  # sign in by token, whatever a provider says


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """The browser goes to `url` and keeps `cookie` until it comes back."""

    url: str
    cookie: str


class OidcSignIn:
    """Safe to share between threads. Never makes an account. `close` it when done.

    A second factor is the provider's business: none is asked for here.
    """

    def __init__(
        self,
        settings: OidcSettings,
        database: Database,
        accounts: Accounts,
        secret_key: bytes,
        *,
        transport: httpx.BaseTransport | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = settings.name
        self._http = httpx.Client(timeout=_TIMEOUT_S, transport=transport)
        self._provider = Provider(settings, self._http)
        self._database = database
        self._accounts = accounts
        self._secret_key = secret_key
        self._now = now

    def close(self) -> None:
        self._http.close()

    def begin(self, redirect_uri: str) -> Begun:
        """Raises InstallationError when the provider does not answer."""
        attempt = Attempt.new(self._now())
        return Begun(
            url=self._provider.authorization_url(attempt, redirect_uri),
            cookie=attempt.seal(self._secret_key),
        )

    def finish(
        self,
        *,
        code: str | None,
        state: str,
        cookie: str | None,
        redirect_uri: str,
        address: str,
        client: str | None,
    ) -> SignedIn:
        """A new session of the account of whoever signed in there.

        Raises NotSignedIn, with the code `oidc_expired` when beginning again helps, and
        InstallationError when the provider does not answer.
        """
        attempt = Attempt.open(cookie, self._secret_key, state=state, now=self._now())
        if code is None:
            raise NotSignedIn("The provider let nobody in.", code="oidc_refused")
        person = self._provider.person(code, attempt, redirect_uri)
        with self._database.begin() as conn:
            credentials, why = _account_of(conn, person, address)
            if why is not None:
                _note_refusal(conn, person, credentials, why, address)
        if credentials is None or why is not None:
            raise NotSignedIn(
                "No account here is yours, or it is disabled; ask the administrator.",
                code="oidc_refused",
            )
        return self._accounts.open_session(
            credentials, address=address, client=client, how="openid connect", by_provider=True
        )


def _account_of(
    conn: Connection, person: Person, address: str
) -> tuple[Credentials | None, str | None]:
    """The person's account, if there is one, and why it may not be used.

    An account is tied to the first subject that comes with its name, and to no other ever after: names
    are given out again, subjects are not.
    """
    subject = f"{person.issuer} {person.subject}"
    tied = select(accounts_table.c.username).where(accounts_table.c.oidc_subject == subject)
    username = conn.scalar(tied)
    new = username is None
    if new:
        username = person.username
    credentials = None if username is None else store.find_credentials(conn, username)
    if credentials is None:
        return None, "no such account"
    if credentials.disabled:
        return credentials, "account disabled"
    if credentials.role in _PROGRAMS:
        return credentials, "account of a program"
    if new and not _tie(conn, credentials, subject, address):
        return credentials, "account tied to somebody else"
    return credentials, None


def _tie(conn: Connection, credentials: Credentials, subject: str, address: str) -> bool:
    tying = (
        update(accounts_table)
        .where(
            accounts_table.c.id == credentials.account_id,
            or_(accounts_table.c.oidc_subject.is_(None), accounts_table.c.oidc_subject == subject),
        )
        .values(oidc_subject=subject)
    )
    if not conn.execute(tying).rowcount:
        return False
    who = _who(credentials, credentials.username, address)
    record(
        conn,
        who,
        "account.change",
        f"account {credentials.username}",
        details={"oidc_subject": subject},
    )
    return True


def _note_refusal(
    conn: Connection, person: Person, credentials: Credentials | None, why: str, address: str
) -> None:
    name = (person.username or person.subject)[:64] if credentials is None else credentials.username
    details = {"how": "openid connect", "why": why}
    record(
        conn,
        _who(credentials, name, address),
        "session.refused",
        f"account {name}",
        details=details,
    )


def _who(credentials: Credentials | None, name: str, address: str) -> Who:
    return Who(
        account_id=None if credentials is None else credentials.account_id,
        name=name,
        role=None if credentials is None else credentials.role,
        address=address,
    )
