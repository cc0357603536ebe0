"""Duty for tests of something else: most fixes in a test come from somebody at work."""

from datetime import UTC, datetime

from sqlalchemy import text

from data.database import Database

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def put_everybody_on_duty(database: Database, *, since: datetime = LONG_AGO) -> None:
    """An open duty session for every unit that has none and needs one."""
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO duty_sessions (unit_id, began_at) SELECT id, :since FROM units "
                "WHERE NOT always_on_duty ON CONFLICT DO NOTHING"
            ),
            {"since": since},
        )
