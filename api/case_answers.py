"""What is answered about cases, with names as the caller may see them."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from api.names import Names
from api.photo_answers import PhotoAnswer
from patrol.cases.actions import Action
from patrol.cases.case import Rating, Request, Source, State, Tier, Wish
from patrol.cases.categories import Category
from patrol.cases.details import Details, Reported, encode_details
from patrol.cases.duplicates import Duplicate
from patrol.cases.events import Event
from patrol.cases.listing import CaseEntry, NamedGrid
from patrol.cases.nearest import NearUnit
from patrol.clocks.rule import read_rule
from patrol.duty.ownership import OwnerReason


class CaseOwner(BaseModel):
    staff: int
    name: str
    role: str

    @classmethod
    def of(cls, entry: CaseEntry, names: Names) -> "CaseOwner | None":
        assignment, name = entry.case.assignment, entry.owner_name
        if assignment is None or assignment.staff_id is None or assignment.role is None or not name:
            return None
        shown = names.of_post(name, assignment.role)
        return cls(staff=assignment.staff_id, name=shown, role=assignment.role)


class CaseRequest(BaseModel):
    """What is asked for and not decided yet; `until` is that of a hold."""

    wish: Wish
    at: datetime
    until: datetime | None

    @classmethod
    def of(cls, request: Request | None) -> "CaseRequest | None":
        if request is None:
            return None
        return cls(wish=request.wish, at=request.at, until=request.until)


class CaseAnswer(BaseModel):
    """`actions` is what the caller may do to the case now. `owner_reason` is null until it is filed.
    `tier` is how high up it is dealt with; `cycle` rises when it is reopened; `reports` is how many said
    the same, this one among them. `exempt`: overdue, and excused by an appeal.
    `provisional`: `due_at` may move once the legal calendar of that year is announced."""

    id: int
    number: str
    state: State
    source: Source
    category: str
    description: str
    urgent: bool
    lon: float
    lat: float
    reported_at: datetime
    dispatched_at: datetime | None
    due_at: datetime | None
    provisional: bool
    closed_at: datetime | None
    grid: NamedGrid | None
    parent: NamedGrid | None
    on_boundary: bool
    snapped: bool
    owner: CaseOwner | None
    owner_reason: OwnerReason | None
    tier: Tier | None
    cycle: int
    rework: int
    returns: int
    extensions: int
    urged: int
    reports: int
    merged_into: int | None
    request: CaseRequest | None
    hold_until: datetime | None
    supervised_at: datetime | None
    rating: Rating | None
    exempt: bool
    version: int
    actions: list[Action]

    @classmethod
    def of(cls, entry: CaseEntry, actions: tuple[Action, ...], names: Names) -> "CaseAnswer":
        case = entry.case
        return cls(
            id=case.id,
            number=case.number,
            state=case.state,
            source=case.source,
            category=case.category,
            description=names.in_text(case.description),
            urgent=case.urgent,
            lon=case.lon,
            lat=case.lat,
            reported_at=case.reported_at,
            dispatched_at=case.dispatched_at,
            due_at=case.due_at,
            provisional=case.provisional,
            closed_at=case.closed_at,
            grid=entry.grid,
            parent=entry.parent,
            on_boundary=case.placement.on_boundary,
            snapped=case.placement.snapped_m is not None,
            owner=CaseOwner.of(entry, names),
            owner_reason=None if case.assignment is None else case.assignment.reason,
            tier=case.tier,
            cycle=case.cycle,
            rework=case.rework,
            returns=case.returns,
            extensions=case.extensions,
            urged=case.urged,
            reports=case.reports,
            merged_into=case.merged_into,
            request=CaseRequest.of(case.request),
            hold_until=case.hold_until,
            supervised_at=case.supervised_at,
            rating=case.rating,
            exempt=case.exempt,
            version=case.version,
            actions=list(actions),
        )


class CasePageAnswer(BaseModel):
    """`next` is the cursor of the next page, null on the last."""

    items: list[CaseAnswer]
    next: str | None


class CaseEvent(BaseModel):
    """`details` is what the action fixed: the report, the owner, the time it is due."""

    seq: int
    action: Action
    at: datetime
    actor: str
    from_state: State | None
    to_state: State
    note: str | None
    details: dict[str, object]

    @classmethod
    def of(cls, event: Event, names: Names) -> "CaseEvent":
        return cls(
            seq=event.seq,
            action=event.action,
            at=event.at,
            actor=names.of_actor(event.actor, event.actor_account_id),
            from_state=event.from_state,
            to_state=event.to_state,
            note=None if event.note is None else names.in_text(event.note),
            details=encode_details(_details(event, names)),
        )


class CaseFileAnswer(CaseAnswer):
    """`nearest` is empty when the case is not open, or the caller may not see others' positions.
    `duplicates` are open cases of the same category within 50 m and 24 hours, before it is filed."""

    reporter: str | None
    events: list[CaseEvent]
    nearest: list[NearUnit]
    duplicates: list[Duplicate]
    photos: list[PhotoAnswer]


class DuplicateList(BaseModel):
    items: list[Duplicate]


class CategoryTitle(BaseModel):
    zh: str
    en: str


class CategoryTerm(BaseModel):
    """How long the handling may take from the dispatch: `rule` in its short form, and in words."""

    rule: Annotated[str, Field(examples=["5wd"])]
    zh: str
    en: str

    @classmethod
    def of(cls, term: str) -> "CategoryTerm":
        rule = read_rule(term)
        return cls(rule=term, zh=rule.to_words("zh"), en=rule.to_words("en"))


class CategoryAnswer(BaseModel):
    code: str
    title: CategoryTitle
    term: CategoryTerm
    urgent: bool

    @classmethod
    def of(cls, category: Category) -> "CategoryAnswer":
        return cls(
            code=category.code,
            title=CategoryTitle(zh=category.title_zh, en=category.title_en),
            term=CategoryTerm.of(category.term),
            urgent=category.urgent,
        )


class CategoryList(BaseModel):
    items: list[CategoryAnswer]


def _details(event: Event, names: Names) -> Details | None:
    details = event.details
    if not isinstance(details, Reported):
        return details
    return replace(
        details,
        description=names.in_text(details.description),
        reporter=names.of_reporter(details.reporter),
    )
