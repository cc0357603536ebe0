"""What the columns of a file were taken for, remembered for the next file with the same columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from data.editions.fields import ROLES, Certainty, GridFields, fingerprint, taken
from data.editions.intake import Columns
from data.schema import field_mappings
from gis.errors import NotFound


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldMapping:
    """`fields` are all columns of such files, `columns` those that were named for a role."""

    id: int
    fields: tuple[str, ...]
    columns: GridFields
    made_by: str
    made_at: datetime
    used_at: datetime
    times_used: int


def read_mappings(conn: Connection) -> list[FieldMapping]:
    """All of them, the one used last first."""
    m = field_mappings.c
    return [
        FieldMapping(
            id=row.id,
            fields=tuple(row.fields),
            columns=GridFields(**{role: getattr(row, f"{role}_field") for role in ROLES}),
            made_by=row.made_by,
            made_at=row.made_at,
            used_at=row.used_at,
            times_used=row.times_used,
        )
        for row in conn.execute(select(field_mappings).order_by(m.used_at.desc(), m.id))
    ]


def remembered_fields(conn: Connection) -> Mapping[str, GridFields]:
    """The columns by the fingerprint of a file's fields, as `grids_from_files` takes them."""
    return {fingerprint(each.fields): each.columns for each in read_mappings(conn)}


def remember(conn: Connection, read: Iterable[Columns], *, by: str, at: datetime) -> None:
    """Keep what somebody named in an import that was done, and note what was used again."""
    m = field_mappings.c
    for columns in {fingerprint(each.file.fields): each for each in read}.values():
        fields = columns.file.fields
        certainties = {choice.certainty for choice in columns.choices.values()}
        if Certainty.NAMED in certainties:
            chosen = {
                f"{role}_field": getattr(taken(columns.choices, fields), role) for role in ROLES
            }
            made = {**chosen, "made_by": by, "made_at": at, "used_at": at, "times_used": 1}
            conn.execute(
                insert(field_mappings)
                .values(fingerprint=fingerprint(fields), fields=list(fields), **made)
                .on_conflict_do_update(index_elements=["fingerprint"], set_=made)
            )
        elif Certainty.REMEMBERED in certainties:
            conn.execute(
                update(field_mappings)
                .where(m.fingerprint == fingerprint(fields))
                .values(used_at=at, times_used=m.times_used + 1)
            )


def forget(conn: Connection, mapping_id: int) -> FieldMapping:
    """Raises NotFound."""
    found = next((each for each in read_mappings(conn) if each.id == mapping_id), None)
    if found is None:
        raise NotFound(
            f"There is no field mapping {mapping_id}. `wangge grids mappings` lists them."
        )
    conn.execute(delete(field_mappings).where(field_mappings.c.id == mapping_id))
    return found
