"""The audit: who did what, from where and why. Looking at it is on it too."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.instants import Instant
from data.audit import Anchor, AuditFilter, AuditRecord, list_records, record, verify

router = APIRouter(prefix="/audit", tags=["audit"])

MayRead = Annotated[Caller, requires(Permission.READ_AUDIT)]


class AuditItem(BaseModel):
    """`actor` is the name of an account, or somebody at the machine (`role` and `address` are null)."""

    id: int
    at: datetime
    actor: str
    role: str | None
    address: str | None
    action: str
    subject: str | None
    reason: str | None
    details: dict[str, Any]

    @classmethod
    def of(cls, each: AuditRecord) -> "AuditItem":
        return cls(
            id=each.id,
            at=each.at,
            actor=each.actor,
            role=each.role,
            address=each.address,
            action=each.action,
            subject=each.subject,
            reason=each.reason,
            details=dict(each.details),
        )


class AuditPage(BaseModel):
    """`next` is the cursor of the next page, null on the last."""

    items: list[AuditItem]
    next: str | None


class AuditProblem(BaseModel):
    """`problem` goes on after "Record 17"."""

    id: int
    problem: str


class AuditVerification(BaseModel):
    """`last_id` and `last_hash` together, with a colon between, are an anchor: kept elsewhere, it shows
    later whether everything up to here is still what it is now. `further` counts problems not listed."""

    records: int
    last_id: int
    last_hash: str
    intact: bool
    problems: list[AuditProblem]
    further: int


@router.get("", summary="What is on record, the newest first")
def list_audit(
    *,
    caller: MayRead,
    services: ServicesDep,
    actor: Annotated[str | None, Query(description="The name of an account.")] = None,
    action: Annotated[
        str | None, Query(description="With a dot at its end, all that begin so: `track.`")
    ] = None,
    subject: Annotated[
        str | None, Query(description="`unit GW-017`; replays with that unit are found too.")
    ] = None,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to", description="Not included.")] = None,
    cursor: Annotated[
        int | None, Query(ge=1, lt=2**63, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AuditPage:
    """This look is recorded as `audit.read`."""
    wanted = AuditFilter(actor=actor, action=action, subject=subject, since=since, until=until)
    with services.database.begin() as conn:
        found = list_records(conn, wanted, before=cursor, limit=limit + 1)
        record(conn, caller.who, "audit.read", details=wanted.to_json())
    return AuditPage(
        items=[AuditItem.of(each) for each in found[:limit]],
        next=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.get("/verify", summary="Whether the record is whole")
def verify_audit(
    caller: MayRead,
    services: ServicesDep,
    anchor: Annotated[
        str | None, Query(description="ID:HASH of an earlier verification, kept elsewhere.")
    ] = None,
) -> AuditVerification:
    """Every hash is worked out again: some seconds for a million records. Recorded as `audit.verify`."""
    expected = None if anchor is None else Anchor.parse(anchor)
    verification = verify(services.database, anchor=expected)
    with services.database.begin() as conn:
        record(conn, caller.who, "audit.verify", details=verification.to_json())
    return AuditVerification(
        records=verification.records,
        last_id=verification.last_id,
        last_hash=verification.last_hash,
        intact=verification.is_intact,
        problems=[AuditProblem(id=each.id, problem=each.problem) for each in verification.problems],
        further=verification.further,
    )
