"""Named SQL: one `.sql` file for a subject, one statement under each `-- name` heading.

    -- active_edition
    -- The edition that is in force, if there is one.
    SELECT id FROM grid_editions WHERE state = 'active';

`load_sql("data.editions", "editions.sql")["active_edition"]` is the text of the statement.
Parameters are written `:name` for SQLAlchemy's `text()` or `%(name)s` for psycopg; a file keeps to
one of them.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_HEADING = re.compile(r"^-- ([a-z][a-z0-9_]*)$", re.MULTILINE)


@cache
def load_sql(package: str, filename: str) -> Mapping[str, str]:
    """The statements of `filename` in `package`, by name. KeyError names a missing one."""
    source = files(package).joinpath(filename).read_text(encoding="utf-8")
    _preamble, *parts = _HEADING.split(source)
    return MappingProxyType(
        {
            name: body.strip().removesuffix(";")
            for name, body in zip(parts[::2], parts[1::2], strict=True)
        }
    )
