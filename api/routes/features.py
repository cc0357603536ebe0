"""The features of a layer: pages of them as GeoJSON, and files."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from api.access import Caller, Permission, requires
from api.answers import GeoJsonResponse
from api.cell_layers import read_rows
from api.context import ServicesDep
from api.coordinates import read_box
from api.cursors import read_key_cursor, write_key_cursor
from api.downloads import place_for_one, send_file, temporary_file
from api.layer_access import check_layer, reason_for, selection_of
from api.reasons import ReasonQuery, require_reason
from api.routes.layers import When
from data.audit import record, record_look
from data.exports.provenance import Provenance
from gis.local_time import LOCAL
from layers.catalog import Layer, find_layer
from layers.cells.rows import CellRows
from layers.features.export import LayerFormat, export_layer
from layers.features.reading import FeaturePage, FeatureQuery, read_page
from layers.selection import Selection

router = APIRouter(prefix="/layers/{id}", tags=["layers"])

MOST_FEATURES = 10_000
_USUAL_LIMIT = 1000

LayerId = Annotated[str, Path(alias="id", examples=["cameras"])]
BBox = Annotated[str | None, Query(description="west,south,east,north")]

_PAGE = frozenset({"bbox", "datetime", "limit", "cursor", "reason"})
_FILE = frozenset({"bbox", "datetime", "format", "reason"})


class LayerFeature(BaseModel):
    """Coordinates in WGS-84, lon before lat, rounded to a centimetre."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["Feature"]
    id: int | str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class FeatureCollection(BaseModel):
    """`next` is the cursor of the next page, null on the last. Of a computed layer `resolution` is that
    of its cells, and what was written after `as_of` may be missing; of any other both are null."""

    type: Literal["FeatureCollection"]
    features: list[LayerFeature]
    next: str | None
    resolution: int | None
    as_of: datetime | None


@router.get("/features", response_model=FeatureCollection, response_class=GeoJsonResponse)
def list_features(
    *,
    request: Request,
    layer_id: LayerId,
    caller: Annotated[Caller, requires(Permission.READ_LAYERS)],
    services: ServicesDep,
    bbox: BBox = None,
    when: When = None,
    limit: Annotated[
        int | None,
        Query(
            ge=1,
            le=MOST_FEATURES,
            description="Without it 1,000, and of a computed layer all.",
        ),
    ] = None,
    cursor: str | None = None,
    reason: ReasonQuery = None,
) -> Response:
    """A page of features. Any other parameter names a field of the layer and the values it may have,
    between commas: `?kind=lamp,manhole`.

    Where people were before today needs a `reason`. A computed layer is asked with its `choices` too:
    `/layers/hotspots/features?of=cases&resolution=9`.
    """
    after = None if cursor is None else read_key_cursor(cursor)
    with services.database.begin(caller.viewer) as conn:
        layer = check_layer(find_layer(conn, layer_id), caller)
        selection = selection_of(layer, request, when=when, known=_PAGE)
        why = reason_for(layer, selection, reason)
        rows = read_rows(conn, layer, selection, caller, services)
        if limit is None:
            limit = MOST_FEATURES if layer.is_computed else _USUAL_LIMIT
        query = FeatureQuery(
            selection=selection, bbox=_box(bbox), limit=limit, after=after, rows=rows
        )
        page = read_page(conn, layer, query)
        if layer.is_audited:
            details = {"datetime": when, "bbox": bbox}
            record_look(
                conn, caller.who, "layer.read", f"layer {layer.id}", reason=why, details=details
            )
    return GeoJsonResponse(_collection(page, rows))


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The file, which says who exported it, when and why",
            "content": {
                to.media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
                for to in LayerFormat
            },
        }
    },
)
def export_features(
    *,
    request: Request,
    layer_id: LayerId,
    caller: Annotated[Caller, requires(Permission.EXPORT)],
    services: ServicesDep,
    to: Annotated[LayerFormat, Query(alias="format")],
    bbox: BBox = None,
    when: When = None,
    reason: ReasonQuery = None,
) -> StreamingResponse:
    """Everything of the layer that the caller may see, or what of it is asked for as in
    `/layers/{id}/features`. Always needs a `reason`. The file comes when it is whole."""
    why = require_reason(reason, "An export")
    with place_for_one(services), services.database.begin(caller.viewer) as conn:
        layer = check_layer(find_layer(conn, layer_id), caller)
        selection = selection_of(layer, request, when=when, known=_FILE)
        provenance = Provenance(
            subject=f"layer {layer.id}",
            exported_by=caller.username,
            exported_at=datetime.now(UTC).replace(microsecond=0),
            reason=why,
        )
        with temporary_file() as (file, keep):
            rows = read_rows(conn, layer, selection, caller, services, fresh=True)
            query = FeatureQuery(selection=selection, bbox=_box(bbox), rows=rows)
            features = export_layer(conn, layer, query, file, to=to, provenance=provenance)
            details = _export_details(selection, request) | {"features": features, "format": to}
            record(
                conn, caller.who, "layer.export", provenance.subject, reason=why, details=details
            )
            keep()
    return send_file(file, _filename(layer, provenance, to), to.media_type)


def _box(bbox: str | None) -> tuple[float, float, float, float] | None:
    if bbox is None:
        return None
    box = read_box(bbox)
    return box.west, box.south, box.east, box.north


def _collection(page: FeaturePage, rows: CellRows | None) -> bytes:
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": feature.key,
                    "geometry": orjson.Fragment(feature.geometry),
                    "properties": feature.properties,
                }
                for feature in page.features
            ],
            "next": None if page.next_key is None else write_key_cursor(page.next_key),
            "resolution": None if rows is None else rows.resolution,
            "as_of": None if rows is None else rows.as_of,
        },
        default=str,
    )


def _export_details(selection: Selection, request: Request) -> dict[str, object]:
    """What was asked for; the values may be anything, and the audit is kept for ever."""
    fields: Mapping[str, object] = {"fields": [name for name, _ in selection.values]}
    asked = {name: request.query_params.get(name) for name in ("bbox", "datetime")}
    return {**fields, **asked}


def _filename(layer: Layer, provenance: Provenance, to: LayerFormat) -> str:
    return f"{layer.id}-{provenance.exported_at.astimezone(LOCAL):%Y%m%dT%H%M}{to.suffix}"
