"""Cases: reporting, looking up, and acting on them."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, status
from pydantic import BaseModel, Field

from api.access import Caller, Permission, requires
from api.context import Services, ServicesDep
from api.coordinates import read_box, read_position
from api.cursors import read_cursor, write_cursor
from api.instants import Instant
from api.names import Names
from api.photo_answers import PhotoAnswer
from gis.crs import Crs
from gis.errors import InvalidInput
from patrol.cases.actions import Action
from patrol.cases.case import Actor, Rating, Request, Source, State, Tier, Wish
from patrol.cases.categories import CATEGORIES, Category, category_of
from patrol.cases.details import Details, Reported, encode_details
from patrol.cases.duplicates import Duplicate
from patrol.cases.events import Event
from patrol.cases.listing import Bookmark, CaseEntry, CaseFilter, NamedGrid
from patrol.cases.nearest import NearUnit
from patrol.cases.order import Order
from patrol.cases.report import read_report
from patrol.clocks.rule import read_rule
from patrol.duty.ownership import OwnerReason
from patrol.photos.service import MOST_PHOTOS

router = APIRouter(prefix="/cases", tags=["cases"])

MayRead = Annotated[Caller, requires(Permission.READ_CASES)]
CaseId = Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)]


class NewCase(BaseModel):
    """Only the position and the description are required. `crs` says what lon and lat are in."""

    lon: Annotated[float, Field(examples=[118.6721])]
    lat: Annotated[float, Field(examples=[34.5302])]
    description: Annotated[str, Field(examples=["路口堆放建筑垃圾"])]
    category: Annotated[str | None, Field(examples=["environment.garbage"])] = None
    urgent: bool | None = None
    crs: Crs = Crs.WGS84
    source: Source | None = None
    reporter: str | None = None
    handled: Annotated[
        str | None, Field(description="What was done about it at once: nobody else is needed.")
    ] = None
    photos: Annotated[
        list[UUID], Field(max_length=MOST_PHOTOS, description="Of what is wrong; see POST /photos.")
    ] = []
    photos_after: Annotated[
        list[UUID], Field(max_length=MOST_PHOTOS, description="Of what was handled at once.")
    ] = []


class NewAction(BaseModel):
    """`staff` is to whom (`dispatch`, `pre_check`, `deescalate`), instead of by the rule; `force` sends
    a case back to whoever returned it (`dispatch`); `until` is to when a hold is asked for; `into` is
    the case that it becomes a part of (`merge`); `rating` what the reporter said (`rate`, `close`).
    `version` is the one that was looked at; the action is refused when the case has changed since."""

    action: Action
    note: str | None = None
    staff: Annotated[int | None, Field(ge=1, le=2**63 - 1)] = None
    force: bool = False
    until: Instant | None = None
    into: Annotated[int | None, Field(ge=1, le=2**63 - 1)] = None
    category: str | None = None
    rating: Rating | None = None
    photos: Annotated[list[UUID], Field(max_length=MOST_PHOTOS)] = []
    version: int | None = None


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


@router.get("/categories", summary="What a case can be about")
def list_case_categories(_caller: MayRead) -> CategoryList:
    return CategoryList(items=[CategoryAnswer.of(category) for category in CATEGORIES.values()])


@router.post("", status_code=status.HTTP_201_CREATED, summary="Report a case")
def report_case(
    body: NewCase,
    caller: Annotated[Caller, requires(Permission.CREATE_CASES)],
    services: ServicesDep,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> CaseAnswer:
    """The case is filed and dispatched to its owner at once; a citizen's report waits to be looked at.

    The same report again under the same `Idempotency-Key` gives the case that it made before.
    """
    lon, lat = read_position(body.lon, body.lat, body.crs)
    report = read_report(
        lon=lon,
        lat=lat,
        description=body.description,
        role=caller.role,
        category=body.category,
        urgent=body.urgent,
        source=body.source,
        reporter=body.reporter,
        handled=body.handled,
        photos=body.photos,
        photos_after=body.photos_after,
    )
    entry = services.cases.report(report, actor_of(caller), idempotency_key=idempotency_key)
    return _answer(entry, caller, services)


@router.get("", summary="Cases, the newest report first")
def list_cases(
    *,
    caller: MayRead,
    services: ServicesDep,
    state: Annotated[list[State] | None, Query(description="May be repeated.")] = None,
    category: str | None = None,
    grid: Annotated[str | None, Query(description="The grid and everything under it.")] = None,
    bbox: Annotated[str | None, Query(description="west,south,east,north")] = None,
    owner: Annotated[int | Literal["me"] | None, Query(description="A staff number.")] = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> CasePageAnswer:
    box = None if bbox is None else read_box(bbox)
    wanted = CaseFilter(
        states=None if state is None else frozenset(state),
        category=None if category is None else category_of(category).code,
        grid_code=grid,
        box=None if box is None else (box.west, box.south, box.east, box.north),
        owner_staff_id=_owner(owner, caller),
        is_open=is_open,
    )
    after = None
    if cursor is not None:
        reported_at, case_id = read_cursor(cursor)
        after = Bookmark(reported_at=reported_at, id=case_id)
    page = services.cases.find(wanted, actor_of(caller), after=after, count=limit)
    return CasePageAnswer(
        items=[_answer(entry, caller, services) for entry in page.entries],
        next=None if page.next is None else write_cursor(page.next.reported_at, page.next.id),
    )


@router.get("/duplicates", summary="Open cases that a report may be about too")
def find_duplicates(
    *,
    caller: MayRead,
    services: ServicesDep,
    lon: float,
    lat: float,
    category: str,
    crs: Crs = Crs.WGS84,
) -> DuplicateList:
    """Of the same category, within 50 m and 24 hours, the nearest first."""
    lon, lat = read_position(lon, lat, crs)
    return DuplicateList(items=services.cases.same(lon, lat, category, actor_of(caller)))


@router.get("/{id}", summary="A case with its events and the nearest units on duty")
def read_case(case_id: CaseId, caller: MayRead, services: ServicesDep) -> CaseFileAnswer:
    sees_positions = Permission.READ_POSITIONS in caller.permissions and not caller.viewer.only_self
    file = services.cases.read(
        case_id, actor_of(caller), positions_in=caller.scope if sees_positions else None
    )
    return CaseFileAnswer(
        **dict(_answer(file.entry, caller, services)),
        reporter=caller.names.of_reporter(file.entry.case.reporter),
        events=[CaseEvent.of(event, caller.names) for event in file.events],
        nearest=[
            replace(near, name=caller.names.of_unit(near.name, near.unit)) for near in file.nearest
        ],
        duplicates=file.duplicates,
        photos=[PhotoAnswer.of(photo) for photo in file.photos],
    )


@router.post("/{id}/actions", summary="Act on a case")
def act_on_case(
    case_id: CaseId,
    body: NewAction,
    caller: Annotated[Caller, requires(Permission.ACT_ON_CASES)],
    services: ServicesDep,
) -> CaseAnswer:
    """What the state does not allow is refused with status 409 and the `state` the case is in."""
    order = Order(
        action=body.action,
        note=body.note,
        staff_id=body.staff,
        force=body.force,
        until=body.until,
        into=body.into,
        category=body.category,
        rating=body.rating,
        photos=tuple(body.photos),
        version=body.version,
    )
    return _answer(services.cases.act(case_id, order, actor_of(caller)), caller, services)


def actor_of(caller: Caller) -> Actor:
    """The caller, to whoever works on cases."""
    return Actor(
        account_id=caller.account_id,
        staff_id=caller.staff_id,
        name=caller.name,
        role=caller.role,
        scope=caller.scope,
    )


def _answer(entry: CaseEntry, caller: Caller, services: Services) -> CaseAnswer:
    actions = services.cases.actions(entry.case, actor_of(caller))
    return CaseAnswer.of(entry, actions, caller.names)


def _details(event: Event, names: Names) -> Details | None:
    details = event.details
    if not isinstance(details, Reported):
        return details
    return replace(
        details,
        description=names.in_text(details.description),
        reporter=names.of_reporter(details.reporter),
    )


def _owner(owner: int | Literal["me"] | None, caller: Caller) -> int | None:
    if owner != "me":
        return owner
    if caller.staff_id is None:
        raise InvalidInput("Your account belongs to nobody on the staff.", field="owner")
    return caller.staff_id
