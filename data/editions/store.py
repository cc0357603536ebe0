"""Rows of `grid_editions` and `grids`, read and written."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)

from data.editions.edition import Edition, EditionState, StoredGrid
from data.schema import grid_editions, grids
from gis.geodesy import area_m2
from gis.grid import Grid

BBox = tuple[float, float, float, float]
"""West, south, east, north in EPSG:4326."""

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('grid editions'))")


def lock_editions(conn: Connection) -> None:
    """Until the end of the transaction nobody else adds or activates an edition."""
    conn.execute(_LOCK)


def active_edition_id(conn: Connection) -> int | None:
    """The id of the edition that is in force; None before the first activation."""
    return conn.scalar(
        select(grid_editions.c.id).where(grid_editions.c.state == EditionState.ACTIVE)
    )


def active_grid_codes(conn: Connection) -> frozenset[str] | None:
    """The codes of the edition that is in force; None before the first activation."""
    edition_id = active_edition_id(conn)
    if edition_id is None:
        return None
    return frozenset(conn.scalars(select(grids.c.code).where(grids.c.edition_id == edition_id)))


def grid_codes_at(conn: Connection, at: datetime) -> frozenset[str] | None:
    """The codes of the edition that is to be in force at an instant to come, as far as anybody has set
    one; None before the first activation and without one to come."""
    due = due_edition(conn, at)
    if due is None:
        return active_grid_codes(conn)
    return frozenset(conn.scalars(select(grids.c.code).where(grids.c.edition_id == due[0])))


def due_edition(conn: Connection, at: datetime) -> tuple[int, int] | None:
    """The id and the version of the draft that is to be in force at an instant; None when none is set to
    take effect by then."""
    e = grid_editions.c
    row = conn.execute(
        select(e.id, e.version)
        .where(e.due_at <= at)
        .order_by(e.due_at.desc(), e.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.id, row.version)


def edition_id_at(conn: Connection, at: datetime) -> int | None:
    """The id of the edition that was in force at an instant."""
    e = grid_editions.c
    return conn.scalar(
        select(e.id)
        .where(e.valid_from <= at, or_(e.valid_to.is_(None), e.valid_to > at))
        .order_by(e.id.desc())
        .limit(1)
    )


def read_editions(conn: Connection) -> list[Edition]:
    """All editions, the newest first."""
    return [_edition(row) for row in conn.execute(_editions().order_by(grid_editions.c.id.desc()))]


def read_edition(conn: Connection, edition_id: int) -> Edition | None:
    row = conn.execute(_editions().where(grid_editions.c.id == edition_id)).one_or_none()
    return None if row is None else _edition(row)


def read_findings(conn: Connection, edition_id: int) -> list[dict[str, Any]]:
    """What the topology check reported, as GeoJSON features."""
    found: list[dict[str, Any]] | None = conn.scalar(
        select(grid_editions.c.findings).where(grid_editions.c.id == edition_id)
    )
    return found or []


def unretired_id_of_content(conn: Connection, content_hash: str) -> int | None:
    """The id of the draft or active edition with this content."""
    return conn.scalar(
        select(grid_editions.c.id).where(
            grid_editions.c.content_hash == content_hash,
            grid_editions.c.state != EditionState.RETIRED,
        )
    )


def insert_edition(
    conn: Connection,
    *,
    name: str,
    source_crs: str,
    content_hash: str,
    base: int | None,
    findings: Sequence[Mapping[str, Any]],
    content: Sequence[Grid],
) -> int:
    """A draft with its grids. Returns its id."""
    edition_id: int = conn.execute(
        insert(grid_editions)
        .values(
            name=name,
            source_crs=source_crs,
            content_hash=content_hash,
            base_id=base,
            findings=list(findings),
        )
        .returning(grid_editions.c.id)
    ).scalar_one()
    insert_grids(conn, edition_id, content)
    return edition_id


def insert_grids(conn: Connection, edition_id: int, content: Sequence[Grid]) -> None:
    conn.execute(
        insert(grids),
        [
            {
                "edition_id": edition_id,
                "code": grid.code,
                "name": grid.name,
                "level": grid.level,
                "parent_code": grid.parent_code,
                "area_m2": area_m2(grid.geometry),
                "geom": from_shape(grid.geometry, srid=4326),
            }
            for grid in content
        ],
    )


def copy_edition(conn: Connection, edition_id: int, name: str) -> int:
    """A draft with the same grids. Returns its id."""
    e, g = grid_editions.c, grids.c
    copy_id: int = conn.execute(
        insert(grid_editions)
        .from_select(
            ["name", "source_crs", "findings", "base_id"],
            select(literal(name), e.source_crs, e.findings, e.id).where(e.id == edition_id),
        )
        .returning(e.id)
    ).scalar_one()
    copied = [g.code, g.name, g.level, g.parent_code, g.area_m2, g.geom]
    conn.execute(
        insert(grids).from_select(
            ["edition_id", *(column.name for column in copied)],
            select(literal(copy_id), *copied).where(g.edition_id == edition_id),
        )
    )
    return copy_id


def set_changed(conn: Connection, edition_id: int, findings: Sequence[Mapping[str, Any]]) -> None:
    """One version more, with these findings; the hash of its content is worked out when it matters."""
    e = grid_editions.c
    conn.execute(
        update(grid_editions)
        .where(e.id == edition_id)
        .values(version=e.version + 1, findings=list(findings), content_hash=None, due_failure=None)
    )


def set_content_hash(conn: Connection, edition_id: int, content_hash: str) -> None:
    conn.execute(
        update(grid_editions)
        .where(grid_editions.c.id == edition_id)
        .values(content_hash=content_hash)
    )


def drafts_without_hash(conn: Connection) -> list[int]:
    """The ids of the drafts that were made or changed by hand since their content was hashed."""
    e = grid_editions.c
    return list(
        conn.scalars(
            select(e.id)
            .where(e.content_hash.is_(None), e.state == EditionState.DRAFT)
            .order_by(e.id)
        )
    )


def delete_edition(conn: Connection, edition_id: int) -> None:
    """With its grids and the changes that were made to it."""
    conn.execute(delete(grids).where(grids.c.edition_id == edition_id))
    conn.execute(delete(grid_editions).where(grid_editions.c.id == edition_id))


def set_due(
    conn: Connection,
    edition_id: int,
    *,
    at: datetime | None,
    by: str | None = None,
    by_account_id: int | None = None,
    reason: str | None = None,
    replaces: int | None = None,
    failure: str | None = None,
) -> None:
    """When a draft takes effect by itself, why in spite of findings, and which edition it may replace
    that it was not made of; without `at`, never."""
    conn.execute(
        update(grid_editions)
        .where(grid_editions.c.id == edition_id)
        .values(
            due_at=at,
            due_by=by,
            due_by_account_id=by_account_id,
            accepted_reason=reason,
            due_replaces=replaces,
            due_failure=failure,
        )
    )


def next_due(conn: Connection) -> tuple[int, datetime] | None:
    """The id of the draft that takes effect by itself first, and when; None when none does."""
    e = grid_editions.c
    row = conn.execute(
        select(e.id, e.due_at).where(e.due_at.is_not(None)).order_by(e.due_at, e.id).limit(1)
    ).one_or_none()
    return None if row is None else (row.id, row.due_at)


def set_retired(conn: Connection, edition_id: int, at: datetime) -> None:
    conn.execute(
        update(grid_editions)
        .where(grid_editions.c.id == edition_id)
        .values(state=EditionState.RETIRED, valid_to=at)
    )


def set_active(conn: Connection, edition_id: int, at: datetime, reason: str | None) -> None:
    conn.execute(
        update(grid_editions)
        .where(grid_editions.c.id == edition_id)
        .values(
            state=EditionState.ACTIVE,
            valid_from=at,
            accepted_reason=reason,
            due_at=None,
            due_replaces=None,
            due_failure=None,
        )
    )


def read_grids(
    conn: Connection,
    edition_id: int,
    *,
    code: str | None = None,
    level: int | None = None,
    bbox: BBox | None = None,
) -> list[StoredGrid]:
    """The grids of an edition, by level and code: all, or those with this code, of this level, and
    whose area meets `bbox`."""
    g = grids.c
    conditions = [g.edition_id == edition_id]
    if code is not None:
        conditions.append(g.code == code)
    if level is not None:
        conditions.append(g.level == level)
    if bbox is not None:
        conditions.append(func.ST_Intersects(g.geom, func.ST_MakeEnvelope(*bbox, 4326)))
    return grid_rows(conn, conditions)


def grid_rows(conn: Connection, conditions: Sequence[ColumnElement[bool]]) -> list[StoredGrid]:
    """The grids that meet conditions, by level and code."""
    g = grids.c
    columns = (g.id, g.edition_id, g.code, g.name, g.level, g.parent_code, g.area_m2, g.geom)
    rows = conn.execute(select(*columns).where(*conditions).order_by(g.level, g.code)).all()
    geometries = shapely.from_wkb([row.geom.data for row in rows])
    return [
        StoredGrid(
            id=row.id,
            edition_id=row.edition_id,
            grid=Grid(
                code=row.code,
                name=row.name,
                level=row.level,
                parent_code=row.parent_code,
                geometry=geometry,
            ),
            area_m2=row.area_m2,
        )
        for row, geometry in zip(rows, geometries, strict=True)
    ]


def _editions() -> Select[Any]:
    e = grid_editions.c
    counted = select(func.count()).where(grids.c.edition_id == e.id).scalar_subquery()
    return select(
        e.id,
        e.name,
        e.state,
        e.source_crs,
        counted.label("grids"),
        func.jsonb_array_length(e.findings).label("findings"),
        e.accepted_reason,
        e.valid_from,
        e.valid_to,
        e.created_at,
        e.version,
        e.due_at,
        e.due_by,
        e.due_by_account_id,
        e.due_replaces,
        e.due_failure,
        e.base_id.label("base"),
    )


def _edition(row: Any) -> Edition:
    values = row._asdict()
    return Edition(**{**values, "state": EditionState(values["state"])})
