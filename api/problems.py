"""Every error as an RFC 9457 problem document.

One table turns the classes of `gis.errors` into statuses. What nobody foresaw becomes a 500 that
carries an id; the log has the same id and the whole story.
"""

import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import OperationalError as DriverOperationalError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gis.errors import (
    Conflict,
    InstallationError,
    InvalidInput,
    NotFound,
    NotPermitted,
    NotSignedIn,
    Overloaded,
    UpstreamAway,
    UpstreamFailed,
    WanggeError,
)

_log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"

# The first class that fits decides.
_STATUS: Mapping[type[WanggeError], HTTPStatus] = {
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    NotPermitted: HTTPStatus.FORBIDDEN,
    Overloaded: HTTPStatus.TOO_MANY_REQUESTS,
    UpstreamAway: HTTPStatus.GATEWAY_TIMEOUT,
    UpstreamFailed: HTTPStatus.BAD_GATEWAY,
    InstallationError: HTTPStatus.SERVICE_UNAVAILABLE,
    WanggeError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

_DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout, DriverOperationalError)
_RETRY_DATABASE_S = 5
_TOO_LARGE = "The request is too large; send it in parts."


class FieldProblem(BaseModel):
    """One thing wrong with the input. `field` is a dotted path: `lat`, `points.3.lon`."""

    field: str | None = None
    message: str
    code: str


class Problem(BaseModel):
    """RFC 9457 problem details. `code` is a stable word for programs, `detail` a sentence for people."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:wangge:problem:invalid_input"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str
    code: str = Field(examples=["invalid_input"])
    field: str | None = None
    errors: list[FieldProblem] | None = None


def problem_response(
    status: int,
    *,
    code: str,
    detail: str,
    field: str | None = None,
    errors: Sequence[FieldProblem] | None = None,
    members: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """`members` are further members of the document, such as `state` of a case."""
    problem = Problem(
        type=f"urn:wangge:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail.encode(errors="replace").decode(),  # it may quote half a character
        code=code,
        field=field,
        errors=None if errors is None else list(errors),
        **(members or {}),
    )
    return JSONResponse(
        problem.model_dump(mode="json", exclude_none=True),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def add_problem_handlers(app: FastAPI) -> None:
    app.add_exception_handler(WanggeError, _wangge_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(DataError, _unstorable_value)
    app.add_exception_handler(UnicodeEncodeError, _unstorable_value)
    for error in _DATABASE_AWAY:
        app.add_exception_handler(error, _database_away)


def status_of(error: WanggeError) -> HTTPStatus:
    return next(status for kind, status in _STATUS.items() if isinstance(error, kind))


def wangge_error_response(error: WanggeError) -> JSONResponse:
    headers: dict[str, str] = {}
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Overloaded):
        headers["Retry-After"] = str(error.retry_after_s)
    return problem_response(
        status_of(error),
        code=error.code,
        detail=error.message,
        field=error.field,
        members=getattr(error, "members", None),
        headers=headers,
    )


async def _wangge_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, WanggeError)
    return wangge_error_response(error)


async def _validation_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [_field_problem(item) for item in error.errors()]
    first = errors[0]
    if first.code == "json_invalid":
        return problem_response(
            HTTPStatus.BAD_REQUEST,
            code="invalid_json",
            detail=f"The body is not valid JSON: {first.message}.",
        )
    where = "" if first.field is None else f"{first.field}: "
    rest = "" if len(errors) == 1 else f" (and {len(errors) - 1} more, see errors)"
    return problem_response(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        code="invalid_input",
        detail=f"{where}{first.message}{rest}",
        field=first.field,
        errors=errors,
    )


def _field_problem(item: Mapping[str, Any]) -> FieldProblem:
    """From one of pydantic's errors. The input itself is left out: it may be a password."""
    place, *path = item["loc"]
    field = ".".join(map(str, path)) if path else (None if place == "body" else str(place))
    context = item.get("ctx") or {}
    if item["type"] == "json_invalid":
        return FieldProblem(
            field=None, message=f"{context['error']} at character {path[0]}", code="json_invalid"
        )
    cause = context.get("error")
    if isinstance(cause, WanggeError):
        return FieldProblem(field=field, message=cause.message, code=cause.code)
    message = str(item["msg"]).removeprefix("Value error, ")
    if field is None:
        message = (
            "the request needs a JSON body of the documented form (Content-Type: application/json)"
        )
    elif item["type"] == "missing":
        message = "this is required and missing"
    return FieldProblem(field=field, message=message, code=str(item["type"]))


async def _http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    details = {
        HTTPStatus.NOT_FOUND: f"There is nothing at {request.url.path}; see /api/v1/openapi.json.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not possible here; see Allow.",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _TOO_LARGE,
    }
    return problem_response(
        status,
        code=status.name.lower(),
        detail=details.get(status, str(error.detail)),
        headers=error.headers,
    )


def too_large() -> JSONResponse:
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return problem_response(status, code=status.name.lower(), detail=_TOO_LARGE)


async def _unstorable_value(_request: Request, error: Exception) -> JSONResponse:
    """A number beyond its column, a NUL or half a character in a text: the caller's input after all."""
    _log.info("unstorable value", error=type(getattr(error, "orig", error)).__name__)
    return problem_response(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        code="unstorable_value",
        detail="A value cannot be used: a number is too large, or a text holds a NUL or half a "
        "character.",
    )


async def _database_away(_request: Request, error: Exception) -> JSONResponse:
    _log.error("database away", error=type(getattr(error, "orig", error) or error).__name__)
    return problem_response(
        HTTPStatus.SERVICE_UNAVAILABLE,
        code="database_unavailable",
        detail=f"The database does not answer just now; try again in {_RETRY_DATABASE_S} s.",
        headers={"Retry-After": str(_RETRY_DATABASE_S)},
    )


class UnexpectedErrors:
    """ASGI middleware: what no handler knows becomes a 500 with an id that the log has too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noting_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting_start)
        except Exception:
            incident = uuid.uuid4().hex[:12]
            _log.exception("unexpected error", incident=incident, path=scope["path"])
            if started:
                raise  # half an answer is out: the connection has to break
            response = problem_response(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                code="unexpected_error",
                detail=f"Something went wrong inside Wangge. The log says more under {incident}.",
                members={"incident": incident},
            )
            await response(scope, receive, send)
