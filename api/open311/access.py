"""Who reports by Open311, and for which jurisdiction."""

from typing import Annotated

from fastapi import Depends, Query, Request

from api.access import Caller, Permission, address_of, caller_with_token
from api.accounts.pending import require_nothing_pending
from api.context import Services, ServicesDep
from api.open311 import PREFIX
from gis.errors import InvalidInput, NotFound, NotPermitted, NotSignedIn


def endpoint_of(request: Request) -> str:
    """The address of the interface, as the caller knows this server."""
    return f"{str(request.base_url).rstrip('/')}{PREFIX}"


def check_jurisdiction(services: Services, said: str | None) -> None:
    """Raises NotFound for one that is not this town's. Where there is only one it need not be said."""
    ours = services.settings.open311.jurisdiction
    if ours is not None and said not in (None, "", ours):
        raise NotFound("jurisdiction_id provided was not found.", field="jurisdiction_id")


def _of_query(
    services: ServicesDep, jurisdiction_id: Annotated[str | None, Query()] = None
) -> None:
    check_jurisdiction(services, jurisdiction_id)


OUR_JURISDICTION = Depends(_of_query)


def key_in_header(request: Request) -> str | None:
    """The bearer token. A cookie counts for nothing here."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    return (bearer.strip() or None) if scheme.lower() == "bearer" else None


async def caller_with_key(request: Request, services: Services, key: str | None) -> Caller:
    """Whose `api_key` it is: the token of an account that may report. Raises NotSignedIn, NotPermitted,
    and Overloaded for one that reports too often, or an address that tries too many keys."""
    try:
        if not key:
            raise NotSignedIn("api_key is missing: send the token of an account that may report.")
        caller = await caller_with_token(request, key)
    except NotSignedIn:
        services.rates.check_address(address_of(request))
        raise
    services.rates.check_account(caller.account_id)
    require_nothing_pending(caller.pending)
    if Permission.CREATE_CASES not in caller.permissions:
        raise NotPermitted("This api_key may not report; ask the administrator for another.")
    return caller


def require_text(value: str | None, field: str) -> str:
    """Raises InvalidInput when it is missing."""
    if not value:
        raise InvalidInput(f"{field} was not provided.", field=field)
    return value
