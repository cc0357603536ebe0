"""Accounts for tests, without the password that is slow to hash on purpose."""

import uuid
from datetime import UTC, datetime

from api.accounts import Role
from api.accounts.service import create_account, open_session
from data.database import Database


def new_token(
    database: Database, role: str, *, grid_code: str | None = None, staff_id: int | None = None
) -> str:
    """The bearer token of a new account with this role."""
    with database.begin() as conn:
        account_id = create_account(
            conn,
            username=f"{role}-{uuid.uuid4().hex[:12]}",
            password=None,
            role=Role(role),
            grid_code=grid_code,
            staff_id=staff_id,
        )
        return open_session(conn, account_id, datetime.now(UTC))
