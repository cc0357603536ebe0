"""Coverage: where patrols have been, and where nobody was."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import orjson
import shapely
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.access import Caller, Permission, requires
from api.answers import GeoJsonResponse, GridName, RatioAnswer
from api.context import ServicesDep
from api.instants import Instant
from api.keeping import require_kept
from api.routes.tracks import Since, Until
from gis.cells import FINEST, cell_name, cell_polygon
from gis.errors import NotFound, NotPermitted
from gis.geojson import feature, feature_collection
from gis.local_time import local_midnight
from gis.ratio import Ratio
from patrol.tracks.cell_coverage import CellCoverage, cover_cells
from patrol.tracks.grid_coverage import GridCoverage, LastVisit, cover_grids
from patrol.tracks.grids import grids_at

router = APIRouter(prefix="/coverage", tags=["coverage"])

MayRead = Annotated[Caller, requires(Permission.READ_TRACKS)]
_CELL_DIGITS = 6  # a decimetre


class LastVisitAnswer(BaseModel):
    """`from` and `to` are the times of its first and its last fix so far. `unit` is null for whoever may
    not read positions, and for a visit that ended before today: whose that was is a look at somebody's
    past."""

    kind: str
    role: str
    unit: str | None
    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime, Field(alias="to")]


class GridCoverageAnswer(BaseModel):
    """`since_last_s` is from the last fix of the last visit to `at`. Both are null where no visit is
    known; `visits` are those of the period."""

    grid: GridName
    visits: int
    last_visit: LastVisitAnswer | None
    since_last_s: float | None


class GridsCoverage(BaseModel):
    """`covered` counts the grids that were visited in the period. Fixes that arrived after `as_of` may
    be missing; null: none is."""

    since: Annotated[datetime, Field(alias="from")]
    at: datetime
    as_of: datetime | None
    covered: RatioAnswer
    items: list[GridCoverageAnswer]


@router.get("/grids", summary="When each grid was visited last")
def read_grid_coverage(
    *,
    caller: MayRead,
    services: ServicesDep,
    at: Annotated[
        Instant | None, Query(description="As it was then; without it, as it is now.")
    ] = None,
    since: Annotated[
        Instant | None,
        Query(
            alias="from",
            description="Visits are counted from then on, at most 31 days; without it, from the "
            "midnight (China) before.",
        ),
    ] = None,
) -> GridsCoverage:
    """The grids of level 2 in one's part of the town, by code, and the visits of the units that one may
    see: whoever sees only themselves is told where they were. The latest minutes may be missing.
    """
    now = datetime.now(UTC)
    at = at or now
    since = since or local_midnight(at - timedelta(microseconds=1))
    require_kept(since, now, services.settings)
    with services.database.begin(caller.viewer) as conn:
        grids = [
            grid
            for grid in grids_at(conn, services.grid_indexes, at)
            if caller.scope.covers(grid.code)
        ]
        found = cover_grids(conn, caller.viewer, grids, since, at)
    today = local_midnight(now) if Permission.READ_POSITIONS in caller.permissions else None
    covered = Ratio(reached=found.reached, required=len(found.grids))
    return GridsCoverage.model_validate(
        {
            "from": since,
            "at": at,
            "as_of": found.as_of,
            "covered": RatioAnswer.of(covered),
            "items": [_grid(each, at, today) for each in found.grids],
        }
    )


def _grid(coverage: GridCoverage, at: datetime, named_since: datetime | None) -> GridCoverageAnswer:
    last = coverage.last
    return GridCoverageAnswer(
        grid=GridName(code=coverage.grid.code, name=coverage.grid.name),
        visits=coverage.visits,
        last_visit=None if last is None else _last_visit(last, named_since),
        since_last_s=None if last is None else round((at - last.to_at).total_seconds(), 1),
    )


def _last_visit(visit: LastVisit, named_since: datetime | None) -> LastVisitAnswer:
    is_named = named_since is not None and visit.to_at >= named_since
    return LastVisitAnswer.model_validate(
        {
            "kind": visit.kind,
            "role": visit.role,
            "unit": visit.unit if is_named else None,
            "from": visit.from_at,
            "to": visit.to_at,
        }
    )


class CellGeometry(BaseModel):
    type: Literal["Polygon"]
    coordinates: list[list[tuple[float, float]]]


class CellProperties(BaseModel):
    """Of a cell that nobody reached `visits` is 0 and `last_at` null."""

    visits: int
    last_at: datetime | None


class CellFeature(BaseModel):
    """`id` is the cell's H3 index."""

    type: Literal["Feature"]
    id: str
    geometry: CellGeometry
    properties: CellProperties


class CellCollection(BaseModel):
    """All cells whose centres lie in the grid. Fixes that arrived after `as_of` may be missing; null:
    none is."""

    type: Literal["FeatureCollection"]
    grid: GridName
    resolution: int
    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime, Field(alias="to")]
    as_of: datetime | None
    covered: RatioAnswer
    features: list[CellFeature]


@router.get(
    "/cells",
    summary="Which cells of a grid were reached, GeoJSON",
    response_model=CellCollection,
    response_class=GeoJsonResponse,
)
def read_cell_coverage(
    *,
    caller: MayRead,
    services: ServicesDep,
    grid: Annotated[str, Query(description="Of any level.", examples=["320722101203005"])],
    since: Since,
    until: Until,
    resolution: Annotated[
        int, Query(ge=0, le=FINEST, description="Of H3: a cell of 10 is 130 m across.")
    ] = 10,
) -> GeoJsonResponse:
    """By the units that one may see, at most 31 days and 5,000 cells; nobody is named.

    Between two fixes at most 500 m and 2 minutes apart a unit is taken to go straight. Who comes back
    within 30 minutes was there once. The grid is as it is now. The latest minutes may be missing.
    """
    require_kept(since, datetime.now(UTC), services.settings)
    with services.database.begin(caller.viewer) as conn:
        index = services.grid_indexes.active(conn)
        if index is None:
            raise NotFound("No grid edition is active; import and activate one.", field="grid")
        wanted = index.tree[grid]
        if not caller.scope.covers(grid):
            raise NotPermitted(f"Grid {grid} is not one of yours.", field="grid")
        found = cover_cells(conn, caller.viewer, wanted, since, until, resolution=resolution)
    covered = Ratio(reached=len(found.visits), required=len(found.cells))
    collection = feature_collection(
        _features(found),
        grid={"code": wanted.code, "name": wanted.name},
        resolution=resolution,
        **{"from": since, "to": until, "as_of": found.as_of},
        covered=RatioAnswer.of(covered).model_dump(),
    )
    return GeoJsonResponse(orjson.dumps(collection))


def _features(coverage: CellCoverage) -> Sequence[dict[str, object]]:
    visits = coverage.visits
    reached = {
        cell: (count, datetime.fromtimestamp(round(last_s, 3), UTC))
        for cell, count, last_s in zip(
            visits.cell.tolist(), visits.visits.tolist(), visits.last_s.tolist(), strict=True
        )
    }
    features = []
    for cell in coverage.cells.tolist():
        count, last_at = reached.get(cell, (0, None))
        name = cell_name(cell)
        outline = shapely.orient_polygons(cell_polygon(name))
        properties = {"visits": count, "last_at": last_at}
        features.append(feature(outline, properties, id=name, digits=_CELL_DIGITS))
    return features
