"""How a device shows who it is: with its token as bearer, as password, or in the address it posts to.

Many apps can only be given an address. A token in one is moved into the header where tokens belong
before anything else sees the request, so that no log, error or answer can repeat it. A browser's cookie
counts for nothing here, because GET stores as well, and other sites could make a browser send that.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBase
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access import Caller, Permission, Requirement, caller_with_token
from gis.errors import NotSignedIn

PREFIX = "/ingest"

_NO_TOKEN = (
    "Give the device its token: in the address (/ingest/osmand/TOKEN), as a bearer token, or as the "
    "password. It comes from Settings, or from wangge devices enrol."
)


class TokenInAddress:
    """ASGI middleware: /ingest/osmand/TOKEN becomes /ingest/osmand with the token as bearer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(f"{PREFIX}/"):
            scope = _with_token_in_header(scope)
        await self._app(scope, receive, send)


def _with_token_in_header(scope: Scope) -> Scope:
    door, slash, token = scope["path"].removeprefix(f"{PREFIX}/").partition("/")
    if not slash:
        return scope
    path = f"{PREFIX}/{door}"
    moved = {**scope, "path": path, "raw_path": path.encode(), "headers": [*scope["headers"]]}
    if token := token.strip("/"):
        MutableHeaders(scope=moved)["authorization"] = f"Bearer {_in_latin(token)}"
    return moved


def _in_latin(text: str) -> str:
    """What a header can hold. No token has anything else in it."""
    return text.encode("latin-1", "replace").decode("latin-1")


def device_token_of(request: Request) -> str:
    """Raises NotSignedIn without one."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    token = credentials.strip()
    if scheme.lower() == "basic":
        token = _password(token)
    elif scheme.lower() != "bearer":
        token = ""
    if not token:
        raise NotSignedIn(_NO_TOKEN)
    return token


def _password(credentials: str) -> str:
    """Of RFC 7617's `user:password` in base64; empty for what is none."""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2].strip()
    except (binascii.Error, ValueError):
        return ""


@dataclass(frozen=True)
class DeviceRequirement(Requirement):
    """A dependency that gives the Caller behind a device's token."""

    scheme_name = "device"
    model = HTTPBase(
        scheme="basic",
        description="The password is a device's token, the user is anything. The token may also stand "
        "at the end of the address: /ingest/osmand/TOKEN.",
    )

    async def authenticate(self, request: Request) -> Caller:
        return await caller_with_token(request, device_token_of(request))


def requires_device() -> Any:
    """`Annotated[Caller, requires_device()]`: a device, or a gateway that speaks for many."""
    permissions = (Permission.POST_FIXES_DEVICE, Permission.POST_FIXES_ANY)
    return Depends(DeviceRequirement(permissions, limited=False))
