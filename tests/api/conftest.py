"""The HTTP application over an empty, migrated database, and accounts of every role to call it with."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import ServerSettings
from data.database import Database
from data.installation import Databases
from tests.accounts import new_token


class SignIn(Protocol):
    def __call__(
        self, role: str, *, grid_code: str | None = None, staff_id: int | None = None
    ) -> dict[str, str]: ...


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    return ServerSettings(web_dir=tmp_path / "dist")


@pytest.fixture
def app(database: Database, settings: ServerSettings) -> Iterator[FastAPI]:
    """As the server's roles, while the tests look at `database` as its owner."""
    with Databases.beside(database) as databases:
        yield create_app(databases.application, settings, tracking=databases.tracking)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Nobody is signed in: pass `headers=sign_in("dispatcher")`."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def sign_in(database: Database) -> SignIn:
    """`sign_in(role, grid_code=..., staff_id=...)` makes an account and gives its session's headers."""

    def sign_in(
        role: str, *, grid_code: str | None = None, staff_id: int | None = None
    ) -> dict[str, str]:
        token = new_token(database, role, grid_code=grid_code, staff_id=staff_id)
        return {"Authorization": f"Bearer {token}"}

    return sign_in
