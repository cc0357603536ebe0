"""Cases: reporting, looking up, and acting on them."""

from dataclasses import replace
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, status
from pydantic import BaseModel, Field

from api.access import Caller, Permission, requires
from api.case_answers import (
    CaseAnswer,
    CaseEvent,
    CaseFileAnswer,
    CasePageAnswer,
    CategoryAnswer,
    CategoryList,
    DuplicateList,
)
from api.context import Services, ServicesDep
from api.coordinates import read_box, read_place, read_position
from api.cursors import read_cursor, read_due_cursor, write_cursor, write_due_cursor
from api.instants import Instant
from api.photo_answers import PhotoAnswer
from gis.crs import Crs
from gis.errors import InvalidInput
from patrol.cases.actions import Action
from patrol.cases.case import Rating, Source, State
from patrol.cases.filtering import CaseFilter
from patrol.cases.listing import Bookmark, CaseEntry, Sorting
from patrol.cases.order import Order
from patrol.cases.report import EXTERNAL_LIMIT, read_report
from patrol.categories.field import MOST_FIELDS
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
    fields: Annotated[
        dict[str, str | float],
        Field(max_length=MOST_FIELDS, description="Those of the category, by code."),
    ] = {}
    crs: Crs = Crs.WGS84
    source: Source | None = None
    reporter: Annotated[str | None, Field(description="Who called or came: a name.")] = None
    phone: Annotated[
        str | None,
        Field(
            max_length=40,
            description="Theirs: a mobile number or a landline with its area code. It is kept with the "
            "reporter, its middle masked in answers.",
            examples=["13812345678"],
        ),
    ] = None
    joins: Annotated[
        str | None,
        Field(
            max_length=40,
            description="The number of an open case that GET /cases/duplicates has shown: the report is "
            "another one of that.",
            examples=["AH20261122-0001"],
        ),
    ] = None
    external_number: Annotated[
        str | None,
        Field(
            description="Of the ticket in the system it comes from.", examples=["20261127-08123"]
        ),
    ] = None
    external_category: Annotated[
        str | None,
        Field(description="What it is called there; says its category where that is left out."),
    ] = None
    external_due_at: Annotated[
        Instant | None,
        Field(description="Its deadline there: that of the case instead of its category's term."),
    ] = None
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
    the case that it becomes a part of (`merge`); `category`, and `lon` with `lat` (in `crs`), are what
    is right (`correct`), or `as_told` what its ticket says now; `rating` is what the reporter said
    (`rate`, `close`).
    `version` is the one that was looked at; the action is refused when the case has changed since."""

    action: Action
    note: str | None = None
    staff: Annotated[int | None, Field(ge=1, le=2**63 - 1)] = None
    force: bool = False
    until: Instant | None = None
    into: Annotated[int | None, Field(ge=1, le=2**63 - 1)] = None
    category: str | None = None
    lon: float | None = None
    lat: float | None = None
    crs: Crs = Crs.WGS84
    as_told: bool = False
    rating: Rating | None = None
    photos: Annotated[list[UUID], Field(max_length=MOST_PHOTOS)] = []
    version: int | None = None


@router.get("/categories", summary="What a case can be about")
def list_case_categories(_caller: MayRead, services: ServicesDep) -> CategoryList:
    """By number, a main category before its subcategories; also those that only older cases have."""
    categories = services.case_reader.categories()
    return CategoryList(items=[CategoryAnswer.of(each, categories) for each in categories])


@router.post("", status_code=status.HTTP_201_CREATED, summary="Report a case")
def report_case(
    body: NewCase,
    caller: Annotated[Caller, requires(Permission.CREATE_CASES)],
    services: ServicesDep,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> CaseAnswer:
    """The case is filed and dispatched to its owner at once; a citizen's report waits to be looked at.

    The same report again under the same `Idempotency-Key` gives the case that it made before;
    with anything else in it, 422 `idempotency_key_reused`. The same ticket of a source
    (`external_number`) gives its case under any new key: another deadline is the case's, what else it
    says otherwise waits in `restated` of the case, and 409 `ticket_closed` when that is over, or
    `ticket_known` when it `joins` another. A ticket without a position is refused: find the
    place first. What `joins` a case is not filed but `merged_into` that one, whose `reports` count it;
    422 `no_duplicate` when that is not the same any more.
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
        phone=body.phone,
        joins=body.joins,
        external_number=body.external_number,
        external_category=body.external_category,
        external_due_at=body.external_due_at,
        handled=body.handled,
        photos=body.photos,
        photos_after=body.photos_after,
        fields=body.fields,
    )
    entry = services.cases.report(report, caller.actor, idempotency_key=idempotency_key)
    return _answer(entry, caller, services)


