"""The database: where it is, transactions on it, and its migrations.

Ordinary statements are synchronous SQLAlchemy Core. The few hot paths (fixes in, the live stream,
vector tiles) take a plain asynchronous psycopg connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError

from data.roles import require_roles
from data.scope import Viewer
from gis.errors import InstallationError

_VIEWER = text("SELECT set_config('wangge.viewer', :viewer, true)")


class Database:
    """One PostgreSQL database with PostGIS. Nothing connects before the first statement."""

    def __init__(self, url: str | URL) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise InstallationError(
                "The database URL cannot be read; write postgresql://user:password@host:5432/name."
            ) from error
        if not parsed.drivername.startswith("postgresql"):
            raise InstallationError(
                f"The database URL names {parsed.drivername!r}; Wangge needs postgresql://…"
            )
        self.url = parsed.set(drivername="postgresql+psycopg")
        self.engine: Engine = create_engine(
            self.url,
            pool_size=10,
            max_overflow=30,
            pool_pre_ping=True,
            connect_args={"options": "-c timezone=UTC -c application_name=wangge"},
            hide_parameters=True,  # an error's text may reach a log; what was stored may not
        )

    @property
    def conninfo(self) -> str:
        """The same place, for psycopg. Holds the password: never log it."""
        return psycopg.conninfo.make_conninfo(self.whole_url, options="-c timezone=UTC")

    @property
    def whole_url(self) -> str:
        """The same place, for another process. Holds the password: never log it."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def url_as(self, role: str) -> URL:
        """The same place, for another of PostgreSQL's roles that needs no password there."""
        return self.url.set(username=role)

    @contextmanager
    def begin(self, viewer: Viewer | None = None) -> Iterator[Connection]:
        """A transaction: committed at the end of the block, rolled back by an exception.

        As the server's role it shows the fixes, positions and cases that `viewer` sees; without one,
        none. The role that owns the tables sees everything.
        """
        with self.engine.begin() as conn:
            if viewer is not None:
                conn.execute(_VIEWER, {"viewer": viewer.to_setting()})
            yield conn

    async def connect_async(self) -> psycopg.AsyncConnection:
        """A connection of its own for a hot path, in autocommit mode."""
        return await psycopg.AsyncConnection.connect(self.conninfo, autocommit=True)

    def close(self) -> None:
        self.engine.dispose()

    def require_postgis(self) -> None:
        """Raise InstallationError, saying what to do, unless the server is there and has PostGIS."""
        try:
            with self.begin() as conn:
                conn.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
        except OperationalError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise InstallationError(f"The database cannot be reached or used: {reason}") from error

    def migrate(self) -> None:
        """Bring the schema to the newest revision. Safe to run at every start."""
        self.require_postgis()
        with self.engine.begin() as conn:
            # Two processes that start at once must not migrate at once.
            conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('wangge migrations'))"))
            require_roles(conn)
            config = _alembic_config()
            config.attributes["connection"] = conn
            command.upgrade(config, "head")

    def is_migrated(self) -> bool:
        head = ScriptDirectory.from_config(_alembic_config()).get_current_head()
        with self.begin() as conn:
            return MigrationContext.configure(conn).get_current_revision() == head


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
