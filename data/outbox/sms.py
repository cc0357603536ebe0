"""Gateways for SMS: each has its own interface, which a template describes."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import httpx

from data.outbox.answers import outcome_of_code, outcome_of_status
from data.outbox.message import Answer, Channel, Message, Outcome
from gis.errors import InvalidInput

PLACEHOLDERS = ("phone", "text", "title", "id", "secret")

_PLACEHOLDER = re.compile(r"\{(" + "|".join(PLACEHOLDERS) + r")\}")
_FORM = "application/x-www-form-urlencoded"

Escape = Callable[[str], str]


def fill(template: str, values: Mapping[str, str], escaped: Escape) -> str:
    """`template` with each placeholder replaced by its value, escaped for where it stands. One pass:
    what a value holds is never taken for a placeholder."""
    return _PLACEHOLDER.sub(lambda found: escaped(values[found[1]]), template)


def in_url(value: str) -> str:
    return quote(value, safe="")


def in_form(value: str) -> str:
    return quote_plus(value)


def in_json(value: str) -> str:
    """Between the quotation marks of the template."""
    return json.dumps(value, ensure_ascii=False)[1:-1]


def in_xml(value: str) -> str:
    return escape(value, {'"': "&quot;", "'": "&apos;"})


def in_header(value: str) -> str:
    """What a header cannot hold, the end of its line above all, is percent-encoded."""
    return re.sub(r"[^\x20-\x7e]", lambda found: quote(found[0]), value)


def as_it_is(value: str) -> str:
    return value


def escape_for(content_type: str) -> Escape:
    """By the media type of a body."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == _FORM:
        return in_form
    if kind == "application/json" or kind.endswith("+json"):
        return in_json
    if kind in ("application/xml", "text/xml") or kind.endswith("+xml"):
        return in_xml
    return as_it_is


def require_template(channel: Channel) -> None:
    """Raises InvalidInput for one that could never send a text to a telephone."""
    settings = channel.settings
    everything = " ".join((channel.url, settings.body, *settings.headers.values()))
    for name in ("phone", "text"):
        if f"{{{name}}}" not in everything:
            raise InvalidInput(
                f"Write {{{name}}} where the gateway wants it, in the address or the body.",
                field="settings",
            )
    if escape_for(settings.content_type) is in_json and settings.body:
        try:
            json.loads(fill(settings.body, dict.fromkeys(PLACEHOLDERS, "1"), in_json))
        except ValueError as error:
            raise InvalidInput(
                f"The body is no JSON: {error}. Placeholders stand inside quotation marks.",
                field="settings",
            ) from error
    if bool(settings.ok_field) != bool(settings.ok_values):
        raise InvalidInput("ok_field and ok_values go together.", field="settings")


def request(channel: Channel, message: Message, now: datetime) -> httpx.Request:
    """To the only telephone number of the message."""
    settings = channel.settings
    values = {
        "phone": message.phones[0],
        "text": message.said(now),
        "title": message.title,
        "id": message.id,
        "secret": channel.secret,
    }
    content = fill(settings.body, values, escape_for(settings.content_type)).encode()
    headers = {name: fill(each, values, in_header) for name, each in settings.headers.items()}
    if content:
        headers = {"content-type": settings.content_type, **headers}
    return httpx.Request(
        settings.method, fill(channel.url, values, in_url), headers=headers, content=content
    )


def outcome(channel: Channel, answer: Answer, now: datetime) -> Outcome:
    settings = channel.settings
    if settings.ok_field is None:
        return outcome_of_status(answer, now)
    return outcome_of_code(
        answer,
        now,
        fields=(settings.ok_field,),
        good=settings.ok_values,
        again=settings.again_values,
    )