@router.get("", summary="Cases, the newest report or the nearest deadline first")
def list_cases(
    *,
    caller: MayRead,
    services: ServicesDep,
    state: Annotated[list[State] | None, Query(description="May be repeated.")] = None,
    category: Annotated[
        str | None, Query(description="A main category is all of its subcategories.")
    ] = None,
    grid: Annotated[str | None, Query(description="The grid and everything under it.")] = None,
    bbox: Annotated[str | None, Query(description="west,south,east,north")] = None,
    owner: Annotated[int | Literal["me"] | None, Query(description="A staff number.")] = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    external_number: Annotated[
        str | None, Query(description="Of the ticket in the system it came from.")
    ] = None,
    q: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=EXTERNAL_LIMIT,
            description="With a digit in it, the beginning of a case's number or of its ticket's in "
            "another system; without one, a part of a category's name.",
            examples=["AH20261122-0001"],
        ),
    ] = None,
    source: Source | None = None,
    since: Annotated[
        Instant | None, Query(alias="from", description="Reported then or later.")
    ] = None,
    until: Annotated[Instant | None, Query(alias="to", description="Reported before.")] = None,
    overdue: Annotated[
        bool | None,
        Query(description="Handled later than it was due, or not handled yet and late."),
    ] = None,
    urgent: bool | None = None,
    supervised: bool | None = None,
    department: Annotated[str | None, Query(description="Its code.")] = None,
    sort: Annotated[
        Sorting, Query(description="`due`: the nearest deadline first, what has none last.")
    ] = Sorting.NEWEST,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> CasePageAnswer:
    box = None if bbox is None else read_box(bbox)
    wanted = CaseFilter(
        states=None if state is None else frozenset(state),
        category=category,
        grid_code=grid,
        box=None if box is None else (box.west, box.south, box.east, box.north),
        owner_staff_id=_owner(owner, caller),
        is_open=is_open,
        external_number=external_number,
        text=None if q is None else q.strip(),
        source=source,
        since=since,
        until=until,
        is_overdue=overdue,
        is_urgent=urgent,
        is_supervised=supervised,
        department=department,
    )
    after = None if cursor is None else _bookmark(cursor, sort)
    page = services.case_reader.find(wanted, caller.actor, sorting=sort, after=after, count=limit)
    return CasePageAnswer(
        items=[_answer(entry, caller, services) for entry in page.entries],
        next=None if page.next is None else _cursor(page.next, sort),
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
    return DuplicateList(items=services.case_reader.same(lon, lat, category, caller.actor))


@router.get("/{id}", summary="A case with its events and the nearest units on duty")
def read_case(case_id: CaseId, caller: MayRead, services: ServicesDep) -> CaseFileAnswer:
    sees_positions = Permission.READ_POSITIONS in caller.permissions and not caller.viewer.only_self
    file = services.case_reader.read(
        case_id, caller.actor, positions_in=caller.scope if sees_positions else None
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
        place=read_place(body.lon, body.lat, body.crs),
        as_told=body.as_told,
        rating=body.rating,
        photos=tuple(body.photos),
        version=body.version,
    )
    return _answer(services.cases.act(case_id, order, caller.actor), caller, services)


def _answer(entry: CaseEntry, caller: Caller, services: Services) -> CaseAnswer:
    actions = services.case_reader.actions(entry.case, caller.actor)
    return CaseAnswer.of(entry, actions, caller.names)


def _bookmark(cursor: str, sorting: Sorting) -> Bookmark:
    at, case_id = read_due_cursor(cursor) if sorting is Sorting.DUE else read_cursor(cursor)
    return Bookmark(at=at, id=case_id)


def _cursor(mark: Bookmark, sorting: Sorting) -> str:
    if sorting is Sorting.DUE or mark.at is None:
        return write_due_cursor(mark.at, mark.id)
    return write_cursor(mark.at, mark.id)


def _owner(owner: int | Literal["me"] | None, caller: Caller) -> int | None:
    if owner != "me":
        return owner
    if caller.staff_id is None:
        raise InvalidInput("Your account belongs to nobody on the staff.", field="owner")
    return caller.staff_id
