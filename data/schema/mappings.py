"""What the columns of files were taken for, kept for the next file with the same columns."""

from sqlalchemy import Column, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from data.schema.columns import identity, instant, metadata

field_mappings = Table(
    "field_mappings",
    metadata,
    identity(),
    Column("fingerprint", Text, nullable=False, unique=True),  # of the names of the columns
    Column("fields", ARRAY(Text), nullable=False),
    Column("code_field", Text, nullable=False),
    Column("name_field", Text),
    Column("parent_field", Text),
    Column("level_field", Text),
    Column("made_by", Text, nullable=False),
    instant("made_at"),
    instant("used_at"),
    Column("times_used", Integer, nullable=False, server_default="1"),
)
