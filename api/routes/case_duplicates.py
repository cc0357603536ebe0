"""Cases that may be about the same, two by two, and those of them that are not."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.cursors import read_pair_cursor, write_cursor
from api.instants import Instant
from api.routes.cases import CaseId
from data.audit import record
from gis.errors import InvalidInput
from patrol.cases.distinct import take_back, tell_apart
from patrol.cases.workflow import is_for_merging
from patrol.intake.pairs import Pair, PairMark, duplicate_pairs

router = APIRouter(tags=["cases"])

MayAct = Annotated[Caller, requires(Permission.ACT_ON_CASES)]
OtherId = Annotated[int, Path(alias="other", ge=1, le=2**63 - 1)]
_LONGEST = timedelta(days=366)


class PairList(BaseModel):
    """The earliest first. `next` is the cursor of the page after this one. `can_tell_apart`: whether it
    is the caller's to say that two are not the same."""

    items: list[Pair]
    next: str | None
    can_tell_apart: bool


@router.get("/case-duplicates", summary="Cases that may be about the same, two by two")
def list_duplicate_pairs(
    *,
    caller: Annotated[Caller, requires(Permission.READ_CASES)],
    services: ServicesDep,
    since: Annotated[Instant, Query(alias="from")],
    until: Annotated[Instant, Query(alias="to")],
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> PairList:
    """Of one category, called the same in the system they came from, within 50 m and 24 hours of each
    other, whether they are open or not; of those reported in a time of at most 366 days. Two of which
    somebody has said that they are not the same are left out."""
    if not since < until <= since + _LONGEST:
        raise InvalidInput(f"`to` is after `from`, and within {_LONGEST.days} days.", field="to")
    after = None
    if cursor is not None:
        at, first_id, second_id = read_pair_cursor(cursor)
        after = PairMark(at=at, first_id=first_id, second_id=second_id)
    with services.database.begin(caller.viewer) as conn:
        pairs = duplicate_pairs(conn, since, until, count=limit + 1, after=after)
    page = pairs[:limit]
    following = None
    if len(pairs) > len(page):
        last = page[-1]
        following = write_cursor(last.first.reported_at, last.first.id, last.second.id)
    may = Permission.ACT_ON_CASES in caller.permissions and is_for_merging(caller.actor)
    return PairList(items=page, next=following, can_tell_apart=may)


@router.post(
    "/cases/{id}/distinct/{other}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Say that two cases are not the same",
)
def say_distinct(case_id: CaseId, other_id: OtherId, caller: MayAct, services: ServicesDep) -> None:
    """They are no pair of `GET /case-duplicates` any more, nor `duplicates` of each other. For whoever
    may merge; said again, it is said once."""
    with services.database.begin(caller.viewer) as conn:
        both = tell_apart(conn, case_id, other_id, caller.actor, at=datetime.now(UTC))
        if both is not None:
            case, other = both
            details = {"other": other.number}
            record(conn, caller.who, "case.distinct", f"case {case.number}", details=details)


@router.delete(
    "/cases/{id}/distinct/{other}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Take back that two cases are not the same",
)
def take_back_distinct(
    case_id: CaseId, other_id: OtherId, caller: MayAct, services: ServicesDep
) -> None:
    with services.database.begin(caller.viewer) as conn:
        case, other = take_back(conn, case_id, other_id, caller.actor)
        details = {"other": other.number}
        record(conn, caller.who, "case.distinct_undo", f"case {case.number}", details=details)
