"""Staff and the posts they hold. Telephone and identity numbers are masked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api import staffing
from api.access import Caller, Permission, requires
from api.changes import changes_in
from api.context import ServicesDep
from api.instants import Instant
from api.masking import mask_identity_number, mask_phone
from api.names import Names
from data.editions import active_grid_codes, grid_codes_at
from data.scope import Scope, Viewer
from patrol.duty.appointments import Appointment
from patrol.duty.staff import Person, StaffMember, find_staff, list_staff, lock_person
from patrol.duty.staff_roles import StaffRole

router = APIRouter(prefix="/staff", tags=["staff"])

MayRead = Annotated[Caller, requires(Permission.READ_STAFF)]
MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]
_Number = Annotated[int, Field(ge=1, lt=2**63)]
StaffNumber = Annotated[_Number, Path(alias="id")]
PostNumber = Annotated[_Number, Path(alias="post")]

_TEXT = Annotated[str, Field(max_length=200)]


class PostItem(BaseModel):
    """`grid` is null for the whole town, `to` until somebody ends it; `department` is a handler's."""

    id: int
    role: str
    grid: str | None
    is_deputy: bool
    department: str | None
    from_: Annotated[datetime, Field(alias="from")]
    to: datetime | None

    @classmethod
    def of(cls, post: Appointment) -> "PostItem":
        return cls.model_validate(
            {
                "id": post.id,
                "role": post.role,
                "grid": post.grid_code,
                "is_deputy": post.is_deputy,
                "department": post.department,
                "from": post.valid_from,
                "to": post.valid_to,
            }
        )


class StaffItem(BaseModel):
    """`phone` and `identity_number` are masked, for administrators too. `posts` are those that have not
    ended, `units` what they carry. Whoever may not read names is shown the number instead."""

    id: int
    name: str
    phone: Annotated[str | None, Field(examples=["138****1234"])]
    identity_number: Annotated[str | None, Field(examples=["3207************12"])]
    posts: list[PostItem]
    units: list[str]

    @classmethod
    def of(cls, member: StaffMember, names: Names) -> "StaffItem":
        person = member.person
        number = person.identity_number
        return cls(
            id=member.id,
            name=names.of_staff(person.name, member.id),
            phone=None if person.phone is None else mask_phone(person.phone),
            identity_number=None if number is None else mask_identity_number(number),
            posts=[PostItem.of(post) for post in member.posts],
            units=list(member.units),
        )


class StaffPage(BaseModel):
    """`next` is the cursor of the next page, null on the last."""

    items: list[StaffItem]
    next: str | None


class NewStaff(BaseModel):
    """`phone` is a mobile number of 11 digits or a landline with its area code; `identity_number` has 18
    characters, and its check character must fit."""

    model_config = ConfigDict(extra="forbid")

    name: _TEXT
    phone: _TEXT | None = None
    identity_number: _TEXT | None = None


class StaffChange(BaseModel):
    """What is left out stays as it is. null takes `phone` or `identity_number` away."""

    model_config = ConfigDict(extra="forbid")

    name: _TEXT | None = None
    phone: _TEXT | None = None
    identity_number: _TEXT | None = None


class NewPost(BaseModel):
    """Without `grid` it is for the whole town, as a dispatcher's. `from` is now unless given. A
    `department` is for a department handler."""

    model_config = ConfigDict(extra="forbid")

    role: StaffRole
    grid: str | None = None
    is_deputy: bool = False
    department: Annotated[str | None, Field(max_length=40)] = None
    from_: Annotated[Instant | None, Field(alias="from")] = None
    to: Instant | None = None


class PostEnd(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to: Instant


@router.get("", summary="Staff, by their number")
def list_all_staff(
    caller: MayRead,
    services: ServicesDep,
    cursor: Annotated[
        int | None, Query(ge=0, lt=2**63, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> StaffPage:
    """Those with a post in the grids of one's account. An administrator sees those without one too."""
    with services.database.begin() as conn:
        members = list_staff(
            conn,
            scope=caller.scope,
            everybody=Permission.ADMINISTER in caller.permissions,
            at=datetime.now(UTC),
            after=cursor,
            limit=limit + 1,
        )
    return StaffPage(
        items=_items(members[:limit], caller),
        next=str(members[limit - 1].id) if len(members) > limit else None,
    )


@router.post("", status_code=status.HTTP_201_CREATED, summary="Write somebody down")
def create_staff(body: NewStaff, caller: MayAdminister, services: ServicesDep) -> StaffItem:
    with services.database.begin() as conn:
        staff_id = staffing.create_staff(conn, caller.who, Person(**body.model_dump()))
    return _item(staff_id, caller, services)


@router.patch("/{id}", summary="Change what is written down about somebody")
def change_staff(
    staff_id: StaffNumber, body: StaffChange, caller: MayAdminister, services: ServicesDep
) -> StaffItem:
    changes = changes_in(body, clearable={"phone", "identity_number"})
    with services.database.begin(Viewer.everything()) as conn:
        before = lock_person(conn, staff_id)
        staffing.change_staff(conn, caller.who, staff_id, before, replace(before, **changes))
    return _item(staff_id, caller, services)


@router.post(
    "/{id}/posts", status_code=status.HTTP_201_CREATED, summary="Appoint somebody to a post"
)
def begin_post(
    staff_id: StaffNumber, body: NewPost, caller: MayAdminister, services: ServicesDep
) -> PostItem:
    """Also one to come, in a grid that there will be by then. 409 `post_overlaps` for a post that they
    hold already, be it as the deputy."""
    now = datetime.now(UTC)
    begins = body.from_ or now
    with services.database.begin() as conn:
        post = staffing.appoint(
            conn,
            caller.who,
            staff_id,
            role=body.role,
            grid_code=body.grid,
            is_deputy=body.is_deputy,
            department=body.department,
            valid_from=begins,
            valid_to=body.to,
            grids=active_grid_codes(conn) if begins <= now else grid_codes_at(conn, begins),
        )
    return PostItem.of(post)


@router.patch("/{id}/posts/{post}", summary="End a post")
def end_post(
    staff_id: StaffNumber,
    post_id: PostNumber,
    body: PostEnd,
    caller: MayAdminister,
    services: ServicesDep,
) -> PostItem:
    with services.database.begin() as conn:
        post = staffing.end_appointment(
            conn, caller.who, staff_id, post_id, at=body.to, now=datetime.now(UTC)
        )
    return PostItem.of(post)


def _items(members: Sequence[StaffMember], caller: Caller) -> list[StaffItem]:
    return [StaffItem.of(member, caller.names) for member in members]


def _item(staff_id: int, caller: Caller, services: ServicesDep) -> StaffItem:
    with services.database.begin() as conn:
        member = find_staff(
            conn, staff_id, scope=Scope.everything(), everybody=True, at=datetime.now(UTC)
        )
    return StaffItem.of(member, caller.names)
