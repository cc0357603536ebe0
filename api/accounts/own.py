"""What everybody does with their own account: its password, its second factor, its sessions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from api.accounts import store
from api.accounts.checking import CredentialCheck
from api.accounts.passwords import hash_password
from api.accounts.sessions import OpenSession, delete_sessions, list_sessions
from api.accounts.settings import SignInSettings
from api.accounts.store import Account
from api.accounts.tokens import token_hash
from api.accounts.totp import code_to_step, is_secret, new_secret, secret_to_uri
from data.audit import Who, record
from data.database import Database
from gis.errors import Conflict, InvalidInput, NotPermitted


@dataclass(frozen=True, kw_only=True, slots=True)
class TotpOffer:
    """A second factor that is not the account's yet: only a code of it makes it so."""

    secret: str
    uri: str


class OwnAccount:
    """Safe to share between threads. Each method is a transaction of its own.

    `who` is the holder of the account, for the audit.
    """

    def __init__(
        self,
        database: Database,
        check: CredentialCheck,
        *,
        settings: SignInSettings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._check = check
        self._settings = settings
        self._now = now

    def change_password(
        self, account: Account, old: str, new: str, *, present: str, who: Who
    ) -> None:
        """Every session ends but the one with the token `present`.

        Raises InvalidInput for an `old` that is wrong and a `new` that will not do, and Overloaded.
        """
        if not self._check.password_is_right(account.username, old, address=who.address or ""):
            raise InvalidInput(
                "The old password is wrong; check it and try again.",
                code="wrong_password",
                field="old",
            )
        if new == old:
            raise InvalidInput(
                "The new password is the old one; choose another.",
                code="same_password",
                field="new",
            )
        hashed = hash_password(new, username=account.username, field="new")
        with self._database.begin() as conn:
            store.set_password_hash(conn, account.username, hashed, keep=token_hash(present))
            record(conn, who, "password.change", f"account {account.username}")

    def sessions(self, account: Account) -> list[OpenSession]:
        """Where the account is signed in, and its tokens; the newest first."""
        with self._database.begin() as conn:
            return list_sessions(conn, account.id, self._now())

    def sign_out_everywhere(self, account: Account, *, tokens: bool, who: Who) -> None:
        """With `tokens`, those of its programs are revoked too."""
        subject = f"account {account.username}"
        with self._database.begin() as conn:
            ended = delete_sessions(conn, account.id, kind="session")
            revoked = delete_sessions(conn, account.id, kind="token") if tokens else 0
            record(conn, who, "session.close", subject, details={"sessions": ended})
            if revoked:
                record(conn, who, "token.revoke", subject, details={"tokens": revoked})

    def offer_totp(self, account: Account) -> TotpOffer:
        """Raises Conflict when there is a second factor already."""
        if account.has_totp:
            raise _has_totp()
        secret = new_secret()
        return TotpOffer(secret=secret, uri=secret_to_uri(secret, account.username))

    def enable_totp(self, account: Account, secret: str, code: str, *, who: Who) -> None:
        """Raises InvalidInput for a wrong code, and Conflict when there is a second factor already."""
        if not is_secret(secret):
            raise InvalidInput(
                "That is no secret of Wangge's; ask for one with POST /api/v1/sessions/totp.",
                field="secret",
            )
        step = code_to_step(secret, code, self._now())
        if step is None:
            raise InvalidInput(
                "The code is wrong; enter the one that the app shows now, and check that the clocks "
                "of the telephone and of this server are right.",
                code="wrong_totp",
                field="code",
            )
        with self._database.begin() as conn:
            if not self._check.store_totp(conn, account.id, secret, step):
                raise _has_totp()
            record(conn, who, "totp.enable", f"account {account.username}")

    def disable_totp(self, account: Account, code: str, *, who: Who) -> None:
        """Raises NotPermitted where the role must have it, InvalidInput for a wrong code, Conflict when
        there is none, and Overloaded."""
        if account.role in self._settings.totp_roles:
            raise NotPermitted(
                f"The role {account.role} must have a second factor here. If the telephone is lost, "
                "the administrator removes it, and a new one is set up at the next sign-in.",
                code="totp_required_by_role",
            )
        if not account.has_totp:
            raise Conflict("This account has no second factor to remove.", code="no_totp")
        if not self._check.code_is_right(account.username, code, address=who.address or ""):
            raise InvalidInput(
                "The code is wrong or was used before; wait for the next one.",
                code="wrong_totp",
                field="code",
            )
        with self._database.begin() as conn:
            store.remove_totp(conn, account.username)
            record(conn, who, "totp.disable", f"account {account.username}")


def _has_totp() -> Conflict:
    return Conflict(
        "This account has a second factor already; remove it before setting up another.",
        code="has_totp",
    )
