"""The application at /open311/v2, to be mounted: it has errors and addresses of its own."""

from fastapi import FastAPI

from api.open311 import discovery, requests, services, tokens
from api.open311.errors import add_error_handlers


def create_open311_app() -> FastAPI:
    """To be mounted at PREFIX. Whoever mounts it puts the services into its state."""
    app = FastAPI(
        title="Wangge: Open311 GeoReport v2",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # the standard describes it
        redirect_slashes=False,
    )
    add_error_handlers(app)
    for module in (requests, services, tokens, discovery):
        app.include_router(module.router)
    return app
