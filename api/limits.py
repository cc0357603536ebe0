"""How large a request may be."""

import re
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.open311 import PREFIX as OPEN311
from api.open311.errors import in_their_form
from api.problems import too_large

_MB = 1024 * 1024

# FastAPI parses a body before it asks who sends it, and while it does nobody else is served: a list of
# 5 million empty lists in 14 MB takes it 3 s and 600 MB.
MOST_BODY_BYTES = _MB

# Routes that read their body themselves, once they know who sends it. Ten thousand fixes, the most that
# one request may bring, take about 3 MB.
_MOST_BODY_BYTES_OF = {
    ("POST", "/api/v1/fixes"): 16 * _MB,
    ("POST", "/api/v1/editions"): 64 * _MB,
    ("POST", "/api/v1/editions/preview"): 64 * _MB,
    ("POST", "/api/v1/grids/locate/file"): 32 * _MB,
    ("POST", "/api/v1/changes"): 64 * _MB,
    ("POST", "/api/v1/cameras/import"): 64 * _MB,
    ("POST", "/api/v1/facilities/import"): 64 * _MB,
    ("POST", "/api/v1/sensors/import"): 64 * _MB,
    ("POST", "/api/v1/photos"): 21 * _MB,
    ("POST", "/api/v1/public/photos"): 21 * _MB,
    ("POST", "/api/v1/case-imports"): 64 * _MB,
    ("POST", f"{OPEN311}/requests.json"): 64 * _MB,
    ("POST", f"{OPEN311}/requests.xml"): 64 * _MB,
}
_TRACK = re.compile(r"/api/v1/units/[^/]+/track/import")
_MOST_TRACK_BYTES = 32 * _MB  # a point is about 150 bytes

# What anybody may send without an account: a description and a few numbers.
_OF_STRANGERS = "/api/v1/public/"
_MOST_OF_STRANGERS = _MB // 16

URL_ENCODED = "application/x-www-form-urlencoded"
"""A form without files, which is read into memory whole: nowhere larger than MOST_BODY_BYTES."""

_HANG_UP = {"Connection": "close"}  # else the server reads the rest of the body to the end


def most_body_bytes(method: str, path: str) -> int:
    if method == "POST" and _TRACK.fullmatch(path):
        return _MOST_TRACK_BYTES
    if path.startswith(_OF_STRANGERS) and path != f"{_OF_STRANGERS}photos":
        return _MOST_OF_STRANGERS
    return _MOST_BODY_BYTES_OF.get((method, path), MOST_BODY_BYTES)


class BodyLimit:
    """ASGI middleware: refuses a larger body, at once if it says its length, else when it gets there.

    Starlette's own answers in plain text and raises through every middleware to say so.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        most = most_body_bytes(scope["method"], scope["path"])
        if headers.get("content-type", "").lower().startswith(URL_ENCODED):
            most = min(most, MOST_BODY_BYTES)
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > most:
            response: Response = too_large()
            if scope["path"].startswith(f"{OPEN311}/"):
                response = in_their_form(scope["path"], response)
            response.headers.update(_HANG_UP)
            await response(scope, receive, send)
            return
        received = 0

        async def counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers=_HANG_UP)
            return message

        await self._app(scope, counting, send)
