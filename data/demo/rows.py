"""The demo's values as rows: cases and events in the form that `patrol.cases` reads back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from data.demo.cases.casework import CaseStep
from data.demo.cases.duty import Ownership
from data.demo.cases.incidents import CaseRecord
from data.demo.departments import SENT, DemoCategory

Row = dict[str, Any]


_INSTANTS = ("filed_at", "dispatched_at", "accepted_at", "due_at", "handled_at", "closed_at")


def case_row(case: CaseRecord, edition_id: int, staff_ids: Sequence[int]) -> Row:
    """A row of `cases`, but for its id and geometry: what the case's steps add up to."""
    owner: Ownership | None = None
    facts: Row = dict.fromkeys((*_INSTANTS, "rating"))
    rework = returns = 0
    for step in case.steps:
        owner = step.owner or owner
        if step.action == "file":
            facts["filed_at"] = step.at
        elif step.action == "dispatch":
            facts |= {"dispatched_at": step.at, "due_at": step.due_at}
        elif step.action == "accept":
            facts["accepted_at"] = step.at
        elif step.action == "return":
            returns += 1
        elif step.action == "handle":
            facts["handled_at"] = step.at
        elif step.action == "rework":
            facts["handled_at"] = None
            rework += 1
        elif step.action == "close":
            facts |= {"closed_at": step.at, "rating": step.rating}
    filed = any(step.action == "file" for step in case.steps)
    assignment = None if owner is None else _assignment(owner, staff_ids)
    return {
        **_report(case),
        **_placement(case, edition_id),
        **facts,
        "state": case.state,
        "owner_staff_id": None if assignment is None else assignment["staff_id"],
        "owner_role": None if assignment is None else assignment["role"],
        "owner_reason": None if assignment is None else assignment["reason"],
        "term": f"{case.topic.deadline_h}h" if filed else None,
        "department": _department(case) if filed else None,
        "tier": None if assignment is None else _tier(assignment),
        "rework": rework,
        "returns": returns,
        "reported_at": case.reported_at,
        "version": len(case.steps),
    }


def category_row(category: DemoCategory) -> Row:
    """A row of `case_categories`: photos of what was done, nothing more."""
    return {
        "code": category.code,
        "number": category.number,
        "kind": category.kind,
        "title_zh": category.title_zh,
        "title_en": category.title_en,
        "parent": category.parent,
        "term": category.term,
        "urgent": category.urgent,
        "department": category.department,
        "photos": ["after", "before", "handling"],
        "dispatch": category.dispatch,
        "active": True,
        "fields": [],
        "aliases": [*category.aliases],
    }


def event_rows(
    case: CaseRecord, case_id: int, edition_id: int, staff_ids: Sequence[int]
) -> Iterator[Row]:
    """The rows of `case_events` of a case."""
    for seq, step in enumerate(case.steps, start=1):
        yield {
            "case_id": case_id,
            "seq": seq,
            "action": step.action,
            "from_state": step.from_state,
            "to_state": step.to_state,
            "actor": step.actor,
            "note": step.note,
            "details": _details(case, step, edition_id, staff_ids),
            "at": step.at,
        }


def last_numbers(cases: Iterable[CaseRecord]) -> Mapping[date, int]:
    """The last case number given out on each of the town's days."""
    last: dict[date, int] = {}
    for case in cases:
        last[case.day] = max(last.get(case.day, 0), int(case.number.rpartition("-")[2]))
    return last


def _details(
    case: CaseRecord, step: CaseStep, edition_id: int, staff_ids: Sequence[int]
) -> Mapping[str, Any]:
    if step.action == "report":
        return {
            **_report(case),
            "lon": case.lon,
            "lat": case.lat,
            "placement": _placement(case, edition_id),
        }
    if step.rating is not None:
        return {"rating": step.rating}
    if step.owner is None:
        return {}
    assignment = _assignment(step.owner, staff_ids)
    if step.action == "file":
        return {
            "placement": _placement(case, edition_id),
            "assignment": assignment,
            "term": f"{case.topic.deadline_h}h",
            "department": _department(case),
        }
    if step.due_at is not None:
        return {"assignment": assignment, "due_at": step.due_at.isoformat()}
    return {"assignment": assignment}


def _report(case: CaseRecord) -> Row:
    return {
        "number": case.number,
        "source": case.source,
        "category": case.topic.category,
        "description": case.description,
        "urgent": case.topic.urgent,
        "reporter": case.reporter,
    }


def _department(case: CaseRecord) -> str | None:
    sent = SENT.get(case.topic.category)
    return None if sent is None else sent.department


def _placement(case: CaseRecord, edition_id: int) -> Row:
    place = case.place
    return {
        "edition_id": edition_id,
        "grid_code": place.grid.code,
        "on_boundary": place.on_boundary,
        "snapped_m": place.distance_m if place.snapped else None,
    }


def _assignment(owner: Ownership, staff_ids: Sequence[int]) -> Row:
    """Nobody has a case that is in the dispatch queue yet, so it has no role either."""
    return {
        "staff_id": None if owner.staff is None else staff_ids[owner.staff],
        "role": None if owner.staff is None else owner.role,
        "reason": owner.reason,
    }


def _tier(assignment: Row) -> str:
    """As `patrol.cases.case.Assignment.tier` has it."""
    return {"grid_chief": "chief", "grid_worker": "grid"}.get(assignment["role"], "town")
