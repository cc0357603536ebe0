"""The roles that the server works as in PostgreSQL; the schema says what each may do.

Roles belong to the whole database server, so they are made before the schema and not by it.
"""

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from gis.errors import InstallationError

APPLICATION = "wangge_app"
"""Answers requests, under row-level security."""

TRACKING = "wangge_tracking"
"""Stores fixes and feeds the live stream."""

_STATEMENTS = {
    APPLICATION: f"CREATE ROLE {APPLICATION} LOGIN",
    TRACKING: f"CREATE ROLE {TRACKING} LOGIN BYPASSRLS",
}


def require_roles(conn: Connection) -> None:
    """Make the roles that are missing. Raises InstallationError, with what the server's administrator
    has to run, when this role may not."""
    found = set(conn.scalars(text("SELECT rolname FROM pg_roles")))
    for role, statement in _STATEMENTS.items():
        if role not in found:
            try:
                with conn.begin_nested():
                    conn.execute(text(statement))
            except ProgrammingError as error:
                commands = " ".join(f"{each};" for each in _STATEMENTS.values())
                raise InstallationError(
                    f"The database has no role {role} and this one may not make it. Let a superuser "
                    f"run: {commands}"
                ) from error
