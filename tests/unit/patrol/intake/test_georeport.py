from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import UpstreamAway, UpstreamFailed
from patrol.categories.built_in import BUILT_IN
from patrol.categories.tree import Categories
from patrol.intake.georeport import HEADER, GeoReport, rows_of

KNOWN = Categories(BUILT_IN.values())

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=300)


class Elsewhere:
    """A server that answers at most a thousand requests and for ninety days, the newest first."""

    def __init__(self, told: list[datetime]) -> None:
        self.told = told
        self.asked: list[httpx.QueryParams] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        params = request.url.params
        self.asked.append(params)
        start, end = (datetime.fromisoformat(params[n]) for n in ("start_date", "end_date"))
        if end - start > timedelta(days=90):
            return httpx.Response(400, json=[{"code": 400, "description": "too long"}])
        found = [
            {"service_request_id": str(n)} for n, at in enumerate(self.told) if start <= at <= end
        ]
        return httpx.Response(200, json=found[::-1][:1000])


def endpoint(answer: Any, **options: Any) -> GeoReport:
    transport = httpx.MockTransport(answer)
    client = httpx.Client(base_url="http://elsewhere/v2", transport=transport)
    return GeoReport(client, **options)


@given(
    st.lists(st.integers(0, 300 * 24 * 60 - 1), max_size=40),
    st.integers(0, 250 * 24 * 60),
    st.sampled_from([0, 1, 999, 1000, 2500]),
)
def test_every_request_is_read_once(minutes: list[int], rush: int, many: int) -> None:
    told = [SINCE + timedelta(minutes=each) for each in minutes]
    told += [SINCE + timedelta(minutes=rush, seconds=60 * 24 * n / 10) for n in range(many)]
    found = endpoint(Elsewhere(told)).requests(SINCE, UNTIL)
    numbers = [each["service_request_id"] for each in found]
    assert sorted(numbers, key=int) == [str(n) for n in range(len(told))]


def test_more_in_a_minute_than_a_server_answers_is_said() -> None:
    with pytest.raises(UpstreamFailed, match="there may be more"):
        [*endpoint(Elsewhere([SINCE] * 1001)).requests(SINCE, UNTIL)]


def test_a_jurisdiction_is_said_every_time() -> None:
    elsewhere = Elsewhere([])
    assert [*endpoint(elsewhere, jurisdiction="town").requests(SINCE, UNTIL)] == []
    assert {each["jurisdiction_id"] for each in elsewhere.asked} == {"town"}
    assert len(elsewhere.asked) == 4


def test_who_is_asked_for_patience_waits_as_long_as_was_said() -> None:
    answers = iter(
        [
            httpx.Response(429, headers={"retry-after": "7"}),
            httpx.Response(429),
            httpx.Response(200, json=[{"service_code": "a", "service_name": "A"}, {}]),
        ]
    )
    waited: list[float] = []
    assert endpoint(lambda _: next(answers), wait=waited.append).services() == {"a": "A"}
    assert waited == [7, 10]
    with pytest.raises(UpstreamAway, match="patience"):
        endpoint(lambda _: httpx.Response(429), wait=waited.append).services()


def test_what_is_no_list_is_said() -> None:
    refusal = httpx.Response(404, json=[{"code": 404, "description": "jurisdiction not found"}])
    for answer, words in (
        (refusal, "404 and no list: jurisdiction not found"),
        (httpx.Response(200, text="<html>"), "is it the address"),
        (httpx.Response(200, json={"a": 1}), "is it the address"),
    ):
        with pytest.raises(UpstreamFailed, match=words):
            endpoint(lambda _, answer=answer: answer).services()

    def away(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    with pytest.raises(UpstreamAway, match="does not answer"):
        endpoint(away).services()


def test_a_request_is_a_row() -> None:
    request = {
        "service_request_id": 638344,
        "status": "closed",
        "status_notes": "Duplicate request.",
        "service_code": "006",
        "description": None,
        "requested_datetime": "2026-04-14T06:37:38-08:00",
        "updated_datetime": "2026-04-15T06:37:38-08:00",
        "lat": 37.76,
        "long": "-122.42",
    }
    _, row = rows_of([request], {"006": "Curb Cuts"}, KNOWN, prefix="sf")
    assert dict(zip(HEADER, row, strict=True)) == {
        "number": "sf:638344",
        "category": "Curb Cuts",
        "description": "Curb Cuts",
        "lon": "-122.42",
        "lat": "37.76",
        "address": "",
        "told_at": "2026-04-14T06:37:38-08:00",
        "due_at": "",
        "closed_at": "2026-04-15T06:37:38-08:00",
        "status": "Duplicate request.",
    }
    _, row = rows_of([{"service_code": "facility.lamp"}], {}, KNOWN, prefix="sf")
    assert (row[0], row[1]) == ("", "facility.lamp")
