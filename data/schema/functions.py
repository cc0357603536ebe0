"""Functions and triggers, created after the tables."""

from sqlalchemy import DDL, event

from data.schema.columns import metadata
from data.sql import load_sql

for _statement in load_sql("data.schema", "functions.sql").values():
    # DDL() formats with %; the only use here is PL/pgSQL's own.
    event.listen(metadata, "after_create", DDL(_statement.replace("%", "%%")))
