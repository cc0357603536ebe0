"""Facilities from files. What an import wrote over is kept, so that it can be taken back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import shapely
from sqlalchemy import Connection, insert, select, text, update

from data.files.feature import FileFeature
from data.places import ImportReport, PlacesFile, rows_by_code, upsert
from data.schema import facilities, facility_imports
from data.sql import load_sql
from gis.errors import InvalidInput, NotFound
from layers.facilities.facility import read_code, read_name, stable_code
from layers.facilities.kinds import read_kind

_SQL = load_sql("layers.facilities", "facilities.sql")
_HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("code", "编码", "编号", "标识码"), "code"),
        **dict.fromkeys(("name", "名称"), "name"),
        **dict.fromkeys(("kind", "type", "类型", "类别"), "kind"),
    }
)


def import_facilities(
    conn: Connection,
    files: Iterable[PlacesFile],
    *,
    kind: str | None,
    name: str,
    by: str,
    at: datetime,
) -> tuple[int | None, ImportReport]:
    """Store the facilities of files as one import; `kind` is theirs, whatever a file says. Returns its
    number, None if it changed nothing, for then there is nothing to take back."""
    report = ImportReport()
    wanted = None if kind is None else read_kind(kind)
    rows = rows_by_code(files, lambda feature: _row(feature, wanted), report, called="name")
    import_id: int = conn.execute(
        insert(facility_imports)
        .values(name=name, made_by=by, made_at=at)
        .returning(facility_imports.c.id)
    ).scalar_one()
    conn.execute(text(_SQL["keep"]), {"import_id": import_id, "codes": list(rows)})
    upsert(
        conn,
        facilities,
        [(row, {}) for row in rows.values()],
        report,
        stamp={"import_id": import_id},
    )
    if not report.new and not report.changed:
        conn.execute(text(_SQL["forget"]), {"import_id": import_id})
        return None, report
    conn.execute(text(_SQL["keep_only_changed"]), {"import_id": import_id})
    conn.execute(
        update(facility_imports)
        .where(facility_imports.c.id == import_id)
        .values(new=len(report.new), changed=len(report.changed))
    )
    return import_id, report


def take_back(conn: Connection, import_id: int) -> str:
    """As if the import had never been: what it made is gone and what it changed is as before, but for
    what a later import has changed since; that stays. Returns its name. Raises NotFound."""
    name: str | None = conn.scalar(
        select(facility_imports.c.name).where(facility_imports.c.id == import_id).with_for_update()
    )
    if name is None:
        raise NotFound(f"There is no import {import_id} of facilities.", field="id")
    for statement in ("restore", "remove", "relink", "unlink", "forget"):
        conn.execute(text(_SQL[statement]), {"import_id": import_id})
    return name


def _row(feature: FileFeature, kind: str | None) -> dict[str, Any]:
    said: dict[str, object] = {}
    properties: dict[str, object] = {}
    for heading, value in feature.properties.items():
        name = _HEADINGS.get(heading.strip().lower())
        if name is not None and name not in said:
            said[name] = value
        elif value not in (None, ""):
            properties[heading] = value
    name = read_name(said.get("name"))
    word = str(said.get("kind") or "").strip()
    kind = kind or read_kind(word)
    if word and kind != word:
        properties["type"] = word
    # A line or an area stands where a label would.
    place = feature.geometry
    if place.geom_type != "Point":
        place = place.point_on_surface()
    if place.is_empty:
        raise InvalidInput("There is no position.")
    code = read_code(said.get("code")) or stable_code(
        kind, name, *shapely.get_coordinates(place)[0].tolist()
    )
    return {
        "code": code,
        "kind": kind,
        "name": name,
        "properties": properties,
        "geom": f"SRID=4326;{place.wkt}",
    }
