"""What the topology check found in an edition, with the places, as a file."""

import csv
import io
from enum import StrEnum
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Response

from api.access import Caller, Permission, requires
from api.answers import GeoJsonResponse
from api.context import ServicesDep
from data.editions import find_edition, read_findings
from data.exports.table import as_text

router = APIRouter(prefix="/editions", tags=["grids"])

MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]

_COLUMNS = ("kind", "codes", "area_m2", "width_m", "message")


class FindingsFormat(StrEnum):
    GEOJSON = "geojson"
    CSV = "csv"


@router.get(
    "/{id}/findings",
    response_class=GeoJsonResponse,
    responses={
        200: {
            "content": {
                "application/geo+json": {"schema": {"type": "object"}},
                "text/csv": {"schema": {"type": "string"}},
            }
        }
    },
)
def list_findings(
    edition_id: Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)],
    _caller: MayAdminister,
    services: ServicesDep,
    to: Annotated[FindingsFormat, Query(alias="format")] = FindingsFormat.GEOJSON,
) -> Response:
    """Overlaps, gaps, grids outside their parents and what else is wrong: a FeatureCollection with the
    places in WGS-84, or a table without them."""
    with services.database.begin() as conn:
        edition = find_edition(conn, str(edition_id))
        findings = read_findings(conn, edition.id)
    if to is FindingsFormat.CSV:
        headers = {"Content-Disposition": f'attachment; filename="findings-{edition.id}.csv"'}
        return Response(
            _table([each["properties"] for each in findings]),
            media_type="text/csv; charset=utf-8",
            headers=headers,
        )
    return GeoJsonResponse(orjson.dumps({"type": "FeatureCollection", "features": findings}))


def _table(findings: list[dict[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for each in findings:
        area_m2, width_m = each["area_m2"], each.get("width_m")
        writer.writerow(
            (
                each["kind"],
                as_text(" ".join(each["codes"])),
                "" if area_m2 is None else area_m2,
                "" if width_m is None else width_m,
                as_text(each["message"]),
            )
        )
    return text.getvalue().encode("utf-8-sig")
