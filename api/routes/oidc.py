"""Signing in at an OpenID Connect provider."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from api.access import PUBLIC, address_of
from api.accounts.oidc import OidcSignIn
from api.accounts.oidc.attempt import LASTS
from api.context import Services, ServicesDep
from api.routes.sessions import set_cookie
from gis.errors import NotFound, NotSignedIn

router = APIRouter(prefix="/sessions", tags=["sessions"], dependencies=[PUBLIC])

_COOKIE = "wangge_oidc"

# The session's cookie is never sent along with a navigation that another site began, and a redirect
# would still be one: a page of our own goes on. Scripts are not needed, nor allowed.
_GO_ON = """<!doctype html>
<html lang="zh"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/">
<title>Wangge</title><p><a href="/">继续 Continue</a></p></html>
"""


class Provider(BaseModel):
    """`name` is for the button; a browser goes to `url`."""

    name: str
    url: str


class Providers(BaseModel):
    """Where else people may sign in than with a password."""

    oidc: Provider | None


@router.get("/providers", summary="Ways to sign in")
def read_providers(request: Request, services: ServicesDep) -> Providers:
    if services.oidc is None:
        return Providers(oidc=None)
    url = request.app.url_path_for(begin_oidc.__name__)
    return Providers(oidc=Provider(name=services.oidc.name, url=url))


@router.get(
    "/oidc",
    summary="Sign in at the provider",
    status_code=status.HTTP_303_SEE_OTHER,
    response_class=RedirectResponse,
)
def begin_oidc(request: Request, services: ServicesDep) -> Response:
    """For browsers: leads there and, signed in, to `/`; to `/?sign_in=refused` when no account here is
    theirs, and to `/?sign_in=expired` when it took too long."""
    begun = _provider(services).begin(_redirect_uri(request))
    response = RedirectResponse(begun.url, status.HTTP_303_SEE_OTHER)
    response.set_cookie(
        _COOKIE,
        begun.cookie,
        max_age=int(LASTS.total_seconds()),
        path=request.url.path,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",  # the provider sends the browser back from another site
    )
    return response


@router.get(
    "/oidc/callback",
    summary="Back from the provider",
    response_class=HTMLResponse,
    responses={status.HTTP_303_SEE_OTHER: {"description": "Refused: on to the sign-in page"}},
)
def finish_oidc(
    request: Request,
    services: ServicesDep,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[
        str | None, Query(max_length=4000, description="Missing when the provider let nobody in.")
    ] = None,
) -> Response:
    """Sets the cookie of the new session and goes on to `/`."""
    response: Response
    try:
        signed_in = _provider(services).finish(
            code=code,
            state=state,
            cookie=request.cookies.get(_COOKIE),
            redirect_uri=_redirect_uri(request),
            address=address_of(request),
            client=request.headers.get("user-agent"),
        )
    except NotSignedIn as error:
        word = "expired" if error.code == "oidc_expired" else "refused"
        response = RedirectResponse(f"/?sign_in={word}", status.HTTP_303_SEE_OTHER)
    else:
        response = HTMLResponse(_GO_ON)
        set_cookie(request, response, signed_in)
    response.delete_cookie(_COOKIE, path=request.app.url_path_for(begin_oidc.__name__))
    return response


def _provider(services: Services) -> OidcSignIn:
    if services.oidc is None:
        raise NotFound("No provider is set up here; sign in with a password.", code="no_provider")
    return services.oidc


def _redirect_uri(request: Request) -> str:
    return str(request.url_for(finish_oidc.__name__))
