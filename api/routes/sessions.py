"""Signing in, who is signed in, and signing out."""

from datetime import datetime
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel, Field

from api.access import (
    COOKIE,
    PUBLIC,
    IdentityDep,
    Permission,
    Role,
    address_of,
    caller_of,
    comes_from_elsewhere,
    token_of,
)
from api.accounts import Identity
from api.accounts import SignedIn as NewSession
from api.accounts.pending import Pending
from api.context import Services, ServicesDep
from gis.errors import NotPermitted

router = APIRouter(prefix="/sessions", tags=["sessions"])


class Credentials(BaseModel):
    """`code` is of the second factor, for an account that has one."""

    username: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=256)]
    code: Annotated[str | None, Field(max_length=16)] = None


class RootGrid(BaseModel):
    """A topmost grid of the account's scope. `level` is null when the active edition lacks it."""

    code: str
    name: str
    level: int | None


class AccountScope(BaseModel):
    """`roots` is empty when the scope is everything; `grids` counts the grids inside, all levels."""

    everything: bool
    roots: list[RootGrid]
    grids: int


class AccountAnswer(BaseModel):
    """`staff` is who they are on the staff, null for whoever is not on it. While something is `pending`,
    only what is under `/sessions` lets the account in."""

    username: str
    name: str
    role: Role
    staff: int | None
    permissions: list[Permission]
    scope: AccountScope
    has_totp: bool
    pending: list[Pending]


class SessionAnswer(BaseModel):
    account: AccountAnswer


class NewSessionAnswer(SessionAnswer):
    token: str
    expires_at: datetime


@router.post("", status_code=status.HTTP_201_CREATED, summary="Sign in", dependencies=[PUBLIC])
def create_session(
    credentials: Credentials, request: Request, response: Response, services: ServicesDep
) -> NewSessionAnswer:
    """Answers with a bearer token and sets it as a cookie for browsers. It lasts 12 hours.

    An account with a second factor is answered 401 `totp_required` while `code` is missing.
    """
    if comes_from_elsewhere(request):
        raise NotPermitted("Sign in on Wangge's own page.", code="cross_site")
    signed_in = services.accounts.sign_in(
        credentials.username,
        credentials.password,
        code=credentials.code,
        address=address_of(request),
        client=request.headers.get("user-agent"),
    )
    set_cookie(request, response, signed_in)
    return NewSessionAnswer(
        token=signed_in.token,
        expires_at=signed_in.expires_at,
        account=_account_answer(signed_in.identity, services),
    )


@router.get("", summary="Who is signed in?")
def read_session(identity: IdentityDep, services: ServicesDep) -> SessionAnswer:
    return SessionAnswer(account=_account_answer(identity, services))


@router.delete("", status_code=status.HTTP_204_NO_CONTENT, summary="Sign out")
async def delete_session(
    request: Request, identity: IdentityDep, response: Response, services: ServicesDep
) -> None:
    """Ends the session, or revokes the token, that the request carries."""
    who = caller_of(identity, address_of(request)).who
    await to_thread.run_sync(services.accounts.sign_out, token_of(request), who)
    services.identities.forget()
    clear_cookie(response)


def set_cookie(request: Request, response: Response, signed_in: NewSession) -> None:
    """For browsers. Scripts cannot read it, and other sites cannot make a browser send it."""
    response.set_cookie(
        COOKIE,
        signed_in.token,
        expires=signed_in.expires_at,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def clear_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def _account_answer(identity: Identity, services: Services) -> AccountAnswer:
    account, territory = identity.account, identity.territory
    with services.database.begin() as conn:
        index = services.grid_indexes.active(conn)
    tree = None if index is None else index.tree
    roots = []
    for code in territory.roots:
        grid = None if tree is None else tree.by_code.get(code)
        roots.append(
            RootGrid(
                code=code,
                name=code if grid is None else grid.name,
                level=None if grid is None else grid.level,
            )
        )
    codes = territory.scope.codes
    in_edition = frozenset[str]() if tree is None else frozenset(tree.by_code)
    return AccountAnswer(
        username=account.username,
        name=account.name,
        role=account.role,
        staff=account.staff_id,
        permissions=sorted(identity.permissions),
        scope=AccountScope(
            everything=territory.scope.is_everything,
            roots=roots,
            grids=len(in_edition if codes is None else in_edition & codes),
        ),
        has_totp=account.has_totp,
        pending=list(identity.pending),
    )
