"""Requests of another system that speaks Open311 GeoReport v2, as rows of a list."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx

from gis.errors import UpstreamAway, UpstreamFailed
from patrol.categories.tree import Categories
from patrol.intake.columns import Field
from patrol.intake.ticket import is_closed

HEADER = tuple(
    field.value
    for field in (
        *(Field.NUMBER, Field.CATEGORY, Field.DESCRIPTION, Field.LON, Field.LAT, Field.ADDRESS),
        *(Field.TOLD_AT, Field.DUE_AT, Field.CLOSED_AT, Field.STATUS),
    )
)
_MOST = 1_000
"""What a server answers at most; so many may be a part only."""

_LONGEST, _SHORTEST = timedelta(days=90), timedelta(minutes=1)
_MOST_TRIES, _LONGEST_WAIT_S = 5, 120.0


class GeoReport:
    """`client` has the address of the interface as its base; `wait` lets so many seconds pass."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        jurisdiction: str | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._always = {} if jurisdiction is None else {"jurisdiction_id": jurisdiction}
        self._wait = wait

    def requests(self, since: datetime, until: datetime) -> Iterator[Mapping[str, Any]]:
        """All that were told in that time, the earliest window of it first, each once.

        Raises UpstreamAway, and UpstreamFailed when the answer is of no use.
        """
        seen: set[str] = set()
        begins, length = since, _LONGEST
        while begins <= until:
            ends = min(begins + length, until)
            found = self._get(
                "requests.json", start_date=begins.isoformat(), end_date=ends.isoformat()
            )
            if len(found) >= _MOST and length > _SHORTEST:
                length = max(length / 2, _SHORTEST)
                continue
            if len(found) >= _MOST:
                raise UpstreamFailed(
                    f"{self._client.base_url} answers {len(found):,} requests for one minute "
                    f"({begins.isoformat()}), and there may be more; ask for another time."
                )
            for entry in found:
                identifier = str(entry.get("service_request_id") or "")
                if identifier not in seen:
                    yield entry
                seen |= {identifier} - {""}
            if ends == until:
                return
            begins, length = ends, min(length * 2, _LONGEST)

    def services(self) -> Mapping[str, str]:
        """Their names, by code."""
        found = self._get("services.json")
        return {
            str(each["service_code"]): str(each.get("service_name") or each["service_code"])
            for each in found
            if each.get("service_code")
        }

    def _get(self, path: str, **params: str) -> list[dict[str, Any]]:
        for _ in range(_MOST_TRIES):
            try:
                answer = self._client.get(path, params={**self._always, **params})
            except httpx.TransportError as error:
                raise UpstreamAway(
                    f"{self._client.base_url} does not answer ({type(error).__name__}); try again later."
                ) from error
            if answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                return _entries(answer)
            asked = answer.headers.get("retry-after", "")
            self._wait(min(float(asked) if asked.isdigit() else 10.0, _LONGEST_WAIT_S))
        raise UpstreamAway(f"{self._client.base_url} asks for patience again and again; try later.")


def rows_of(
    requests: Sequence[Mapping[str, Any]],
    services: Mapping[str, str],
    categories: Categories,
    *,
    prefix: str,
) -> list[list[str]]:
    """A table of tickets, its HEADER first. The numbers begin with `prefix`, for two systems may count
    alike. What has no words of its own is called by its service. One that is closed was closed when it
    was last updated: the standard says nothing more."""
    return [[*HEADER], *(_row(each, services, categories, prefix) for each in requests)]


def _row(
    request: Mapping[str, Any],
    services: Mapping[str, str],
    categories: Categories,
    prefix: str,
) -> list[str]:
    def said(name: str) -> str:
        value = request.get(name)
        return "" if value is None else str(value)

    code = said("service_code")
    name = said("service_name") or services.get(code, code)
    is_over = is_closed(said("status"))
    cells = {
        Field.NUMBER: f"{prefix}:{said('service_request_id')}"
        if said("service_request_id")
        else "",
        Field.CATEGORY: code if categories.called(code) is not None else name,
        Field.DESCRIPTION: said("description") or name,
        Field.LON: said("long"),
        Field.LAT: said("lat"),
        Field.ADDRESS: said("address"),
        Field.TOLD_AT: said("requested_datetime"),
        Field.DUE_AT: said("expected_datetime"),
        Field.CLOSED_AT: said("updated_datetime") if is_over else "",
        Field.STATUS: said("status_notes") or said("status") if is_over else "",
    }
    return [cells[Field(name)] for name in HEADER]


def _entries(answer: httpx.Response) -> list[dict[str, Any]]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    entries = found if isinstance(found, list) else []
    entries = [each for each in entries if isinstance(each, dict)]
    if answer.is_success and isinstance(found, list):
        return entries
    words = next((str(each["description"]) for each in entries if each.get("description")), "")
    raise UpstreamFailed(
        f"{answer.url.copy_with(query=None)} answers {answer.status_code} and no list: "
        f"{words[:200] or 'is it the address of a GeoReport v2 interface?'}"
    )
