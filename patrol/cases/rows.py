"""Rows of `cases` and `case_events` as values, and values as rows."""

from typing import Any

import msgspec
from sqlalchemy import RowMapping

from data.schema import cases
from patrol.cases.actions import Action
from patrol.cases.case import (
    Assignment,
    Case,
    Placement,
    Rating,
    Request,
    Restated,
    Source,
    State,
    Tier,
    Wish,
)
from patrol.cases.details import decode_details, encode_details
from patrol.cases.events import Event
from patrol.categories.answers import Asked
from patrol.duty.ownership import OwnerReason

_NOT_OF_A_CASE = ("geom", "geom_3857", "open", "idempotency_key", "said_sha256")
CASE_COLUMNS = tuple(column for column in cases.c if column.name not in _NOT_OF_A_CASE)


_PLAIN = (
    *("cycle", "rework", "returns", "wrong_returns", "provisional", "forced", "extensions"),
    *("urged", "reports", "merged_into", "reported_at", "filed_at", "dispatched_at"),
    *("accepted_at", "due_at", "held_at", "hold_until", "supervised_at", "handled_at"),
    *("handled_by_account_id", "closed_at", "appealed", "exempt", "version"),
    *("external_number", "external_category", "external_due_at", "department"),
)
"""Fields that are columns as they are."""


def row_of_case(case: Case) -> dict[str, Any]:
    """The columns that the fold decides, without the position."""
    placement, assignment, request = case.placement, case.assignment, case.request
    return {
        "id": case.id,
        "number": case.number,
        "state": case.state,
        "source": case.source,
        "category": case.category,
        "description": case.description,
        "urgent": case.urgent,
        "reporter": case.reporter,
        "reported_by_account_id": case.reported_by_account_id,
        "edition_id": placement.edition_id,
        "grid_code": placement.grid_code,
        "on_boundary": placement.on_boundary,
        "snapped_m": placement.snapped_m,
        "owner_staff_id": None if assignment is None else assignment.staff_id,
        "owner_role": None if assignment is None else assignment.role,
        "owner_reason": None if assignment is None else assignment.reason,
        "tier": case.tier,
        "term": case.term,
        "wish": None if request is None else request.wish,
        "wish_account_id": None if request is None else request.account_id,
        "wish_at": None if request is None else request.at,
        "wish_until": None if request is None else request.until,
        **{name: getattr(case, name) for name in _PLAIN},
        "fields": dict(case.fields),
        "asked": msgspec.to_builtins(case.asked),
        "restated": msgspec.to_builtins(case.restated),
        "rating": case.rating,
    }


def case_of(row: RowMapping) -> Case:
    assignment = None
    if row["owner_reason"] is not None:
        assignment = Assignment(
            staff_id=row["owner_staff_id"],
            role=row["owner_role"],
            reason=OwnerReason(row["owner_reason"]),
        )
    request = None
    if row["wish"] is not None:
        request = Request(
            wish=Wish(row["wish"]),
            account_id=row["wish_account_id"],
            at=row["wish_at"],
            until=row["wish_until"],
        )
    return Case(
        id=row["id"],
        number=row["number"],
        state=State(row["state"]),
        source=Source(row["source"]),
        category=row["category"],
        description=row["description"],
        urgent=row["urgent"],
        reporter=row["reporter"],
        reported_by_account_id=row["reported_by_account_id"],
        lon=row["lon"],
        lat=row["lat"],
        placement=Placement(
            edition_id=row["edition_id"],
            grid_code=row["grid_code"],
            on_boundary=row["on_boundary"],
            snapped_m=row["snapped_m"],
        ),
        assignment=assignment,
        tier=None if row["tier"] is None else Tier(row["tier"]),
        term=row["term"],
        request=request,
        rating=None if row["rating"] is None else Rating(row["rating"]),
        **{name: row[name] for name in _PLAIN},
        fields=row["fields"],
        asked=msgspec.convert(row["asked"], tuple[Asked, ...]),
        restated=msgspec.convert(row["restated"], Restated | None),
    )


def row_of_event(event: Event) -> dict[str, Any]:
    return {
        "case_id": event.case_id,
        "seq": event.seq,
        "action": event.action,
        "from_state": event.from_state,
        "to_state": event.to_state,
        "at": event.at,
        "actor": event.actor,
        "actor_account_id": event.actor_account_id,
        "note": event.note,
        "details": encode_details(event.details),
    }


def event_of(row: RowMapping) -> Event:
    action = Action(row["action"])
    return Event(
        case_id=row["case_id"],
        seq=row["seq"],
        action=action,
        from_state=None if row["from_state"] is None else State(row["from_state"]),
        to_state=State(row["to_state"]),
        at=row["at"],
        actor=row["actor"],
        actor_account_id=row["actor_account_id"],
        note=row["note"],
        details=decode_details(action, row["details"]),
    )
