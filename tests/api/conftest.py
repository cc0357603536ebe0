"""The HTTP application over an empty, migrated database, and accounts of every role to call it with."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.accounts import Role
from api.accounts.service import create_account, open_session
from api.app import create_app
from api.settings import ServerSettings
from data.database import Database


class SignIn(Protocol):
    def __call__(
        self, role: str, *, grid_code: str | None = None, staff_id: int | None = None
    ) -> dict[str, str]: ...


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    return ServerSettings(web_dir=tmp_path / "dist")


@pytest.fixture
def app(database: Database, settings: ServerSettings) -> FastAPI:
    return create_app(database, settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Nobody is signed in: pass `headers=sign_in("dispatcher")`."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def sign_in(database: Database) -> SignIn:
    """`sign_in(role, grid_code=..., staff_id=...)` makes an account and gives its session's headers.

    It skips the password, which is slow to hash on purpose.
    """
    numbers = itertools.count(1)

    def sign_in(
        role: str, *, grid_code: str | None = None, staff_id: int | None = None
    ) -> dict[str, str]:
        with database.begin() as conn:
            account_id = create_account(
                conn,
                username=f"{role}-{next(numbers)}",
                password=None,
                role=Role(role),
                grid_code=grid_code,
                staff_id=staff_id,
            )
            token = open_session(conn, account_id, datetime.now(UTC))
        return {"Authorization": f"Bearer {token}"}

    return sign_in
