"""The units that tracks belong to."""

from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from data.schema import units
from gis.errors import InvalidInput, NotFound

_LONGEST = 64


def unit_ids(
    conn: Connection,
    codes: Iterable[str],
    *,
    create: bool = False,
    kind: str = "person",
    role: str = "patroller",
) -> dict[str, int]:
    """The row ids of units by their codes. With `create`, those that are missing are made, named by
    their code, of this kind and role; without it they raise NotFound. A vehicle is always on duty.
    """
    wanted = sorted(set(codes))
    for code in wanted:
        if not code.strip() or len(code) > _LONGEST or not code.isprintable():
            raise InvalidInput(
                f"{code[:_LONGEST]!r} is not a unit: 1 to {_LONGEST} printable characters.",
                field="unit",
            )
    rows = conn.execute(select(units.c.code, units.c.id).where(units.c.code.in_(wanted)))
    ids: dict[str, int] = {row.code: row.id for row in rows}
    missing = [code for code in wanted if code not in ids]
    if missing and not create:
        raise NotFound(
            f"There is no unit {', '.join(missing)}. Add --create-units to make what is missing.",
            field="unit",
        )
    for code in missing:
        ids[code] = conn.execute(
            insert(units)
            .values(code=code, kind=kind, name=code, role=role, always_on_duty=kind == "vehicle")
            .returning(units.c.id)
        ).scalar_one()
    return ids
