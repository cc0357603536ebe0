"""Errors of GeoReport v2: a list of codes and descriptions, made of the problems of everything else."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from inspect import isawaitable
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import Response

from api.open311.answers import Format, listed
from api.problems import add_problem_handlers

_STATUS: Mapping[int, int] = {
    HTTPStatus.UNAUTHORIZED: HTTPStatus.FORBIDDEN,
    HTTPStatus.UNPROCESSABLE_ENTITY: HTTPStatus.BAD_REQUEST,
}
"""Where the standard knows another one."""

_KEPT = ("retry-after", "allow", "connection")

Handler = Callable[[Request, Any], Response | Awaitable[Response]]


def add_error_handlers(app: FastAPI) -> None:
    before = dict(app.exception_handlers)
    add_problem_handlers(app)
    for kind, handler in [*app.exception_handlers.items()]:
        if before.get(kind) is not handler:
            app.add_exception_handler(kind, _answering(handler))


def in_their_form(path: str, problem: Response) -> Response:
    """The same answer, in the form that the address `path` asks for."""
    status = _STATUS.get(problem.status_code, problem.status_code)
    entry = {"code": status, "description": orjson.loads(problem.body)["detail"]}
    response = listed(Format.of_path(path), "errors", "error", [entry], status=status)
    response.headers.update({k: problem.headers[k] for k in _KEPT if k in problem.headers})
    return response


def _answering(handler: Handler) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        found = handler(request, error)
        return in_their_form(request.url.path, await found if isawaitable(found) else found)

    return answer
