"""Functions, triggers, privileges and policies: part of the schema, created after the tables."""

from sqlalchemy import DDL, MetaData, event

from data.sql import load_sql


def create_functions_after_tables(metadata: MetaData) -> None:
    for filename in ("functions.sql", "views.sql", "access.sql", "append_only.sql"):
        for statement in load_sql("data.schema", filename).values():
            # DDL() formats with %; PL/pgSQL's own must pass through.
            ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(metadata, "after_create", ddl)
