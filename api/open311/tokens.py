"""Tokens: a request has its id at once here, so a token is that id."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.access import PUBLIC
from api.context import ServicesDep
from api.open311.access import OUR_JURISDICTION
from api.open311.answers import FormatInPath, listed
from api.open311.requests import find_request

router = APIRouter(dependencies=[PUBLIC, OUR_JURISDICTION])


@router.get("/tokens/{token}.{format}")
def read_token(token: str, form: FormatInPath, services: ServicesDep) -> Response:
    number = find_request(services, token).number
    return listed(
        form, "service_requests", "request", [{"service_request_id": number, "token": token}]
    )
