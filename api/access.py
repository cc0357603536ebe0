"""Who calls, and whether they may.

A route names what it demands in its signature:

    def list_cases(caller: Annotated[Caller, requires(Permission.READ_CASES)]) -> ...

`caller.scope` then goes to every store function. A bearer token is taken before the cookie.
"""

from dataclasses import dataclass
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.openapi.models import SecurityBase as SecurityBaseModel
from fastapi.security.base import SecurityBase

from api.accounts import Identity, Permission, Role
from api.accounts.pending import Pending, require_nothing_pending
from api.context import get_services
from api.names import Names
from data.audit import Who
from data.scope import Scope, Viewer
from gis.errors import NotPermitted, NotSignedIn
from patrol.cases.case import Actor
from patrol.devices.addressee import EnrolledDevice

__all__ = [
    "COOKIE",
    "PUBLIC",
    "Caller",
    "IdentityDep",
    "Permission",
    "Requirement",
    "Role",
    "SignedIn",
    "address_of",
    "comes_from_elsewhere",
    "comes_from_own_page",
    "requires",
    "token_of",
]

COOKIE = "wangge_session"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """The account behind a request.

    `staff_id` is None for an account that belongs to nobody on the staff. `device` is None for everybody
    but a device, which speaks for one unit only. `address` is where the request came from. While
    something is `pending` no route that demands a permission lets them in.
    """

    account_id: int
    username: str
    name: str
    role: Role
    staff_id: int | None
    device: EnrolledDevice | None
    permissions: frozenset[Permission]
    scope: Scope
    address: str
    pending: tuple[Pending, ...] = ()

    @property
    def who(self) -> Who:
        """For the audit."""
        return Who(
            account_id=self.account_id, name=self.username, role=self.role, address=self.address
        )

    @property
    def viewer(self) -> Viewer:
        """For every transaction that reads people or cases."""
        return Viewer(
            scope=self.scope,
            staff_id=self.staff_id,
            account_id=self.account_id,
            only_self=self.role.sees_only_self,
        )

    @property
    def actor(self) -> Actor:
        """For whatever is done with cases."""
        return Actor(
            account_id=self.account_id,
            staff_id=self.staff_id,
            name=self.name,
            role=self.role,
            scope=self.scope,
        )

    @property
    def names(self) -> Names:
        """For every answer in which a person could occur."""
        return Names(Permission.READ_NAMES in self.permissions)


def token_of(request: Request) -> str:
    """The token of the request. Raises NotSignedIn without one.

    A browser sends the cookie along with requests that other sites make, so a request that changes
    something and carries only the cookie must show that it comes from our own pages.
    """
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise NotSignedIn("Sign in first: POST /api/v1/sessions, or send a bearer token.")
    if request.method not in _SAFE_METHODS and not comes_from_own_page(request):
        raise NotPermitted(
            "This request came from another site; use Wangge's own pages, or a bearer token.",
            code="cross_site",
        )
    return cookie


def comes_from_own_page(request: Request) -> bool:
    """By Sec-Fetch-Site, or by Origin where a browser does not send that (plain http in a LAN)."""
    return _own_page(request) is True


def comes_from_elsewhere(request: Request) -> bool:
    """Whether a browser says that another site's page sent this. Programs say nothing."""
    return _own_page(request) is False


def _own_page(request: Request) -> bool | None:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return None
    return urlsplit(origin).netloc == request.headers.get("host")


def caller_of(identity: Identity, address: str) -> Caller:
    account = identity.account
    return Caller(
        account_id=account.id,
        username=account.username,
        name=account.name,
        role=account.role,
        staff_id=account.staff_id,
        device=account.device,
        permissions=identity.permissions,
        scope=identity.territory.scope,
        address=address,
        pending=identity.pending,
    )


async def caller_with_token(request: Request, token: str) -> Caller:
    """Whoever sent the request with it. Raises NotSignedIn."""
    services = await get_services(request)
    identity = await services.identities.identify(token)
    return caller_of(identity, address_of(request))


async def authenticate(request: Request) -> Caller:
    """Whoever sent the request. Raises NotSignedIn."""
    return await caller_with_token(request, token_of(request))


async def limit_strangers(request: Request) -> None:
    """For the routes that anybody may call. Raises Overloaded when one address calls too often."""
    (await get_services(request)).rates.check_address(address_of(request))


PUBLIC = Depends(limit_strangers)
"""`@router.post("", dependencies=[PUBLIC])`"""


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


class SignedIn(SecurityBase):
    """A dependency that gives the Identity of whoever is signed in. Raises NotSignedIn.

    It is its own security scheme in the OpenAPI document: asking FastAPI's classes for the token first
    would double the work of the busiest routes.
    """

    scheme_name = "token"
    model = HTTPBearerModel(description="From `POST /sessions` or `wangge tokens create`.")

    async def __call__(self, request: Request) -> Identity:
        services = await get_services(request)
        identity = await services.identities.identify(token_of(request))
        services.rates.check_account(identity.account.id)
        return identity


IdentityDep = Annotated[Identity, Depends(SignedIn())]
"""For a route that wants no particular permission."""


@dataclass(frozen=True)
class Requirement(SecurityBase):
    """A dependency that gives the Caller. Raises NotSignedIn, NotPermitted without a permission, and
    Overloaded for an account that calls too often, where the route is `limited`."""

    any_of: tuple[Permission, ...]
    limited: bool = True

    scheme_name = SignedIn.scheme_name
    model = cast(SecurityBaseModel, SignedIn.model)

    async def __call__(self, request: Request) -> Caller:
        caller = await self.authenticate(request)
        if self.limited and caller.role is not Role.GATEWAY:
            (await get_services(request)).rates.check_account(caller.account_id)
        require_nothing_pending(caller.pending)
        if self.any_of and caller.permissions.isdisjoint(self.any_of):
            raise NotPermitted(
                f"The role {caller.role} may not do this; it needs {' or '.join(self.any_of)}. "
                "Ask the administrator for another account."
            )
        return caller

    async def authenticate(self, request: Request) -> Caller:
        """Whoever sent the request. Raises NotSignedIn."""
        return await authenticate(request)


def requires(*any_of: Permission, limited: bool = True) -> Any:
    """`Annotated[Caller, requires(Permission.READ_CASES)]`: the caller, with one of `any_of`; without
    any, whoever is signed in and through with what they must do first. Not `limited` are the routes
    that are called all the time: fixes in, tiles out."""
    return Depends(Requirement(any_of, limited))
