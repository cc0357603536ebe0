"""The built web pages at `/`: hashed assets kept for ever by browsers, index.html for every view."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Wangge</title>
<h1>Wangge is running, but its web pages are not built yet</h1>
<p>Run <code>make setup</code> in the project, then reload.
请在项目目录运行 <code>make setup</code>，然后刷新。</p>
<p>The API is at <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p>
</html>
"""

# Paths of programs: an unknown one is an error there, not a view of the page.
_PROGRAMS = frozenset({"api", "ogc", "open311", "ingest"})
_INDEX = "index.html"
_ASSETS = "assets/"  # Vite's folder of files whose names carry a hash of their content


class Pages:
    """ASGI application for every path that no route has."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files = StaticFiles(directory=directory, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError("only HTTP is served here")
        response = await self._respond(scope)
        await response(scope, receive, send)

    async def _respond(self, scope: Scope) -> Response:
        path = scope["path"].lstrip("/")
        if path.partition("/")[0] in _PROGRAMS:
            raise HTTPException(404)
        if not (self._directory / _INDEX).is_file():
            return HTMLResponse(_NOT_BUILT, status_code=503, headers={"Cache-Control": "no-store"})
        try:
            response = await self._files.get_response(self._files.get_path(scope), scope)
        except HTTPException as error:
            names_a_file = "." in path.rsplit("/", 1)[-1]
            if error.status_code != 404 or path.startswith(_ASSETS) or names_a_file:
                raise
            response = await self._files.get_response(_INDEX, scope)
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if path.startswith(_ASSETS) else "no-cache"
        )
        return response
