"""Reporting without an account, and following a report by its code. No cookie, no token counts here."""

from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, Header, Path, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field

from api.access import address_of
from api.citizen_answers import (
    PublicCategory,
    PublicCategoryList,
    PublicDuplicate,
    PublicDuplicateList,
    PublicPhoto,
    PublicReceipt,
    PublicReport,
)
from api.context import Services, ServicesDep
from api.coordinates import read_position
from api.limits import most_body_bytes
from api.photo_places import require_place
from api.uploads import form_body, received_files
from data.scope import Viewer
from gis.crs import Crs
from gis.errors import NotFound, NotPermitted
from patrol.cases.actions import Action
from patrol.cases.case import CITIZEN, Rating, Source
from patrol.cases.order import Order
from patrol.cases.report import read_report
from patrol.categories.field import MOST_FIELDS
from patrol.photos.service import MOST_PHOTOS

_JPEG = "image/jpeg"
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {_JPEG: {}}, "description": "The picture"}
}
_BODY = form_body(
    {
        "files": {
            "type": "string",
            "format": "binary",
            "description": "One JPEG, PNG, WebP or HEIC of at most 20 MB.",
        }
    }
)


def require_citizens(services: Services) -> None:
    """Raises NotPermitted where citizens may not report."""
    if not services.settings.citizens.reports:
        raise NotPermitted(
            "Reports by citizens are not taken here; please call the town's hotline.",
            code="citizens_off",
        )


async def open_to_citizens(request: Request, services: ServicesDep) -> None:
    """Raises NotPermitted where citizens may not report, and Overloaded."""
    require_citizens(services)
    services.citizen_rates.check_request(address_of(request))


router = APIRouter(prefix="/public", tags=["citizens"], dependencies=[Depends(open_to_citizens)])

Number = Annotated[str, Path(max_length=40, examples=["AH20261127-0001"])]


def followed(
    number: Number,
    request: Request,
    services: ServicesDep,
    follow_code: Annotated[
        str,
        Header(alias="X-Follow-Code", max_length=100, description="As the report was answered."),
    ] = "",
) -> int:
    """The id of the case whose code was sent. Raises NotFound, in the same words whether the number or
    the code is wrong, and Overloaded for an address that was wrong too often."""
    address = address_of(request)
    services.guesses.check(address)
    case_id = services.citizens.follow(number, follow_code)
    if case_id is None:
        services.guesses.failed(address)
        raise NotFound(
            "There is no report with this number and code; look at both again.",
            field="number",
            code="no_such_report",
        )
    return case_id


Followed = Annotated[int, Depends(followed)]


class CitizenReport(BaseModel):
    """The position and the description are required. `crs` says what lon and lat are in: phones in China
    often give `gcj02`. `fields` are those of the category, as GET /public/categories names them. `joins`
    is the number of a case that GET /public/duplicates has shown."""

    model_config = ConfigDict(extra="forbid")

    lon: Annotated[float, Field(examples=[118.6721])]
    lat: Annotated[float, Field(examples=[34.5302])]
    description: Annotated[str, Field(examples=["路口堆放建筑垃圾"])]
    crs: Crs = Crs.WGS84
    category: Annotated[str | None, Field(examples=["environment.garbage"])] = None
    fields: Annotated[dict[str, str | float], Field(max_length=MOST_FIELDS)] = {}
    phone: Annotated[
        str | None,
        Field(
            max_length=40,
            description="For questions: a mobile number or a landline with its area code. Shown to the "
            "desk alone, its middle masked.",
        ),
    ] = None
    photos: Annotated[list[UUID], Field(max_length=MOST_PHOTOS)] = []
    joins: Annotated[str | None, Field(max_length=40)] = None


