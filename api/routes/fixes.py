"""Fixes in: the one route that reads its body itself, because it is the busiest there is."""

from typing import Annotated, Any

import msgspec
import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from gis.errors import NotPermitted
from patrol.tracking.fix import MOST_FIXES, Fix, decode_fixes

router = APIRouter(prefix="/fixes", tags=["tracking"])

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


class RejectedFix(BaseModel):
    """`index` is the fix's place in the request, from 0."""

    index: int
    code: str
    message: str


class FixReceipt(BaseModel):
    """What became of the fixes; those accepted are on disk. A duplicate has the unit and time of a fix
    that is stored already."""

    accepted: int
    duplicates: int
    rejected: list[RejectedFix]


@router.post("", summary="Store fixes, each once", response_model=FixReceipt, openapi_extra=_BODY)
async def create_fixes(
    request: Request,
    caller: Annotated[Caller, requires(Permission.POST_FIXES_ANY, Permission.POST_FIXES_OWN)],
    services: ServicesDep,
) -> Response:
    """A fix that cannot be used is named with its reason and does not stop the others. When the answer
    is 429 or 503 nothing of the request was stored; send it again."""
    items = decode_fixes(await request.body())
    receipt = await services.recorder.record(items, staff_id=_sender(caller))
    return Response(orjson.dumps(receipt), media_type="application/json")


def _sender(caller: Caller) -> int | None:
    """Whose units alone the caller may send fixes of; None is any."""
    if Permission.POST_FIXES_ANY in caller.permissions:
        return None
    if caller.staff_id is None:
        raise NotPermitted(
            "This account belongs to nobody on the staff, so it has no unit to send fixes of."
        )
    return caller.staff_id
