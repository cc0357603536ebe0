"""Where an installation lives: its data directory and its database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from data.cluster import Cluster
from data.database import Database


def default_data_dir() -> Path:
    """`$XDG_DATA_HOME/wangge`; for root `/var/lib/wangge`, for root's home is closed to PostgreSQL."""
    if os.geteuid() == 0:
        return Path("/var/lib/wangge")
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "wangge"


class Installation(BaseSettings):
    """`WANGGE_DATA` and `WANGGE_DATABASE_URL`. Without the second, the private cluster is used."""

    model_config = SettingsConfigDict(
        env_prefix="WANGGE_", env_ignore_empty=True, frozen=True, populate_by_name=True
    )

    data_dir: Path = Field(default_factory=default_data_dir, validation_alias="WANGGE_DATA")
    database_url: str | None = None

    @property
    def cluster_dir(self) -> Path:
        return self.data_dir / "postgres"

    @contextmanager
    def open_database(self) -> Iterator[Database]:
        """The installation's database, reachable and migrated; the private cluster runs meanwhile."""
        if self.database_url is not None:
            with _opened(self.database_url) as database:
                yield database
        else:
            with Cluster(self.cluster_dir).running() as url, _opened(url) as database:
                yield database


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        database.migrate()
        yield database
    finally:
        database.close()