class CitizenAction(BaseModel):
    """`rating` goes with `rate`, and `note` with `comment`; `note` and `photos` may go with each."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["urge", "comment", "rate"]
    note: str | None = None
    rating: Rating | None = None
    photos: Annotated[list[UUID], Field(max_length=MOST_PHOTOS)] = []


@router.get("/categories", summary="What citizens can report")
def list_public_categories(services: ServicesDep) -> PublicCategoryList:
    """With what a report of each is asked: a `required` field or a photo that is missing is refused."""
    categories = services.case_reader.categories().choice()
    return PublicCategoryList(items=[PublicCategory.of(each) for each in categories])


@router.post(
    "/photos",
    status_code=status.HTTP_201_CREATED,
    summary="Send a photo without an account",
    openapi_extra=_BODY,
)
async def send_public_photo(request: Request, services: ServicesDep) -> PublicPhoto:
    """As POST /photos. Whoever knows its `id` may name it in one report or action within 24 hours, or it
    is gone. Where and when it was taken is answered here and to no other citizen."""
    require_place(services)
    most = most_body_bytes("POST", request.url.path)
    length = request.headers.get("content-length", "")
    size = int(length) if length.isdecimal() else most
    services.citizen_rates.check_photo(address_of(request), size)
    async with received_files(request, suffixes=None, most_files=1) as received:
        require_place(services)
        add = partial(services.photos.add, received.files[0].path, Viewer.everything())
        return PublicPhoto.of(await to_thread.run_sync(add, limiter=services.decoding))


@router.get("/duplicates", summary="Open cases that a citizen's report may be about too")
def find_public_duplicates(
    services: ServicesDep, lon: float, lat: float, category: str, crs: Crs = Crs.WGS84
) -> PublicDuplicateList:
    """Of the same category, within 50 m and 24 hours, the nearest first; matters between people are left
    out. A report may join one: then it is dealt with in that case."""
    lon, lat = read_position(lon, lat, crs)
    near = services.citizens.near(lon, lat, category)
    return PublicDuplicateList(items=[PublicDuplicate.of(each, category) for each in near])


@router.post("/reports", status_code=status.HTTP_201_CREATED, summary="Report without an account")
def report_as_citizen(
    body: CitizenReport,
    request: Request,
    services: ServicesDep,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> PublicReceipt:
    """It waits until somebody has looked. `follow_code` follows it; it is shown here and never again.

    The same report again under the same `Idempotency-Key`, which must be random and of 16 characters at
    least, gives the same number and code. 422 `too_far_away` for a place that is not ours,
    `fields_missing` and `photos_missing` for what the category needs.
    """
    services.citizen_rates.check_report(address_of(request))
    lon, lat = read_position(body.lon, body.lat, body.crs)
    report = read_report(
        lon=lon,
        lat=lat,
        description=body.description,
        role=CITIZEN.role,
        category=body.category,
        source=Source.CITIZEN,
        phone=body.phone,
        photos=body.photos,
        fields=body.fields,
        joins=body.joins,
    )
    receipt = services.citizens.report(report, key=idempotency_key)
    return PublicReceipt.of(receipt)


@router.get("/reports/{number}", summary="How far a report has come")
def follow_report(case_id: Followed, services: ServicesDep) -> PublicReport:
    """For whoever knows its code, in the header `X-Follow-Code`: never in the address, which is logged.
    404 for a wrong number or a wrong code."""
    return PublicReport.of(services.citizens.progress(case_id))


@router.post("/reports/{number}/actions", summary="Urge, add to or rate a report")
def act_on_report(case_id: Followed, body: CitizenAction, services: ServicesDep) -> PublicReport:
    """While the case waits for the reporter's word, `rate` decides: `dissatisfied` begins it again,
    anything else closes it. What the state does not allow is refused with status 409."""
    order = Order(
        action=Action(body.action), note=body.note, rating=body.rating, photos=tuple(body.photos)
    )
    return PublicReport.of(services.citizens.act(case_id, order))


@router.get(
    "/reports/{number}/photos/{id}",
    summary="A photo of a report or its handling",
    response_class=Response,
    responses=_PICTURE,
)
def get_photo_of_report(
    case_id: Followed, photo_id: Annotated[UUID, Path(alias="id")], services: ServicesDep
) -> Response:
    return _picture(services, case_id, photo_id, thumbnail=False)


@router.get(
    "/reports/{number}/photos/{id}/thumbnail",
    summary="The same, small",
    response_class=Response,
    responses=_PICTURE,
)
def get_thumbnail_of_report(
    case_id: Followed, photo_id: Annotated[UUID, Path(alias="id")], services: ServicesDep
) -> Response:
    return _picture(services, case_id, photo_id, thumbnail=True)


def _picture(services: Services, case_id: int, photo_id: UUID, *, thumbnail: bool) -> Response:
    photo = services.citizens.picture(case_id, photo_id).photo
    content = services.photos.read(photo, thumbnail=thumbnail)
    return Response(content, media_type=_JPEG, headers={"Content-Disposition": "inline"})
