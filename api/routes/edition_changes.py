"""Grid editions: what there is, and drafts that are changed step by step."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import orjson
import shapely
from fastapi import APIRouter, Path, Query, Response, status
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from api.access import Caller, Permission, requires
from api.answers import GeoJsonResponse, LineGeometry
from api.context import ServicesDep
from api.coordinates import read_box
from api.edition_answers import EditionAnswer, Finding
from api.routes.grids import MultiPolygonGeometry
from data.editions import (
    Changed,
    ChangeState,
    Edition,
    EditionChange,
    change_draft,
    copy_to_draft,
    delete_draft,
    read_changes,
    read_editions,
    read_findings,
    read_grids,
    redo,
    require_edition,
    undo,
)
from gis.geodesy import area_m2
from gis.geojson import DIGITS
from gis.grid import Grid
from gis.redivision import ChangeParent, Merge, MoveBorder, Operation, Rename, Snap, Split
from gis.redivision.closing import MOST_M
from gis.redivision.lines import MOST_SNAP_M, SNAP_M
from gis.redivision.splitting import Keeps

router = APIRouter(prefix="/editions", tags=["grids"])

MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]
EditionNumber = Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)]
Code = Annotated[str, Field(min_length=1, max_length=64, examples=["32072210120300502"])]
Name = Annotated[str, Field(min_length=1, max_length=200)]
SnapM = Annotated[
    float, Field(gt=0, le=MOST_SNAP_M, description="So near to a border the line is on it; metres.")
]


class EditionNow(EditionAnswer):
    """`version` counts what was done to a draft. One with `due_at` takes effect then; `due_failure` is
    what stopped it the last time that it should have. `base` is the edition that it was made of, else
    the one in force when its files were read."""

    version: int
    due_at: datetime | None
    due_by: str | None
    due_failure: str | None
    base: int | None

    @classmethod
    def of(cls, edition: Edition) -> "EditionNow":
        return cls(**{name: getattr(edition, name) for name in cls.model_fields})


class EditionList(BaseModel):
    items: list[EditionNow]


class CopyBody(BaseModel):
    """`of` is the number of an edition; left out, it is the one in force."""

    of: Annotated[int | None, Field(ge=1, le=2**63 - 1)] = None
    name: Annotated[str, Field(min_length=1, max_length=80, examples=["2027 调整"])]


class _Body(BaseModel):
    version: Annotated[
        int | None,
        Field(ge=0, description="That was looked at: a draft that moved on is left alone."),
    ] = None


class MoveBorderBody(_Body):
    """`line` is the new border of two grids of a level that share one. Its ends lie on the old border,
    which goes on from there, or on the outline of the two."""

    kind: Literal["move_border"]
    grids: Annotated[list[Code], Field(min_length=2, max_length=2)]
    line: LineGeometry
    snap_m: SnapM = SNAP_M

    def operation(self) -> Operation:
        first, second = self.grids
        line = tuple(self.line.coordinates)
        return MoveBorder(grids=(first, second), line=line, snap_m=self.snap_m)


class SplitBody(_Body):
    """`keeps`: which side of the line keeps the code. `codes` and `names` are for the new ones, the left
    one first; without, the next free codes, and the next ordinal of the siblings' names. Grids below go
    to their side; one that the line crosses is cut too with `cut_children`."""

    kind: Literal["split"]
    grid: Code
    line: LineGeometry
    keeps: Keeps = Keeps.LARGER
    codes: Annotated[list[Code], Field(max_length=2)] = []
    names: Annotated[list[Name], Field(max_length=2)] = []
    cut_children: bool = False
    snap_m: SnapM = SNAP_M

    def operation(self) -> Operation:
        return Split(
            grid=self.grid,
            line=tuple(self.line.coordinates),
            keeps=self.keeps,
            new_codes=tuple(self.codes),
            names=tuple(self.names),
            cut_children=self.cut_children,
            snap_m=self.snap_m,
        )


class MergeBody(_Body):
    """`code` is one of theirs or a new one, else the first one's; `parent` is needed where they have
    different ones."""

    kind: Literal["merge"]
    grids: Annotated[list[Code], Field(min_length=2, max_length=1000)]
    code: Code | None = None
    name: Name | None = None
    parent: Code | None = None

    def operation(self) -> Operation:
        return Merge(grids=tuple(self.grids), code=self.code, name=self.name, parent=self.parent)


class RenameBody(_Body):
    """Another `name`, another `code` (never one that was used), or both."""

    kind: Literal["rename"]
    grid: Code
    name: Name | None = None
    code: Code | None = None

    def operation(self) -> Operation:
        return Rename(grid=self.grid, name=self.name, code=self.code)


class ChangeParentBody(_Body):
    kind: Literal["change_parent"]
    grid: Code
    parent: Code

    def operation(self) -> Operation:
        return ChangeParent(grid=self.grid, parent=self.parent)


class SnapBody(_Body):
    """Closes slivers and gaps up to `tolerance_m` wide in the whole edition."""

    kind: Literal["snap"]
    tolerance_m: Annotated[float, Field(gt=0, le=MOST_M)] = SNAP_M

    def operation(self) -> Operation:
        return Snap(tolerance_m=self.tolerance_m)


ChangeBody = Annotated[
    MoveBorderBody | SplitBody | MergeBody | RenameBody | ChangeParentBody | SnapBody,
    Field(discriminator="kind"),
]


class StepsBody(_Body):
    steps: Annotated[int, Field(ge=1, le=100_000)] = 1


class EditionGridProperties(BaseModel):
    code: str
    name: str
    level: int
    parent: str | None
    area_m2: float


class EditionGrid(BaseModel):
    type: Literal["Feature"]
    id: str
    geometry: MultiPolygonGeometry
    properties: EditionGridProperties


class EditionGrids(BaseModel):
    type: Literal["FeatureCollection"]
    features: list[EditionGrid]


class ChangedAnswer(BaseModel):
    """`gone` are codes that are not there any more; `grids` are new or different, also those that only
    got a vertex on their border. `findings` are all of the edition."""

    edition: EditionNow
    gone: list[str]
    grids: EditionGrids
    findings: list[Finding]


class ChangeAnswer(BaseModel):
    """`arguments` are what was sent; `replaced` and `put` are the codes of the grids before and after.
    `undone` can be done again, `dropped` no more."""

    number: int
    kind: str
    arguments: dict[str, Any]
    state: ChangeState
    actor: str
    at: datetime
    replaced: list[str]
    put: list[str]

    @classmethod
    def of(cls, change: EditionChange) -> "ChangeAnswer":
        return cls(**{name: getattr(change, name) for name in cls.model_fields})


class ChangeList(BaseModel):
    items: list[ChangeAnswer]


@router.get("")
def list_editions(caller: MayAdminister, services: ServicesDep) -> EditionList:
    """All grid editions, the newest first."""
    with services.database.begin(caller.viewer) as conn:
        return EditionList(items=[EditionNow.of(each) for each in read_editions(conn)])


@router.post("/copies", status_code=status.HTTP_201_CREATED)
def copy_an_edition(body: CopyBody, caller: MayAdminister, services: ServicesDep) -> EditionNow:
    """A draft with the grids of an edition, to be changed."""
    with services.database.begin(caller.viewer) as conn:
        return EditionNow.of(copy_to_draft(conn, caller.who, of=body.of, name=body.name))


@router.get("/{id}")
def read_one_edition(
    edition_id: EditionNumber, caller: MayAdminister, services: ServicesDep
) -> EditionNow:
    with services.database.begin(caller.viewer) as conn:
        return EditionNow.of(require_edition(conn, edition_id))


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_an_edition(
    edition_id: EditionNumber, caller: MayAdminister, services: ServicesDep
) -> None:
    """Throw a draft away. An edition that was ever in force stays."""
    with services.database.begin(caller.viewer) as conn:
        delete_draft(conn, edition_id, caller.who)


@router.get("/{id}/grids", response_model=EditionGrids, response_class=GeoJsonResponse)
def list_edition_grids(
    edition_id: EditionNumber,
    caller: MayAdminister,
    services: ServicesDep,
    level: Annotated[int | None, Query(ge=1, le=9)] = None,
    bbox: Annotated[str | None, Query(description="west,south,east,north")] = None,
) -> Response:
    """The grids of an edition, by level and code, as GeoJSON."""
    box = None if bbox is None else read_box(bbox)
    corners = None if box is None else (box.west, box.south, box.east, box.north)
    with services.database.begin(caller.viewer) as conn:
        require_edition(conn, edition_id)
        rows = read_grids(conn, edition_id, level=level, bbox=corners)
    collection = _collection([row.grid for row in rows], [row.area_m2 for row in rows])
    return GeoJsonResponse(orjson.dumps(collection))


@router.get("/{id}/changes")
def list_changes(
    edition_id: EditionNumber, caller: MayAdminister, services: ServicesDep
) -> ChangeList:
    """What was done to it as a draft, the newest first."""
    with services.database.begin(caller.viewer) as conn:
        require_edition(conn, edition_id)
        return ChangeList(items=[ChangeAnswer.of(each) for each in read_changes(conn, edition_id)])


@router.post("/{id}/changes", response_model=ChangedAnswer)
def change_an_edition(
    edition_id: EditionNumber, body: ChangeBody, caller: MayAdminister, services: ServicesDep
) -> Response:
    """Do one thing to a draft: neighbours keep the same vertices, and parents follow."""
    with services.database.begin(caller.viewer) as conn:
        changed = change_draft(
            conn,
            edition_id,
            body.operation(),
            caller.who,
            at=datetime.now(UTC),
            version=body.version,
        )
        return _answer(conn, changed)


@router.post("/{id}/undo", response_model=ChangedAnswer)
def undo_changes(
    edition_id: EditionNumber, body: StepsBody, caller: MayAdminister, services: ServicesDep
) -> Response:
    """Take back what was done last; any number of steps."""
    with services.database.begin(caller.viewer) as conn:
        changed = undo(conn, edition_id, caller.who, steps=body.steps, version=body.version)
        return _answer(conn, changed)


@router.post("/{id}/redo", response_model=ChangedAnswer)
def redo_changes(
    edition_id: EditionNumber, body: StepsBody, caller: MayAdminister, services: ServicesDep
) -> Response:
    """Do again what was taken back."""
    with services.database.begin(caller.viewer) as conn:
        changed = redo(conn, edition_id, caller.who, steps=body.steps, version=body.version)
        return _answer(conn, changed)


def _answer(conn: Connection, changed: Changed) -> Response:
    areas_m2 = [area_m2(grid.geometry) for grid in changed.grids]
    answer = {
        "edition": EditionNow.of(changed.edition).model_dump(mode="json"),
        "gone": list(changed.gone),
        "grids": _collection(changed.grids, areas_m2),
        "findings": read_findings(conn, changed.edition.id),
    }
    return Response(orjson.dumps(answer), media_type="application/json")


def _collection(grids: Sequence[Grid], areas_m2: Sequence[float]) -> dict[str, Any]:
    """Geometry is encoded by GEOS, all at once."""
    rounded = shapely.transform([grid.geometry for grid in grids], lambda xy: xy.round(DIGITS))
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": grid.code,
                "geometry": orjson.Fragment(geometry),
                "properties": EditionGridProperties(
                    code=grid.code,
                    name=grid.name,
                    level=grid.level,
                    parent=grid.parent_code,
                    area_m2=round(area, 2),
                ).model_dump(),
            }
            for grid, area, geometry in zip(
                grids, areas_m2, shapely.to_geojson(rounded), strict=True
            )
        ],
    }
