"""What others report: a form of the standard, as a case."""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile

from api.access import Caller
from api.context import Services
from api.coordinates import read_position
from api.open311.access import caller_with_key, check_jurisdiction, require_text
from api.open311.answers import Entry
from api.open311.services import no_such_service, offered
from gis.errors import InvalidInput
from patrol.cases.case import Source
from patrol.cases.report import read_report
from patrol.categories.field import read_values

_MOST_FIELDS = 200
_ATTRIBUTE = re.compile(r"attribute\[([^\]]{1,100})\](?:\[\])?")
_KINDS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, kw_only=True, slots=True)
class SentForm:
    """`fields` has the first value of each, without the white space around it; an empty one is none."""

    caller: Caller
    fields: Mapping[str, str]
    attributes: tuple[tuple[str, str], ...]


async def read_form(request: Request, services: Services) -> SentForm:
    """Raises InvalidInput, and NotSignedIn or NotPermitted without a key that may report."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _KINDS:
        raise InvalidInput(f"Send the request as {_KINDS[0]}.")
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        pairs = [
            (name, value.strip())
            for name, value in form.multi_items()
            if not isinstance(value, UploadFile)
        ]
    fields = {name: value for name, value in reversed(pairs) if value}
    attributes = tuple(
        (match[1], value)
        for name, value in pairs
        if value and (match := _ATTRIBUTE.fullmatch(name))
    )
    caller = await caller_with_key(request, services, fields.get("api_key"))
    return SentForm(caller=caller, fields=fields, attributes=attributes)


def report(sent: SentForm, services: Services, idempotency_key: str | None) -> Entry:
    """A case that somebody looks at before it is filed, for it is a citizen who speaks.

    Raises InvalidInput, and NotFound for a service or a jurisdiction that is not there.
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
    entry = services.cases.report(
        read_report(
            lon=lon,
            lat=lat,
            description=_description(sent, but_not=asked),
            fields=values,
            role=sent.caller.role,
            category=code,
            source=Source.CITIZEN,
            reporter=_reporter(fields),
            phone=fields.get("phone"),
        ),
        sent.caller.actor,
        idempotency_key=idempotency_key,
    )
    return {
        "service_request_id": entry.case.number,
        "service_notice": None,
        "account_id": None,
    }


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
