"""Requests: what others report, and what is published of cases."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Header, Query, Request, status
from fastapi.responses import Response
from pydantic import BaseModel

from api.access import PUBLIC
from api.context import Services, ServicesDep
from api.instants import LocalInstant
from api.names import Names
from api.open311.access import OUR_JURISDICTION, endpoint_of
from api.open311.answers import Format, FormatInPath, listed
from api.open311.reporting import received_form, report
from api.open311.services import offered
from gis.errors import InvalidInput, NotFound
from patrol.cases.case import SYSTEM, State
from patrol.categories.category import Category
from patrol.categories.field import FieldKind
from patrol.intake.published import PublishedCase, Wanted, read_published

router = APIRouter(dependencies=[OUR_JURISDICTION])

LONGEST = timedelta(days=90)
_NOTES = {
    State.VOID: "不予立案 Not taken up",
    State.MERGED: "重复反映，并案办理 Another report of the same is worked on",
}


class Search(BaseModel):
    """As the standard has it. A list is separated by commas; ids override everything else."""

    service_request_id: str | None = None
    service_code: str | None = None
    start_date: LocalInstant | None = None
    end_date: LocalInstant | None = None
    status: str | None = None
    extensions: bool = False

    @property
    def ids(self) -> list[str] | None:
        return _words(self.service_request_id)

    @property
    def codes(self) -> list[str] | None:
        return _words(self.service_code)

    def wanted(self, now: datetime) -> Wanted:
        """Raises InvalidInput."""
        if self.ids is not None:
            return Wanted(numbers=self.ids)
        since, until = _window(self.start_date, self.end_date, now)
        return Wanted(since=since, until=until, is_open=self._is_open())

    def _is_open(self) -> bool | None:
        asked = {*(_words(self.status) or ("open", "closed"))}
        if asked - {"open", "closed"}:
            raise InvalidInput("status is open, closed or open,closed.", field="status")
        return None if len(asked) == 2 else asked == {"open"}


@router.post("/requests.{format}")
async def report_request(
    request: Request,
    form: FormatInPath,
    services: ServicesDep,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    async with received_form(request, services) as sent:
        # Those whose pictures wait do so here, and take no thread from others.
        limiter = services.decoding if sent.media else None
        entry = await to_thread.run_sync(report, sent, services, idempotency_key, limiter=limiter)
    return listed(form, "service_requests", "request", [entry], status=status.HTTP_201_CREATED)


@router.get("/requests.{format}", dependencies=[PUBLIC])
def list_requests(
    request: Request,
    form: FormatInPath,
    services: ServicesDep,
    search: Annotated[Search, Query()],
) -> Response:
    """The newest first, at most 1,000: of the last 90 days, unless a time is asked for."""
    found = _find(services, search)
    return _answer(request, form, services, found, extended=search.extensions)


@router.get("/requests/{id}.{format}", dependencies=[PUBLIC])
def read_request(
    request: Request, id: str, form: FormatInPath, services: ServicesDep, extensions: bool = False
) -> Response:
    found = [find_request(services, id)]
    return _answer(request, form, services, found, extended=extensions)


@router.get("/requests/{id}/photo.jpg", dependencies=[PUBLIC])
def read_photo(id: str, services: ServicesDep) -> Response:
    """What `media_url` leads to. Raises NotFound, also for one that is not published any more."""
    photo_id = find_request(services, id).photo_id
    if photo_id is None or not services.settings.open311.shows_photos:
        raise NotFound("No photo of this request is published.")
    photo = services.photos.find(photo_id, SYSTEM.viewer)
    content = services.photos.read(photo)
    return Response(content, media_type="image/jpeg", headers={"Content-Disposition": "inline"})


def find_request(services: Services, number: str) -> PublishedCase:
    """Raises NotFound."""
    found = _find(services, Search(service_request_id=number))
    if len(found) != 1:
        raise NotFound(f"service_request_id {number[:100]!r} was not found.")
    return found[0]


def _find(services: Services, search: Search) -> list[PublishedCase]:
    if services.settings.open311.publish == "nothing":
        raise NotFound("This server does not publish requests.")
    codes = {*offered(services)}
    if search.codes is not None and search.ids is None:
        codes &= {*search.codes}
    wanted = search.wanted(datetime.now(UTC))
    with services.database.begin(SYSTEM.viewer) as conn:
        return read_published(conn, wanted, categories=codes)


def _window(
    since: datetime | None, until: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """At most LONGEST. Raises InvalidInput."""
    if since is None:
        until = until or now
        return until - LONGEST, until
    if until is None:
        return since, since + LONGEST
    if not since <= until <= since + LONGEST:
        raise InvalidInput(
            f"end_date must be after start_date, and within {LONGEST.days} days.", field="end_date"
        )
    return since, until


def _answer(
    request: Request,
    form: Format,
    services: Services,
    found: Sequence[PublishedCase],
    *,
    extended: bool,
) -> Response:
    categories, endpoint = offered(services), endpoint_of(request)
    entries = [
        _entry(each, categories[each.category], services)
        | {"media_url": _media_url(each, services, endpoint)}
        | (_attributes(each, services) if extended else {})
        for each in found
    ]
    return listed(form, "service_requests", "request", entries)


def _entry(case: PublishedCase, category: Category, services: Services) -> dict[str, Any]:
    settings = services.settings.open311
    is_told = settings.tells_descriptions
    return {
        "service_request_id": case.number,
        "status": "open" if case.state.is_open else "closed",
        "status_notes": _NOTES.get(case.state),
        "service_name": settings.title_of(category),
        "service_code": category.code,
        "description": Names(False).in_text(case.description) if is_told else None,
        "agency_responsible": None,
        "service_notice": None,
        "requested_datetime": _instant(case.requested_at),
        "updated_datetime": _instant(case.updated_at),
        "expected_datetime": None if case.due_at is None else _instant(case.due_at),
        "address": None,
        "address_id": None,
        "zipcode": None,
        "lat": round(case.lat, 6),
        "long": round(case.lon, 6),
    }


def _media_url(case: PublishedCase, services: Services, endpoint: str) -> str | None:
    if case.photo_id is None or not services.settings.open311.shows_photos:
        return None
    return f"{endpoint}/requests/{case.number}/photo.jpg"


def _attributes(case: PublishedCase, services: Services) -> dict[str, Any]:
    """Beyond the standard: what was chosen or counted in the fields of the category. What somebody wrote
    may say who they are."""
    settings = services.settings.open311
    return {
        "attributes": [
            {
                "code": answer.asked.code,
                "description": settings.title_of(answer.asked),
                "value": answer.value,
            }
            for answer in case.answers
            if settings.tells_descriptions and answer.asked.kind is not FieldKind.TEXT
        ]
    }


def _instant(at: datetime) -> str:
    """As https://www.w3.org/TR/NOTE-datetime has it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _words(text: str | None) -> list[str] | None:
    words = [word.strip() for word in (text or "").split(",") if word.strip()]
    return words or None
