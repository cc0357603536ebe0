"""Where the interface is, and in what forms."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.access import PUBLIC
from api.context import ServicesDep
from api.open311.access import endpoint_of
from api.open311.answers import FormatInPath, single

router = APIRouter(dependencies=[PUBLIC])

_SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
_CHANGED = "2026-11-27T00:00:00Z"


@router.get("/discovery.{format}")
def discover(request: Request, form: FormatInPath, services: ServicesDep) -> Response:
    """https://wiki.open311.org/Service_Discovery"""
    endpoint = {
        "specification": _SPECIFICATION,
        "url": endpoint_of(request),
        "changeset": _CHANGED,
        "type": "production",
        "formats": ["application/json", "text/xml"],
    }
    entry = {
        "changeset": _CHANGED,
        "contact": services.settings.open311.contact,
        "key_service": "Ask the administrator for an account that may report, and its token.",
        "endpoints": [endpoint],
    }
    return single(form, "discovery", entry)
