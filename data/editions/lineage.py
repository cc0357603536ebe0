"""Lineage: what became of each grid when an edition took effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select

from data.schema import grid_editions, grid_lineage
from gis.redivision import Link, Relation


@dataclass(frozen=True, kw_only=True, slots=True)
class Descent:
    """A link between a grid of one edition and a grid of the next, in force `since`."""

    link: Link
    from_edition_id: int
    to_edition_id: int
    since: datetime


def insert_lineage(
    conn: Connection, links: Sequence[Link], *, from_edition_id: int, to_edition_id: int
) -> None:
    rows = [
        {
            "from_edition_id": from_edition_id,
            "to_edition_id": to_edition_id,
            "level": link.level,
            "from_code": link.old,
            "to_code": link.new,
            "relation": link.relation,
            "area_m2": link.area_m2,
            "share_of_from": link.share_of_old,
            "share_of_to": link.share_of_new,
        }
        for link in links
    ]
    if rows:
        conn.execute(insert(grid_lineage), rows)


def read_lineage(conn: Connection, code: str) -> list[Descent]:
    """All that a code has to do with, the oldest edition first, the largest area first."""
    g, e = grid_lineage.c, grid_editions.c
    rows = conn.execute(
        select(grid_lineage, e.valid_from)
        .join(grid_editions, e.id == g.to_edition_id)
        .where(or_(g.from_code == code, g.to_code == code))
        .order_by(e.valid_from, g.to_edition_id, g.area_m2.desc(), g.id)
    )
    return [
        Descent(
            link=Link(
                old=row.from_code,
                new=row.to_code,
                level=row.level,
                relation=Relation(row.relation),
                area_m2=row.area_m2,
                share_of_old=row.share_of_from,
                share_of_new=row.share_of_to,
            ),
            from_edition_id=row.from_edition_id,
            to_edition_id=row.to_edition_id,
            since=row.valid_from,
        )
        for row in rows
    ]
