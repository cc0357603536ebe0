"""Rows of `sessions`: who is signed in where, and the tokens of programs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select

from data.schema import sessions

_ID_BYTES = 6
_CLIENT_LENGTH = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenSession:
    """`id` names it among those of its account and signs nobody in. `expires_at` is None until revoked;
    `address` and `client` are None where nobody noted them."""

    id: str
    kind: str
    created_at: datetime
    expires_at: datetime | None
    address: str | None
    client: str | None
    token_hash: bytes


def insert_session(
    conn: Connection,
    *,
    account_id: int,
    token_hash: bytes,
    kind: str,
    created_at: datetime,
    expires_at: datetime | None,
    address: str | None = None,
    client: str | None = None,
    by_provider: bool = False,
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
            address=address,
            client=None if client is None else client[:_CLIENT_LENGTH],
            by_provider=by_provider,
        )
    )


def list_sessions(conn: Connection, account_id: int, now: datetime) -> list[OpenSession]:
    """Those of the account that are valid at `now`, the newest first."""
    statement = (
        select(sessions)
        .where(
            sessions.c.account_id == account_id,
            or_(sessions.c.expires_at.is_(None), sessions.c.expires_at > now),
        )
        .order_by(sessions.c.created_at.desc(), sessions.c.token_hash)
    )
    return [
        OpenSession(
            id=row.token_hash[:_ID_BYTES].hex(),
            kind=row.kind,
            created_at=row.created_at,
            expires_at=row.expires_at,
            address=row.address,
            client=row.client,
            token_hash=row.token_hash,
        )
        for row in conn.execute(statement)
    ]


def delete_session(conn: Connection, token_hash: bytes) -> str | None:
    """The kind of what has ended, "session" or "token"; None when there was nothing."""
    kind: str | None = conn.execute(
        delete(sessions).where(sessions.c.token_hash == token_hash).returning(sessions.c.kind)
    ).scalar_one_or_none()
    return kind


def delete_sessions(
    conn: Connection, account_id: int, *, kind: str, keep: bytes | None = None
) -> int:
    """How many of this kind have ended: all of the account, but for the one with the hash `keep`. With
    its tokens a terminal's code ends."""
    kinds = ("token", "terminal") if kind == "token" else (kind,)
    ending = delete(sessions).where(sessions.c.account_id == account_id, sessions.c.kind.in_(kinds))
    if keep is not None:
        ending = ending.where(sessions.c.token_hash != keep)
    return conn.execute(ending).rowcount
