"""Where an installation lives: its data directory and its database."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL

from data.cluster import Cluster
from data.database import Database
from data.roles import APPLICATION, TRACKING


def default_data_dir() -> Path:
    """`$XDG_DATA_HOME/wangge`; for root `/var/lib/wangge`, for root's home is closed to PostgreSQL."""
    if os.geteuid() == 0:
        return Path("/var/lib/wangge")
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "wangge"


@dataclass(frozen=True, kw_only=True, slots=True)
class Databases:
    """One database, as each of its roles sees it.

    `owner` migrates and works for whoever is at the machine; the server answers requests as
    `application`, under row-level security, and stores fixes as `tracking`.
    """

    owner: Database
    application: Database
    tracking: Database

    @classmethod
    @contextmanager
    def beside(
        cls,
        owner: Database,
        *,
        application_url: str | URL | None = None,
        tracking_url: str | URL | None = None,
    ) -> Iterator[Self]:
        """All three. Without a URL the role needs no password where the owner is, as in a private
        cluster."""
        with (
            _opened(application_url or owner.url_as(APPLICATION)) as application,
            _opened(tracking_url or owner.url_as(TRACKING)) as tracking,
        ):
            yield cls(owner=owner, application=application, tracking=tracking)


class Installation(BaseSettings):
    """`WANGGE_DATA` and `WANGGE_DATABASE_URL`. Without the second, the private cluster is used.

    On a server of one's own, `WANGGE_DATABASE_URL` names the role that owns the tables,
    `WANGGE_APPLICATION_URL` and `WANGGE_TRACKING_URL` the same database as wangge_app and as
    wangge_tracking. Where these two are missing the owner does their work, without the second wall.
    """

    model_config = SettingsConfigDict(
        env_prefix="WANGGE_", env_ignore_empty=True, frozen=True, populate_by_name=True
    )

    data_dir: Path = Field(default_factory=default_data_dir, validation_alias="WANGGE_DATA")
    database_url: str | None = None
    application_url: str | None = None
    tracking_url: str | None = None

    @property
    def cluster_dir(self) -> Path:
        return self.data_dir / "postgres"

    def secret_key(self) -> bytes:
        """32 random bytes that stay the same: `secret.key` in the data directory, made when missing,
        readable by its owner only."""
        path = self.data_dir / "secret.key"
        with suppress(FileNotFoundError):
            return path.read_bytes()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        key = secrets.token_bytes(32)
        with tempfile.NamedTemporaryFile(dir=self.data_dir, delete=False) as file:  # mode 0600
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).rename(path)
        return key

    @contextmanager
    def open_database(self) -> Iterator[Database]:
        """The installation's database, reachable and migrated, as its owner; the private cluster runs
        meanwhile."""
        with self._reachable() as url, _opened(url) as database:
            database.migrate()
            yield database

    @contextmanager
    def open_databases(self) -> Iterator[Databases]:
        """The same, for the server: as each of its roles."""
        with (
            self.open_database() as owner,
            Databases.beside(
                owner,
                application_url=self.application_url or self.database_url,
                tracking_url=self.tracking_url or self.database_url,
            ) as databases,
        ):
            yield databases

    @contextmanager
    def _reachable(self) -> Iterator[str]:
        if self.database_url is not None:
            yield self.database_url
        else:
            with Cluster(self.cluster_dir).running() as url:
                yield url


@contextmanager
def _opened(url: str | URL) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()
