"""Numbers without their mask: one person's at a time, for a reason, on the audit."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.reasons import require_reason
from api.routes.cases import CaseId
from api.routes.staff import StaffNumber
from data.audit import record
from patrol.duty.staff import find_staff

router = APIRouter(tags=["numbers"])

MayUnmask = Annotated[Caller, requires(Permission.UNMASK)]


class Why(BaseModel):
    """2 to 200 characters, which go on the audit."""

    reason: Annotated[str | None, Field(examples=["联系不上，需要电话确认"])] = None


class StaffNumbers(BaseModel):
    phone: str | None
    identity_number: str | None


class CaseReporter(BaseModel):
    reporter: str | None


@router.post("/staff/{id}/unmask", summary="The numbers of somebody on the staff")
def unmask_staff(
    staff_id: StaffNumber, body: Why, caller: MayUnmask, services: ServicesDep
) -> StaffNumbers:
    """Of those with a post in the grids of one's account; for an administrator, of those without too."""
    with services.database.begin() as conn:
        person = find_staff(
            conn,
            staff_id,
            scope=caller.scope,
            everybody=Permission.ADMINISTER in caller.permissions,
            at=datetime.now(UTC),
        ).person
        reason = require_reason(body.reason, "A look at somebody's numbers")
        record(conn, caller.who, "phone.unmask", f"staff {staff_id}", reason=reason)
    return StaffNumbers(phone=person.phone, identity_number=person.identity_number)


@router.post("/cases/{id}/unmask", summary="How to reach the reporter of a case")
def unmask_reporter(
    case_id: CaseId, body: Why, caller: MayUnmask, services: ServicesDep
) -> CaseReporter:
    case = services.case_reader.read(case_id, caller.actor, positions_in=None).entry.case
    reason = require_reason(body.reason, "A look at how to reach the reporter")
    with services.database.begin() as conn:
        record(conn, caller.who, "reporter.unmask", f"case {case.number}", reason=reason)
    return CaseReporter(reporter=case.reporter)
