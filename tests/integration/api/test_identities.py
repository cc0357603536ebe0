"""Who is behind a token: remembered between requests, forgotten when it changes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from api.accounts import Accounts, Identities, Identity, Role
from api.accounts.service import create_account, open_session
from data.database import Database
from data.editions import GridIndexes
from gis.errors import NotSignedIn


class CountingAccounts(Accounts):
    asked = 0

    def identify(self, token: str) -> Identity:
        self.asked += 1
        return super().identify(token)


@pytest.fixture
def accounts(database: Database) -> CountingAccounts:
    return CountingAccounts(database, GridIndexes(database))


@pytest.fixture
def token(database: Database) -> str:
    with database.begin() as conn:
        account_id = create_account(conn, username="li", password=None, role=Role.DISPATCHER)
        return open_session(conn, account_id, datetime.now(UTC))


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await condition():
            await asyncio.sleep(0.01)


async def remembers(identities: Identities, accounts: CountingAccounts, token: str) -> bool:
    await identities.identify(token)
    before = accounts.asked
    await identities.identify(token)
    return accounts.asked == before


async def heard_since(identities: Identities, generation: int) -> bool:
    return identities.generation > generation


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM sessions",
        "UPDATE sessions SET expires_at = now()",
        "UPDATE accounts SET disabled = true",
        "DELETE FROM accounts",
    ],
)
def test_whatever_ends_a_session_ends_it_in_memory_too(
    database: Database, accounts: CountingAccounts, token: str, change: str
) -> None:
    async def scenario() -> None:
        identities = Identities(accounts, database)
        async with identities:
            await until(lambda: remembers(identities, accounts, token))
            with database.begin() as conn:
                conn.execute(text(change))

            async def is_out() -> bool:
                try:
                    await identities.identify(token)
                except NotSignedIn:
                    return True
                return False

            await until(is_out)

    asyncio.run(scenario())


def test_a_new_role_shows_without_signing_in_again(
    database: Database, accounts: CountingAccounts, token: str
) -> None:
    async def scenario() -> None:
        identities = Identities(accounts, database)
        async with identities:
            await until(lambda: remembers(identities, accounts, token))
            with database.begin() as conn:
                conn.execute(text("UPDATE accounts SET role = 'analyst'"))

            async def is_analyst() -> bool:
                return (await identities.identify(token)).account.role is Role.ANALYST

            await until(is_analyst)

    asyncio.run(scenario())


def test_somebody_else_signing_in_makes_nobody_forget(
    database: Database, accounts: CountingAccounts, token: str
) -> None:
    async def scenario() -> None:
        identities = Identities(accounts, database)
        async with identities:
            await until(lambda: remembers(identities, accounts, token))
            with database.begin() as conn:
                open_session(conn, 1, datetime.now(UTC))
            assert await remembers(identities, accounts, token)

    asyncio.run(scenario())


def test_a_code_of_a_second_factor_that_is_used_up_makes_nobody_forget(
    database: Database, accounts: CountingAccounts, token: str
) -> None:
    async def scenario() -> None:
        identities = Identities(accounts, database)
        async with identities:
            await until(lambda: remembers(identities, accounts, token))
            with database.begin() as conn:
                conn.execute(text("UPDATE accounts SET totp_last_step = 1"))
                # Announcements come in the order of commits: this one is heard last.
                conn.execute(text("SELECT pg_notify('access', '')"))
            generation = identities.generation
            await until(lambda: heard_since(identities, generation))
            assert identities.generation == generation + 1

    asyncio.run(scenario())


def test_whoever_watches_is_told_of_a_change_and_not_after_they_left(
    database: Database, accounts: CountingAccounts, token: str
) -> None:
    async def scenario() -> None:
        identities = Identities(accounts, database)
        told = []
        with identities.watched(by=lambda: told.append(identities.generation)):
            async with identities:
                await until(lambda: remembers(identities, accounts, token))
                generation = identities.generation
                with database.begin() as conn:
                    conn.execute(text("UPDATE accounts SET disabled = true"))
                await until(lambda: heard_since(identities, generation))
        assert generation + 1 in told
        before = len(told)
        identities.forget()
        assert len(told) == before

    asyncio.run(scenario())


def test_while_nobody_listens_every_request_asks_the_database(
    database: Database, accounts: CountingAccounts, token: str
) -> None:
    async def scenario() -> None:
        identities = Identities(accounts, database)
        assert not await remembers(identities, accounts, token)

    asyncio.run(scenario())


def test_a_lost_connection_is_opened_again(
    database: Database, accounts: CountingAccounts, token: str
) -> None:
    async def scenario() -> None:
        identities = Identities(accounts, database)
        async with identities:
            await until(lambda: remembers(identities, accounts, token))
            with database.begin() as conn:
                conn.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE query = 'LISTEN access'"
                    )
                )

            async def forgot() -> bool:
                return not await remembers(identities, accounts, token)

            await until(forgot)
            await until(lambda: remembers(identities, accounts, token))

    asyncio.run(scenario())
