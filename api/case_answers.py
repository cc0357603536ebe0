"""What is answered about cases, with names as the caller may see them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from api.names import Names
from api.photo_answers import PhotoAnswer
from patrol.cases.actions import Action
from patrol.cases.case import Rating, Request, Restated, Source, State, Tier, Wish
from patrol.cases.details import Corrected, Details, Reported, encode_details
from patrol.cases.duplicates import Duplicate
from patrol.cases.events import Event
from patrol.cases.listing import CaseEntry, NamedGrid
from patrol.cases.nearest import NearUnit
from patrol.categories.answers import FieldAnswer, answers
from patrol.categories.built_in import origin_of
from patrol.categories.category import (
    Category,
    CategoryKind,
    CategoryOrigin,
    DispatchRule,
    PhotoNeed,
)
from patrol.categories.field import CategoryField, FieldKind, FieldValue
from patrol.categories.store import version_of
from patrol.categories.tree import Categories
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


class CategoryTitle(BaseModel):
    zh: str
    en: str


class CaseFieldAnswer(BaseModel):
    """What was said in a field. `title` is what it was called when that was asked, whatever its category
    asks today."""

    code: str
    title: CategoryTitle
    value: str | float

    @classmethod
    def of(cls, answer: FieldAnswer, names: Names) -> "CaseFieldAnswer":
        asked, value = answer.asked, answer.value
        return cls(
            code=asked.code,
            title=CategoryTitle(zh=asked.title_zh, en=asked.title_en),
            value=names.in_text(value) if isinstance(value, str) else value,
        )


class CaseRestated(BaseModel):
    """What its ticket says otherwise, until somebody takes it over (`correct`, `as_told`) or leaves the
    case as it is (`keep`); null is nothing of that. `called` is the word there, `category` what that is
    here, null where it is nothing."""

    category: str | None
    called: str | None
    lon: float | None
    lat: float | None
    description: str | None

    @classmethod
    def of(cls, said: Restated | None, names: Names) -> "CaseRestated | None":
        if said is None:
            return None
        lon, lat = said.place or (None, None)
        text = said.description
        return cls(
            category=said.category,
            called=said.called,
            lon=lon,
            lat=lat,
            description=None if text is None else names.in_text(text),
        )


class CaseAnswer(BaseModel):
    """`actions` is what the caller may do to the case now. `owner_reason` is null until it is filed.
    `tier` is how high up it is dealt with; `cycle` rises when it is reopened; `reports` is how many said
    the same, this one among them. `exempt`: overdue, and excused by an appeal. `external_number` is
    that of its ticket in the system it came from, `external_category` what it is called there, and
    `external_due_at` its deadline there, which is that of the case until it is reopened.
    `fields` are what was said in those of its category, `answers` the same with their titles.
    `provisional`: `due_at` may move once the legal calendar of that year is announced."""

    id: int
    number: str
    state: State
    source: Source
    external_number: str | None
    external_category: str | None
    external_due_at: datetime | None
    category: str
    description: str
    fields: dict[str, str | float]
    answers: list[CaseFieldAnswer]
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
    department: str | None
    tier: Tier | None
    cycle: int
    rework: int
    returns: int
    extensions: int
    urged: int
    reports: int
    merged_into: int | None
    request: CaseRequest | None
    restated: CaseRestated | None
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
            external_number=case.external_number,
            external_category=case.external_category,
            external_due_at=case.external_due_at,
            category=case.category,
            description=names.in_text(case.description),
            fields=_shown(case.fields, names),
            answers=[CaseFieldAnswer.of(each, names) for each in answers(case.asked, case.fields)],
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
            department=case.department,
            tier=case.tier,
            cycle=case.cycle,
            rework=case.rework,
            returns=case.returns,
            extensions=case.extensions,
            urged=case.urged,
            reports=case.reports,
            merged_into=case.merged_into,
            request=CaseRequest.of(case.request),
            restated=CaseRestated.of(case.restated, names),
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
    `duplicates` are open cases of the same category within 50 m and 24 hours, while it may be merged
    into one of them."""

    reporter: str | None
    events: list[CaseEvent]
    nearest: list[NearUnit]
    duplicates: list[Duplicate]
    photos: list[PhotoAnswer]


class DuplicateList(BaseModel):
    items: list[Duplicate]


class CategoryTerm(BaseModel):
    """How long the handling may take from the dispatch: `rule` in its short form, and in words."""

    rule: Annotated[str, Field(examples=["5wd"])]
    zh: str
    en: str

    @classmethod
    def of(cls, term: str) -> "CategoryTerm":
        rule = read_rule(term)
        return cls(rule=term, zh=rule.to_words("zh"), en=rule.to_words("en"))


class CategoryFieldAnswer(BaseModel):
    code: str
    title: CategoryTitle
    kind: FieldKind
    required: bool
    choices: list[str]

    @classmethod
    def of(cls, field: CategoryField) -> "CategoryFieldAnswer":
        return cls(
            code=field.code,
            title=CategoryTitle(zh=field.title_zh, en=field.title_en),
            kind=field.kind,
            required=field.required,
            choices=list(field.choices),
        )


class CategoryAnswer(BaseModel):
    """`parent` is null for a main category. `selectable`: a case may be given it now; a main category
    with subcategories is not, nor what is retired (`active` false). `photos` are those without which a
    report (`report`), what is dealt with on the spot (`before`, `after`) or a handling (`handling`) is
    refused. `fields` are what is asked about a case beside its description, `aliases` what other systems
    call it. `origin` says whether it is as every installation begins with it; `version` is another one
    after each change."""

    code: str
    parent: str | None
    number: str
    kind: CategoryKind
    title: CategoryTitle
    term: CategoryTerm
    urgent: bool
    department: str | None
    photos: list[PhotoNeed]
    dispatch: DispatchRule
    active: bool
    selectable: bool
    fields: list[CategoryFieldAnswer]
    aliases: list[str]
    origin: CategoryOrigin
    version: str

    @classmethod
    def of(cls, category: Category, among: Categories) -> "CategoryAnswer":
        return cls(
            code=category.code,
            parent=category.parent,
            number=category.number,
            kind=category.kind,
            title=CategoryTitle(zh=category.title_zh, en=category.title_en),
            term=CategoryTerm.of(category.term),
            urgent=category.urgent,
            department=category.department,
            photos=[need for need in PhotoNeed if need in category.photos],
            dispatch=category.dispatch,
            active=category.active,
            selectable=among.is_selectable(category),
            fields=[CategoryFieldAnswer.of(each) for each in category.fields],
            aliases=[*category.aliases],
            origin=origin_of(category),
            version=version_of(category),
        )


class CategoryList(BaseModel):
    items: list[CategoryAnswer]


def _details(event: Event, names: Names) -> Details | None:
    details = event.details
    if isinstance(details, Corrected | Restated) and details.description is not None:
        return replace(details, description=names.in_text(details.description))
    if not isinstance(details, Reported):
        return details
    return replace(
        details,
        description=names.in_text(details.description),
        fields=_shown(details.fields, names),
        reporter=names.of_reporter(details.reporter),
    )


def _shown(fields: Mapping[str, FieldValue], names: Names) -> dict[str, FieldValue]:
    return {
        code: names.in_text(value) if isinstance(value, str) else value
        for code, value in fields.items()
    }
