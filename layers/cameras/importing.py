"""Cameras from files: what is new is made, what is otherwise is changed, and nothing is removed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data.files.feature import FileFeature
from data.places import ImportReport, PlacesFile, rows_by_code, upsert
from data.schema import cameras
from gis.errors import InvalidInput
from layers.cameras.camera import HEADINGS, assumed_of, read_fields, require_direction

_SINCE = ("state", "state_since")


def import_cameras(conn: Connection, files: Iterable[PlacesFile], *, at: datetime) -> ImportReport:
    """Store the cameras of files. A code that comes twice is taken once; a camera that a line does not
    say everything about keeps the rest."""
    report = ImportReport()
    save_cameras(conn, rows_by_code(files, _row, report).values(), report, at=at)
    return report


def save_cameras(
    conn: Connection, rows: Iterable[Mapping[str, Any]], report: ImportReport, *, at: datetime
) -> None:
    """Rows of columns as `read_fields` gives them, with `geom`."""
    upsert(
        conn,
        cameras,
        [(row, {**assumed_of(row["code"]), "state_since": at}) for row in rows],
        report,
        since=_SINCE,
    )


def _row(feature: FileFeature) -> dict[str, Any]:
    if feature.geometry.geom_type != "Point":
        raise InvalidInput(f"A camera is a point, not a {feature.geometry.geom_type}.")
    said: dict[str, object] = {}
    for heading, value in feature.properties.items():
        name = HEADINGS.get(heading.strip().lower())
        if name is not None:
            said.setdefault(name, value)
    row = read_fields(said)
    if "code" not in row:
        raise InvalidInput("The line has no code (编码).", field="code")
    require_direction(row)
    return {**row, "geom": f"SRID=4326;{feature.geometry.wkt}"}
