"""Fixes in: the one route that reads its body itself, because it is the busiest there is."""

from typing import Annotated, Any

import msgspec
import orjson
from fastapi import APIRouter, Request, Response

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.recording import FixReceipt, check_request, record
from patrol.tracking.fix import MOST_FIXES, Fix, decode_fixes

router = APIRouter(prefix="/fixes", tags=["tracking"])

_PERMISSIONS = (
    Permission.POST_FIXES_ANY,
    Permission.POST_FIXES_OWN,
    Permission.POST_FIXES_DEVICE,
)
_SCHEMAS = msgspec.json.schema_components([Fix], ref_template="#/components/schemas/{name}")[1]
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "array", "maxItems": MOST_FIXES, "items": _SCHEMAS["Fix"]},
                "example": [
                    {
                        "unit": "GW-017",
                        "at": "2026-11-22T08:00:00+08:00",
                        "lon": 118.6721,
                        "lat": 34.5302,
                        "accuracy_m": 8,
                        "speed_mps": 1.2,
                    }
                ],
            }
        },
    }
}


@router.post("", summary="Store fixes, each once", response_model=FixReceipt, openapi_extra=_BODY)
async def create_fixes(
    request: Request,
    caller: Annotated[Caller, requires(*_PERMISSIONS, limited=False)],
    services: ServicesDep,
) -> Response:
    """A fix that cannot be used is named with its reason and does not stop the others. So is one of a
    unit that was not on duty: `off_duty`, of which nothing is kept. When the answer is 429 or 503
    nothing of the request was stored; send it again."""
    check_request(caller, services)
    receipt = await record(decode_fixes(await request.body()), caller, services)
    return Response(orjson.dumps(receipt), media_type="application/json")
