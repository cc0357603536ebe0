"""Which photos a report and an action need."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from gis.errors import InvalidInput
from patrol.cases.actions import Action
from patrol.cases.case import Source
from patrol.cases.photo_needs import require_photos_of_action, require_photos_of_report
from patrol.cases.report import read_report
from patrol.categories.built_in import BUILT_IN
from patrol.categories.category import PhotoNeed

LAMP = BUILT_IN["facility.lamp"]
EVERY = replace(LAMP, photos=frozenset(PhotoNeed))
NONE = replace(LAMP, photos=frozenset())
ONE: Any = [UUID(int=1)]


def refusal(needing: Any, **values: Any) -> tuple[str | None, str] | None:
    report = read_report(lon=118.6, lat=34.5, description="路灯不亮", role="grid_worker", **values)
    try:
        require_photos_of_report(report, needing)
    except InvalidInput as error:
        return error.field, f"{error.code}: {error.message}"
    return None


def test_what_is_dealt_with_at_once_is_seen_before_and_afterwards() -> None:
    field, message = refusal(LAMP, handled="换了灯泡") or ("", "")
    assert field == "photos"
    assert message.startswith("photos_missing: ")
    assert "before it was dealt with and one of afterwards" in message
    field, message = refusal(LAMP, handled="换了灯泡", photos=ONE) or ("", "")
    assert (field, "before" in message) == ("photos_after", False)
    assert refusal(LAMP, handled="换了灯泡", photos=ONE, photos_after=ONE) is None
    assert refusal(NONE, handled="换了灯泡") is None


def test_only_who_stands_before_it_needs_a_photo_of_what_they_report() -> None:
    assert refusal(EVERY) is not None
    assert refusal(EVERY, photos=ONE) is None
    assert refusal(LAMP) is None
    for source in set(Source) - {Source.PATROL}:
        assert refusal(EVERY, source=source) is None


def test_a_handling_needs_one_where_the_category_says_so() -> None:
    require_photos_of_action(Action.HANDLE, NONE, 0, [])
    require_photos_of_action(Action.HANDLE, EVERY, 1, [])
    with pytest.raises(InvalidInput, match="one of what was done"):
        require_photos_of_action(Action.HANDLE, EVERY, 0, ONE)


def test_the_photo_of_the_report_is_that_of_before() -> None:
    require_photos_of_action(Action.SELF_HANDLE, LAMP, 1, ONE)
    require_photos_of_action(Action.CHECK, EVERY, 0, [])
    with pytest.raises(InvalidInput, match="one of before"):
        require_photos_of_action(Action.SELF_HANDLE, LAMP, 1, [])
    with pytest.raises(InvalidInput, match="missing: one of afterwards") as error:
        require_photos_of_action(Action.SELF_HANDLE, LAMP, 0, ONE)
    assert error.value.field == "photos"
