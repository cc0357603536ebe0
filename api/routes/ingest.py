"""Fixes from phones and terminals in their own protocols. The routes only translate: what a protocol
means is in `patrol.devices`, what becomes of a fix is the recorder's business.

A phone sends in order and goes on only when it hears 2xx, so whatever is wrong with a position is said
in the answer and never by its status.
"""

from typing import Annotated, Any
from urllib.parse import parse_qsl

import orjson
from anyio import to_thread
from fastapi import APIRouter, Request, Response

from api.access import Caller
from api.accounts.devices import find_enrolled
from api.context import Services, ServicesDep
from api.ingest_access import PREFIX, requires_device
from api.recording import FixReceipt, check_request, is_gateway, record
from gis.errors import NotPermitted
from patrol.devices import osmand, owntracks, traccar
from patrol.devices.addressee import items_of_device, items_of_gateway
from patrol.devices.message import Message
from patrol.tracking.fix import Fix, Refused
from patrol.tracking.receipt import Receipt

router = APIRouter(prefix=PREFIX, tags=["tracking"])

Sender = Annotated[Caller, requires_device()]

_MOST_PARAMETERS = 100
_PARAMETERS = {
    "id": "What the device calls itself; a gateway's names a device or a unit. Also `deviceid`.",
    "lat": "Degrees. Without `lat`, `lon` and `location` the request is a heartbeat.",
    "lon": "Degrees.",
    "location": "`lat,lon`, instead of both.",
    "timestamp": "Seconds or milliseconds since 1970, ISO 8601, or `yyyy-MM-dd HH:mm:ss`; UTC where no "
    "zone is named.",
    "speed": "Knots.",
    "speed_mps": "Metres per second, instead of `speed`.",
    "bearing": "Degrees clockwise from north. Also `heading`.",
    "altitude": "Metres.",
    "accuracy": "Metres.",
    "batt": "Percent.",
    "valid": "`false` for a place that the device does not know.",
    "alarm": "`sos` is a call for help.",
}
_FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        name: {"type": "string", "description": text} for name, text in _PARAMETERS.items()
    },
}
_QUERY: dict[str, Any] = {
    "parameters": [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": text,
            "schema": {"type": "string"},
        }
        for name, text in _PARAMETERS.items()
    ]
}


def _json_body(example: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "example": example}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


_TRACCAR = _json_body(
    {
        "device_id": "48241179",
        "location": {
            "timestamp": "2026-11-22T00:00:00.000Z",
            "coords": {
                "latitude": 34.5302,
                "longitude": 118.6721,
                "accuracy": 5,
                "speed": 1.2,
                "heading": 90,
                "altitude": 27,
            },
            "battery": {"level": 0.83, "is_charging": False},
        },
    }
)
_OWNTRACKS = _json_body(
    {"_type": "location", "lat": 34.5302, "lon": 118.6721, "tst": 1763798400, "acc": 5, "vel": 4}
)


@router.get(
    "/osmand",
    summary="A position from OsmAnd",
    response_model=FixReceipt,
    openapi_extra=_QUERY,
)
async def get_osmand(request: Request, caller: Sender, services: ServicesDep) -> Response:
    """As Traccar's `osmand` protocol: OsmAnd's online tracking, and Traccar Client before 9.0. The token
    may stand at the end of the address. A position that cannot be used is named in the answer, whose
    status is 200 all the same; on 429 and 503 nothing was stored, so send it again."""
    check_request(caller, services)
    return _receipt(await _record("osmand", osmand.decode(_query(request)), caller, services))


@router.post(
    "/osmand",
    summary="A position from OsmAnd, as a form",
    response_model=FixReceipt,
    openapi_extra={
        **_QUERY,
        "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": _FORM}}},
    },
)
async def post_osmand(request: Request, caller: Sender, services: ServicesDep) -> Response:
    """As with GET; the parameters are those of the address, or a form where it has none. JSON is taken
    as that of Traccar Client."""
    check_request(caller, services)
    body = await request.body()
    if body.lstrip().startswith(b"{"):
        message = traccar.decode(body)
    else:
        message = osmand.decode(_query(request) or _pairs(body.decode("utf-8", "replace")))
    return _receipt(await _record("osmand", message, caller, services))


@router.post(
    "/traccar",
    summary="Positions from Traccar Client",
    response_model=FixReceipt,
    openapi_extra=_TRACCAR,
)
async def post_traccar(request: Request, caller: Sender, services: ServicesDep) -> Response:
    """The JSON of Traccar Client from 9.0 on. A position that cannot be used is named in the answer,
    whose status is 200 all the same, so that the phone goes on to the next."""
    check_request(caller, services)
    message = traccar.decode(await request.body())
    return _receipt(await _record("traccar", message, caller, services))


@router.post(
    "/owntracks",
    summary="A message from OwnTracks",
    response_model=list[dict[str, Any]],
    openapi_extra=_OWNTRACKS,
)
async def post_owntracks(request: Request, caller: Sender, services: ServicesDep) -> Response:
    """OwnTracks in its mode HTTP, with the token as password. Locations are stored; everything else is
    taken and means nothing. The answer is a list of messages for the app, and always empty."""
    check_request(caller, services)
    message = owntracks.decode(await request.body())
    await _record("owntracks", message, caller, services)
    return Response(b"[]", media_type="application/json")


async def _record(protocol: str, message: Message, caller: Caller, services: Services) -> Receipt:
    items = await _addressed(protocol, message, caller, services)
    return await record(items, caller, services)


async def _addressed(
    protocol: str, message: Message, caller: Caller, services: Services
) -> list[Fix | Refused]:
    if is_gateway(caller):

        def enrolled() -> Any:
            with services.database.begin() as conn:
                return find_enrolled(conn, protocol, message.names)

        found = await to_thread.run_sync(enrolled) if message.items and message.names else None
        return items_of_gateway(message, found)
    if caller.device is None:
        raise NotPermitted(
            "This account is no device's. Enrol the phone, and give it the token that this prints: "
            "wangge devices enrol UNIT."
        )
    return items_of_device(message, caller.device)


def _query(request: Request) -> dict[str, str]:
    return _pairs(request.url.query)


def _pairs(text: str) -> dict[str, str]:
    """Of a query or a form. What no parser takes is no parameter at all."""
    try:
        return dict(parse_qsl(text, max_num_fields=_MOST_PARAMETERS))
    except ValueError:
        return {}


def _receipt(receipt: Receipt) -> Response:
    return Response(orjson.dumps(receipt), media_type="application/json")
