"""Categories of cases, where the installation differs from what is built in."""

from sqlalchemy import ARRAY, Boolean, CheckConstraint, Column, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.columns import metadata

case_categories = Table(
    "case_categories",
    metadata,
    Column("code", Text, primary_key=True),
    Column("number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("parent", Text),  # may be one that is built in
    Column("term", Text, nullable=False),  # a rule in its short form
    Column("urgent", Boolean, nullable=False),
    Column("department", Text),
    Column("photos", ARRAY(Text), nullable=False),
    Column("dispatch", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("aliases", ARRAY(Text), nullable=False),
)

case_category_version = Table(
    "case_category_version",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    # Another one after each change. A number could come twice: after a rollback.
    Column("version", Uuid, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
