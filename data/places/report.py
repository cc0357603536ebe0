"""What became of each thing of an import, and the statement that stores many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Executable, Table, case, literal_column, or_
from sqlalchemy.dialects.postgresql import insert

from data.places.points import Problem

_AT_ONCE = 1_000


@dataclass(slots=True)
class ImportReport:
    """The codes that are new or changed, how many were there as they are, and what was refused, why."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Problem] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """For the audit."""
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": self.unchanged,
            "refused": len(self.refused),
        }


def upsert(
    conn: Connection,
    table: Table,
    rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    report: ImportReport,
    *,
    since: tuple[str, str] | None = None,
    stamp: Mapping[str, Any] | None = None,
) -> None:
    """Store things of `table`, whose key is `code`; each row is what it says, and what a new one has for
    what it does not say. What is there and not said stays.

    `since` names a column and the column that keeps since when it is so. `stamp` is written to what is
    new or changed, and changes nothing by itself. The codes of one call must differ, and each
    says something besides.
    """
    alike: dict[frozenset[str], list[dict[str, Any]]] = {}
    for said, assumed in rows:
        alike.setdefault(frozenset(said), []).append({**assumed, **dict(stamp or {}), **said})
    for columns, group in alike.items():
        for start in range(0, len(group), _AT_ONCE):
            some = group[start : start + _AT_ONCE]
            written = conn.execute(_statement(table, columns, some, since, stamp)).all()
            report.new += [row.code for row in written if row.is_new]
            report.changed += [row.code for row in written if not row.is_new]
            report.unchanged += len(some) - len(written)


def _statement(
    table: Table,
    columns: frozenset[str],
    rows: list[dict[str, Any]],
    since: tuple[str, str] | None,
    stamp: Mapping[str, Any] | None,
) -> Executable:
    """Stores rows that say the same `columns`, and gives of each that is written whether it is new."""
    statement = insert(table).values(rows)
    new = statement.excluded
    compared = sorted(columns - {"code"})
    changes: dict[str, Any] = {name: new[name] for name in (*compared, *(stamp or {}))}
    if since is not None and since[0] in columns:
        what, when = (table.c[name] for name in since)
        changes[when.name] = case(
            (what.is_distinct_from(new[what.name]), new[when.name]), else_=when
        )
    return statement.on_conflict_do_update(
        index_elements=[table.c.code],
        set_=changes,
        where=or_(*(table.c[name].is_distinct_from(new[name]) for name in compared)),
        # A version of a row that nobody has updated is one that was just inserted.
    ).returning(table.c.code, literal_column(f"({table.name}.xmax = 0)").label("is_new"))
