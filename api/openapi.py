"""The OpenAPI document: what FastAPI derives from the routes, and the problem every route may answer."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.access import COOKIE
from api.problems import MEDIA_TYPE, Problem

_DESCRIPTION = """\
Grid management and field patrol. Times are ISO 8601 with a zone; coordinates are lon before lat in
WGS-84 unless `crs` says otherwise; errors are RFC 9457 problem documents; lists are paged by cursor.
"""


def describe(app: FastAPI) -> None:
    """Replace `app.openapi` with one that documents problems once, for every operation."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version="1",
        description=_DESCRIPTION,
        routes=app.routes,
        separate_input_output_schemas=app.separate_input_output_schemas,
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    # FastAPI's own description of a 422, which this application never sends.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemes = document["components"].setdefault("securitySchemes", {})
    schemes["session"] = {"type": "apiKey", "in": "cookie", "name": COOKIE}
    answer = {
        "description": "A problem: what is wrong and what to do",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            responses = operation["responses"]
            responses.pop("422", None)
            responses["default"] = answer
            security = operation.get("security", [])
            if {"device": []} in security:
                security.append({"token": []})  # and no cookie
            elif security:
                security.append({"session": []})
    return document
