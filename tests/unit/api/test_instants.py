from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.instants import read_instant
from gis.errors import InvalidInput


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T08:00:00+08:00",
        "2026-11-22T00:00:00Z",
        "2026-11-22 08:00:00+0800",
        "2026-11-22T08:00:00 08:00",  # a query's + that was not written %2B
        " 2026-11-22T08:00:00.000+08:00 ",
    ],
)
def test_an_instant_is_utc_whatever_zone_it_was_written_in(text: str) -> None:
    assert read_instant(text) == datetime(2026, 11, 22, tzinfo=UTC)
    assert read_instant(text).tzinfo is UTC


def test_a_time_without_a_zone_is_told_how_to_add_one() -> None:
    with pytest.raises(InvalidInput, match=r"add one, e\.g\. 2026-11-22T08:00:00\+08:00") as caught:
        read_instant("2026-11-22T08:00:00")
    assert caught.value.code == "no_zone"


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "1732233600", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", 7, None],
)
def test_what_is_not_a_time_is_refused(text: object) -> None:
    with pytest.raises(InvalidInput):
        read_instant(text)


@given(st.text())
def test_no_text_gets_past_as_anything_but_an_aware_time(text: str) -> None:
    with suppress(InvalidInput):
        assert read_instant(text).tzinfo is UTC
