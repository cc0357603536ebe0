"""Files of things at a place from a request, and what became of them in an answer."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection

from api.access import Caller
from api.context import Services
from api.uploads import Received, form_body
from data.files.untrusted import StrangersFile
from data.places import POINT_SUFFIXES, ImportReport, PlacesFile, Problem, read_strangers_places
from gis.errors import NotPermitted

_MOST_REFUSED = 200


def import_body(**more: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI entry of a body of files; `more` are further fields of the form."""
    properties: dict[str, Any] = {
        "files": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": f"{', '.join(sorted(POINT_SUFFIXES))}; 64 MB in all. A table has columns lon "
            "and lat (经度, 纬度).",
        },
        "crs": {"type": "string", "description": "What the files are in; a table's own is wgs84."},
        **more,
    }
    return form_body(properties)


class RefusedPlace(BaseModel):
    """`number` is the line of a table, or the feature of a map, from 1."""

    number: int
    message: str

    @classmethod
    def of(cls, problem: Problem) -> "RefusedPlace":
        return cls(number=problem.number, message=problem.message)


class ImportAnswer(BaseModel):
    """How many were new, changed, there already as they are, and refused; of these the first 200."""

    new: int
    changed: int
    unchanged: int
    refused: int
    problems: list[RefusedPlace]

    @classmethod
    def of(cls, report: ImportReport) -> "ImportAnswer":
        problems = [RefusedPlace.of(each) for each in report.refused[:_MOST_REFUSED]]
        return cls(**report.counts, problems=problems)


def read_received(received: Received) -> list[PlacesFile]:
    """Raises UnreadableFile and InvalidInput."""
    return read_strangers_places(
        [StrangersFile(path=file.path, label=file.label) for file in received.files],
        crs=received.field("crs"),
    )


def labels(files: Sequence[PlacesFile]) -> list[str]:
    """For the audit."""
    return [file.label for file in files]


def require_everywhere(caller: Caller) -> None:
    """A file may hold things of anywhere. Raises NotPermitted."""
    if not caller.scope.is_everything:
        raise NotPermitted("Only an account for the whole town may import a file.")


def require_own_place(
    conn: Connection, services: Services, caller: Caller, lon: float, lat: float
) -> None:
    """Raises NotPermitted for a place that is in none of the caller's grids."""
    if caller.scope.is_everything:
        return
    index = services.grid_indexes.active(conn)
    place = None if index is None else index.tree.place(lon, lat)
    if place is None or not caller.scope.covers(place.grid.code):
        raise NotPermitted("This place is in none of your grids.", field="lon")
