"""What others report: a form of the standard, as a case."""

import math
import re
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from api.access import Caller, address_of
from api.context import Services
from api.coordinates import read_position
from api.limits import MOST_BODY_BYTES, URL_ENCODED, most_body_bytes
from api.open311.access import caller_with_key, check_jurisdiction, key_in_header, require_text
from api.open311.answers import Entry
from api.open311.services import no_such_service, offered
from api.photo_places import require_place
from api.uploads import private_folder, save
from gis.errors import InvalidInput
from patrol.cases.case import Source
from patrol.cases.report import read_report
from patrol.categories.field import read_values
from patrol.photos.service import MOST_PHOTOS

_MOST_FIELDS = 200
_ATTRIBUTE = re.compile(r"attribute\[([^\]]{1,100})\](?:\[\])?")
_WITH_FILES = "multipart/form-data"
_KINDS = (URL_ENCODED, _WITH_FILES)


@dataclass(frozen=True, kw_only=True, slots=True)
class SentForm:
    """`fields` has the first value of each, without the white space around it; an empty one is none.
    `media` are the pictures, in their order."""

    caller: Caller
    fields: Mapping[str, str]
    attributes: tuple[tuple[str, str], ...]
    media: tuple[Path, ...]


@asynccontextmanager
async def received_form(request: Request, services: Services) -> AsyncIterator[SentForm]:
    """What was sent, until the end of the block. A key in the header is looked at before anything is
    read; one in the form cannot be, so until then what is large counts as the photos of strangers do.

    Raises InvalidInput, NotSignedIn or NotPermitted without a key that may report, and Overloaded.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _KINDS:
        raise InvalidInput(f"Send the request as {URL_ENCODED}, or with pictures as {_WITH_FILES}.")
    key = key_in_header(request)
    caller = None if key is None else await caller_with_key(request, services, key)
    if caller is None and kind == _WITH_FILES and (size := _size_of(request)) > MOST_BODY_BYTES:
        services.citizen_rates.check_photo(address_of(request), size)
    with private_folder() as folder:
        async with request.form(max_files=MOST_PHOTOS, max_fields=_MOST_FIELDS) as form:
            pairs = [
                (name, value.strip())
                for name, value in form.multi_items()
                if not isinstance(value, UploadFile)
            ]
            fields = {name: value for name, value in reversed(pairs) if value}
            caller = caller or await caller_with_key(request, services, fields.get("api_key"))
            media = await _receive_media(form, folder)
        if media:
            require_place(services)
        yield SentForm(
            caller=caller,
            fields=fields,
            attributes=tuple(
                (match[1], value)
                for name, value in pairs
                if value and (match := _ATTRIBUTE.fullmatch(name))
            ),
            media=media,
        )


def report(sent: SentForm, services: Services, idempotency_key: str | None) -> Entry:
    """A case that somebody looks at before it is filed, for it is a citizen who speaks. When it is
    refused, for a picture as for anything else, nothing of it is kept.

    Raises InvalidInput, UnreadableFile for a picture that is none, NotFound for a service or a
    jurisdiction that is not there, and Overloaded.
    """
    fields = sent.fields
    check_jurisdiction(services, fields.get("jurisdiction_id"))
    code = require_text(fields.get("service_code"), "service_code")
    category = offered(services).get(code)
    if category is None:
        raise no_such_service(code)
    asked = {each.code for each in category.fields}
    said = {name: value for name, value in sent.attributes if name in asked}
    values = read_values(category.fields, said, required=True)
    lon, lat = _position(fields)
    told = read_report(
        lon=lon,
        lat=lat,
        description=_description(sent, but_not=asked),
        fields=values,
        role=sent.caller.role,
        category=code,
        source=Source.CITIZEN,
        reporter=_reporter(fields),
        phone=fields.get("phone"),
    )
    with services.photos.added(
        sent.media, sent.caller.viewer, idempotency_key=idempotency_key
    ) as photos:
        entry = services.cases.report(
            replace(told, photos=tuple(photo.id for photo in photos)),
            sent.caller.actor,
            idempotency_key=idempotency_key,
        )
    return {
        "service_request_id": entry.case.number,
        "service_notice": None,
        "account_id": None,
    }


def _size_of(request: Request) -> int:
    """Of the body in bytes; where it is not said, the most that it may be."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else most_body_bytes("POST", request.url.path)


async def _receive_media(form: FormData, folder: Path) -> tuple[Path, ...]:
    """Raises InvalidInput. Browsers send a file without a name where none was chosen: it is none."""
    sent = [
        (name, value)
        for name, value in form.multi_items()
        if (value.filename or value.size if isinstance(value, UploadFile) else value.strip())
    ]
    paths: list[Path] = []
    for name, value in sent:
        if isinstance(value, UploadFile) is not (name == "media"):
            raise InvalidInput(
                "Send pictures as files called media (multipart/form-data), all else as fields.",
                field="media",
            )
        if isinstance(value, UploadFile):
            paths.append(folder / str(len(paths)))
            await save(value, paths[-1])
    return tuple(paths)


def _position(fields: Mapping[str, str]) -> tuple[float, float]:
    """WGS-84, as the standard has it. Raises InvalidInput."""
    said = [fields.get(name) for name in ("long", "lat")]
    if None in said:
        raise InvalidInput(
            "lat and long were not provided. There is no directory of addresses here: find the place of "
            "address_string on a map and send its lat and long (WGS-84).",
            field="lat",
        )
    try:
        lon, lat = (float(each or "") for each in said)
    except ValueError:
        lon = lat = math.nan
    return read_position(lon, lat)


def _description(sent: SentForm, *, but_not: Collection[str]) -> str:
    """What was said, and below it what there is no other place for."""
    fields = sent.fields
    lines = [
        require_text(fields.get("description"), "description"),
        *(f"{name}: {value}" for name, value in sent.attributes if name not in but_not),
        *(f"{name}: {fields[name]}" for name in ("address_string", "media_url") if name in fields),
    ]
    return "\n".join(lines)


def _reporter(fields: Mapping[str, str]) -> str | None:
    names = ("last_name", "first_name", "email")
    return " ".join(fields[name] for name in names if name in fields) or None
