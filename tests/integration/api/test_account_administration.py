from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, text

from api.accounts import Role
from api.accounts.administration import change_account, lock_entry
from api.accounts.service import create_account
from data.audit import Who
from data.database import Database
from gis.errors import Conflict

WHO = Who.at_the_machine()


def disable(conn: Connection, username: str) -> None:
    before = lock_entry(conn, username)
    after = replace(before.settings, disabled=True)
    change_account(conn, WHO, before, after, grids=None, at=datetime.now(UTC))


def wait_until_somebody_waits(conn: Connection) -> None:
    waiting = text(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
    while not conn.scalar(waiting):
        pass


def test_two_administrators_who_shut_each_other_out_at_once_leave_one(database: Database) -> None:
    with database.begin() as conn:
        for username in ("li", "wang"):
            create_account(conn, username=username, password=None, role=Role.ADMIN)

    def disable_li() -> None:
        with database.begin() as conn:
            disable(conn, "li")

    with ThreadPoolExecutor(1) as pool:
        with database.begin() as conn:
            disable(conn, "wang")
            second = pool.submit(disable_li)
            wait_until_somebody_waits(conn)
        with pytest.raises(Conflict, match="li is the last administrator"):
            second.result()
