"""Signing in, where HTTP does not reach: what changes meanwhile, and what is too long."""

import pytest
from sqlalchemy import select, text

from api.accounts import Accounts, Role
from api.accounts.service import create_account
from api.accounts.store import find_credentials
from data.database import Database
from data.editions import GridIndexes
from data.schema import audit_events
from gis.errors import NotSignedIn


@pytest.fixture
def accounts(database: Database) -> Accounts:
    with database.begin() as conn:
        create_account(conn, username="zhou", password="correct horse", role=Role.DISPATCHER)
    return Accounts(database, GridIndexes(database))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts SET password_hash = 'another'",
        "UPDATE accounts SET disabled = true",
        "DELETE FROM accounts",
    ],
)
def test_a_change_while_the_password_was_being_checked_counts(
    accounts: Accounts, database: Database, change: str
) -> None:
    with database.begin() as conn:
        checked = find_credentials(conn, "zhou")
    assert checked is not None
    with database.begin() as conn:
        conn.execute(text(change))
    with pytest.raises(NotSignedIn, match="sign in again"):
        accounts.open_session(checked, address="", client=None, how="password")


def test_an_unknown_name_is_cut_on_the_audit(accounts: Accounts, database: Database) -> None:
    with pytest.raises(NotSignedIn):
        accounts.sign_in("网" * 1000, "correct horse", address="10.0.0.1")
    with database.begin() as conn:
        [actor] = conn.scalars(select(audit_events.c.actor))
    assert actor == "网" * 64
