"""What everybody does with their own account: its password, its second factor, its sessions."""

from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response, status
from pydantic import BaseModel, Field

from api.access import IdentityDep, address_of, caller_of, token_of
from api.accounts import Identity
from api.accounts.tokens import token_hash
from api.accounts.totp import uri_to_qr
from api.context import ServicesDep
from api.routes.sessions import clear_cookie
from data.audit import Who

router = APIRouter(prefix="/sessions", tags=["sessions"])


class OpenSessionAnswer(BaseModel):
    """A session of a browser, a token of a program or the code of a terminal. `current` is the one that
    asks; `expires_at` is null until it is revoked."""

    id: str
    kind: Literal["session", "token", "terminal"]
    created_at: datetime
    expires_at: datetime | None
    address: str | None
    client: str | None
    current: bool


class OpenSessions(BaseModel):
    items: list[OpenSessionAnswer]


class PasswordChange(BaseModel):
    old: Annotated[str, Field(min_length=1, max_length=256)]
    new: Annotated[str, Field(min_length=1, max_length=256)]


Code = Annotated[str, Field(min_length=6, max_length=16)]


class TotpOfferAnswer(BaseModel):
    """`uri` is what the QR code holds, and `qr` its picture as SVG."""

    secret: str
    uri: str
    qr: str


class TotpProof(BaseModel):
    secret: Annotated[str, Field(min_length=32, max_length=32)]
    code: Code


class TotpRemoval(BaseModel):
    code: Code


@router.get("/all", summary="Where one is signed in")
def list_sessions(request: Request, identity: IdentityDep, services: ServicesDep) -> OpenSessions:
    """The sessions and tokens of one's own account, the newest first."""
    present = token_hash(token_of(request))
    return OpenSessions(
        items=[
            OpenSessionAnswer.model_validate(
                {
                    "id": session.id,
                    "kind": session.kind,
                    "created_at": session.created_at,
                    "expires_at": session.expires_at,
                    "address": session.address,
                    "client": session.client,
                    "current": session.token_hash == present,
                }
            )
            for session in services.own_account.sessions(identity.account)
        ]
    )


@router.delete("/all", status_code=status.HTTP_204_NO_CONTENT, summary="Sign out everywhere")
async def delete_sessions(
    request: Request,
    identity: IdentityDep,
    response: Response,
    services: ServicesDep,
    tokens: Annotated[bool, Query(description="Also revoke the tokens of programs.")] = False,
) -> None:
    """Ends every session of one's own account, this one too."""
    await to_thread.run_sync(
        partial(
            services.own_account.sign_out_everywhere,
            identity.account,
            tokens=tokens,
            who=_who(identity, request),
        )
    )
    services.identities.forget()
    clear_cookie(response)


@router.put("/password", status_code=status.HTTP_204_NO_CONTENT, summary="Change one's password")
async def change_password(
    change: PasswordChange, request: Request, identity: IdentityDep, services: ServicesDep
) -> None:
    """Every other session of the account ends; this one stays."""
    await to_thread.run_sync(
        partial(
            services.own_account.change_password,
            identity.account,
            change.old,
            change.new,
            present=token_of(request),
            who=_who(identity, request),
        )
    )
    services.identities.forget()


@router.post("/totp", summary="A second factor to set up")
def offer_totp(identity: IdentityDep, services: ServicesDep) -> TotpOfferAnswer:
    """Nothing is kept of it until a code proves that an authenticator app has it: PUT both."""
    offer = services.own_account.offer_totp(identity.account)
    return TotpOfferAnswer(secret=offer.secret, uri=offer.uri, qr=uri_to_qr(offer.uri))


@router.put("/totp", status_code=status.HTTP_204_NO_CONTENT, summary="Set up the second factor")
async def enable_totp(
    proof: TotpProof, request: Request, identity: IdentityDep, services: ServicesDep
) -> None:
    """From now on signing in with the password needs a `code` too."""
    await to_thread.run_sync(
        partial(
            services.own_account.enable_totp,
            identity.account,
            proof.secret,
            proof.code,
            who=_who(identity, request),
        )
    )
    services.identities.forget()


@router.delete("/totp", status_code=status.HTTP_204_NO_CONTENT, summary="Remove the second factor")
async def disable_totp(
    removal: TotpRemoval, request: Request, identity: IdentityDep, services: ServicesDep
) -> None:
    """403 `totp_required_by_role` where the account's role must have it."""
    await to_thread.run_sync(
        partial(
            services.own_account.disable_totp,
            identity.account,
            removal.code,
            who=_who(identity, request),
        )
    )
    services.identities.forget()


def _who(identity: Identity, request: Request) -> Who:
    return caller_of(identity, address_of(request)).who
