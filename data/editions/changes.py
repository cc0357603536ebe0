"""Rows of `edition_changes`, and the grids of a draft before and after each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import Connection, delete, func, insert, select, text, update

from data.editions.change import ChangeState, EditionChange
from data.editions.store import grid_rows, insert_grids
from data.schema import edition_change_grids, edition_changes, grid_editions, grids
from data.sql import load_sql
from gis.grid import Grid
from gis.redivision import Change

_SQL = load_sql("data.editions", "editions.sql")


def lock_edition(conn: Connection, edition_id: int) -> None:
    """Nobody else can change or activate it until the transaction ends."""
    conn.execute(
        select(grid_editions.c.id).where(grid_editions.c.id == edition_id).with_for_update()
    )


def read_grids_around(conn: Connection, edition_id: int, codes: Sequence[str]) -> list[Grid]:
    """What an operation on these grids needs to know: see `gis.redivision.Sheet`."""
    parameters = {"edition_id": edition_id, "codes": list(codes)}
    ids = list(conn.scalars(text(_SQL["grids_around"]), parameters))
    return [row.grid for row in grid_rows(conn, [grids.c.id.in_(ids)])]


def read_used_codes(conn: Connection, edition_id: int) -> frozenset[str]:
    """The codes that a new grid of a draft cannot have. Nobody else is told them meanwhile."""
    conn.execute(text(_SQL["lock_codes"]))
    return frozenset(conn.scalars(text(_SQL["used_codes"]), {"edition_id": edition_id}))


def put_change(conn: Connection, edition_id: int, change: Change) -> None:
    """Put the grids after a change in the place of those before it."""
    gone = [grid.code for grid in change.before]
    g = grids.c
    conn.execute(delete(grids).where(g.edition_id == edition_id, g.code.in_(gone)))
    if change.after:
        insert_grids(conn, edition_id, change.after)


def insert_change(
    conn: Connection,
    edition_id: int,
    change: Change,
    *,
    kind: str,
    arguments: dict[str, Any],
    actor: str,
    actor_account_id: int | None,
    at: datetime,
) -> None:
    """Written as the next one. What was undone before it can no longer be done again."""
    e = edition_changes.c
    conn.execute(
        update(edition_changes)
        .where(e.edition_id == edition_id, e.state == ChangeState.UNDONE)
        .values(state=ChangeState.DROPPED)
    )
    last = conn.scalar(select(func.max(e.number)).where(e.edition_id == edition_id)) or 0
    change_id = conn.scalar(
        insert(edition_changes)
        .values(
            edition_id=edition_id,
            number=last + 1,
            kind=kind,
            arguments=arguments,
            actor=actor,
            actor_account_id=actor_account_id,
            at=at,
        )
        .returning(e.id)
    )
    rows = [
        {
            "change_id": change_id,
            "is_after": is_after,
            "code": grid.code,
            "name": grid.name,
            "level": grid.level,
            "parent_code": grid.parent_code,
            "geom": from_shape(grid.geometry, srid=4326),
        }
        for is_after, side in ((False, change.before), (True, change.after))
        for grid in side
    ]
    conn.execute(insert(edition_change_grids), rows)


def read_change(conn: Connection, change_id: int) -> Change:
    """The grids before and after it."""
    c = edition_change_grids.c
    rows = conn.execute(
        select(c.is_after, c.code, c.name, c.level, c.parent_code, c.geom)
        .where(c.change_id == change_id)
        .order_by(c.level, c.code)
    ).all()
    areas = shapely.from_wkb([row.geom.data for row in rows])
    sides: tuple[list[Grid], list[Grid]] = ([], [])
    for row, area in zip(rows, areas, strict=True):
        sides[row.is_after].append(
            Grid(
                code=row.code,
                name=row.name,
                level=row.level,
                parent_code=row.parent_code,
                geometry=area,
            )
        )
    return Change(before=tuple(sides[0]), after=tuple(sides[1]))


def ids_of_changes(
    conn: Connection, edition_id: int, state: ChangeState, *, newest_first: bool
) -> list[int]:
    e = edition_changes.c
    order = e.number.desc() if newest_first else e.number
    return list(
        conn.scalars(
            select(e.id).where(e.edition_id == edition_id, e.state == state).order_by(order)
        )
    )


def set_change_state(conn: Connection, change_id: int, state: ChangeState) -> None:
    conn.execute(
        update(edition_changes).where(edition_changes.c.id == change_id).values(state=state)
    )


def read_changes(conn: Connection, edition_id: int) -> list[EditionChange]:
    """All of them, the newest first."""
    e, c = edition_changes.c, edition_change_grids.c

    def codes(is_after: bool) -> Any:
        return (
            select(func.coalesce(func.array_agg(c.code), text("'{}'::text[]")))
            .where(c.change_id == e.id, c.is_after == is_after)
            .scalar_subquery()
        )

    rows = conn.execute(
        select(
            e.number,
            e.kind,
            e.arguments,
            e.state,
            e.actor,
            e.at,
            codes(False).label("replaced"),
            codes(True).label("put"),
        )
        .where(e.edition_id == edition_id)
        .order_by(e.number.desc())
    )
    return [
        EditionChange(
            number=row.number,
            kind=row.kind,
            arguments=row.arguments,
            state=ChangeState(row.state),
            actor=row.actor,
            at=row.at,
            replaced=tuple(sorted(row.replaced)),
            put=tuple(sorted(row.put)),
        )
        for row in rows
    ]
