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
from patrol.tracking.senders import AnyUnit, OneUnit, Sender, UnitsOfStaff

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
    caller: Annotated[Caller, requires(*_PERMISSIONS, limited=False)],
    services: ServicesDep,
) -> Response:
    """A fix that cannot be used is named with its reason and does not stop the others. So is one of a
    unit that was not on duty: `off_duty`, of which nothing is kept. When the answer is 429 or 503
    nothing of the request was stored; send it again."""
    is_gateway = Permission.POST_FIXES_ANY in caller.permissions
    if not is_gateway:
        services.device_rates.check_request(caller.account_id)
    items = decode_fixes(await request.body())
    sender = _sender(caller)
    if not is_gateway:
        services.device_rates.check_fixes(caller.account_id, len(items))
    receipt = await services.recorder.record(items, sender=sender)
    return Response(orjson.dumps(receipt), media_type="application/json")


def _sender(caller: Caller) -> Sender:
    """Whose fixes the caller may send."""
    if Permission.POST_FIXES_ANY in caller.permissions:
        return AnyUnit()
    if caller.unit is not None:
        return OneUnit(unit=caller.unit)
    if caller.staff_id is None:
        raise NotPermitted(
            "This account belongs to nobody on the staff and to no device, so it has no unit to send "
            "fixes of. Enrol the device: wangge devices enrol UNIT."
        )
    return UnitsOfStaff(staff_id=caller.staff_id)
