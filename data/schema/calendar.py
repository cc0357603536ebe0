"""Working time: what the administrator says of it, beside the legal calendar."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.columns import metadata

calendar_days = Table(
    "calendar_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("is_working", Boolean, nullable=False),
    Column("name", Text, nullable=False),
)

work_calendar = Table(
    "work_calendar",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("hours", JSONB(none_as_null=True)),  # NULL is the usual ones
    # Another one after each change of hours or days. A number could come twice: after a rollback.
    Column("version", Uuid, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
