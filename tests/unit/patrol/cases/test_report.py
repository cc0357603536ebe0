from datetime import date

import pytest

from gis.errors import InvalidInput
from patrol.cases.case import Source
from patrol.cases.report import Report, case_number, read_report, read_text


def report(**changes: object) -> Report:
    values = {
        "lon": 118.6,
        "lat": 34.5,
        "description": "路灯不亮",
        "role": "grid_worker",
        **changes,
    }
    return read_report(**values)  # type: ignore[arg-type]


def test_a_position_and_a_description_are_enough() -> None:
    assert report() == Report(
        lon=118.6,
        lat=34.5,
        description="路灯不亮",
        category="other",
        urgent=None,
        source=Source.PATROL,
        reporter=None,
        about_staff_id=None,
    )


@pytest.mark.parametrize(
    ("role", "source"),
    [
        ("dispatcher", Source.HOTLINE),
        ("admin", Source.HOTLINE),
        ("grid_chief", Source.PATROL),
        ("inspector", Source.PATROL),
    ],
)
def test_the_source_follows_from_who_reports(role: str, source: Source) -> None:
    assert report(role=role).source is source
    assert report(role=role, source=Source.CAMERA).source is Source.CAMERA


@pytest.mark.parametrize(
    ("name", "phone", "kept"),
    [
        ("王女士", "+86 138-1234-5678", "王女士 13812345678"),
        (None, "(0518) 8580 1234", "0518-85801234"),
        (" 王女士 ", " ", "王女士"),
        ("", None, None),
    ],
)
def test_who_reports_is_kept_with_their_telephone_in_one_form(
    name: str | None, phone: str | None, kept: str | None
) -> None:
    assert report(reporter=name, phone=phone).reporter == kept


def test_what_is_no_telephone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not a telephone number") as refusal:
        report(phone="85801234")
    assert refusal.value.field == "phone"


def test_what_was_handled_at_once_joins_no_other_case() -> None:
    assert report(joins=" ah20261122-0001 ").joins == "AH20261122-0001"
    with pytest.raises(InvalidInput) as refusal:
        report(joins="AH20261122-0001", handled="已清理")
    assert refusal.value.field == "joins"


@pytest.mark.parametrize("description", ["", "  \n\t ", "\u3000"])
def test_a_description_without_a_word_is_refused(description: str) -> None:
    with pytest.raises(InvalidInput, match="description is empty") as refusal:
        report(description=description)
    assert refusal.value.field == "description"


def test_a_description_has_at_most_2000_characters() -> None:
    assert len(report(description="格" * 2000 + "\n").description) == 2000
    with pytest.raises(InvalidInput, match=r"2,001 characters; 2,000 are allowed"):
        report(description="格" * 2001)


@pytest.mark.parametrize("letter", ["\0", "\x1b", "\ud800"])
def test_a_text_that_cannot_be_stored_or_shown_is_refused(letter: str) -> None:
    with pytest.raises(InvalidInput, match="control character"):
        read_text(f"a{letter}b", field="note", limit=10)


def test_a_text_keeps_its_lines_and_its_emoji() -> None:
    assert read_text(" 一\n二\t👨‍👩‍👧 ", field="note", limit=20) == "一\n二\t👨‍👩‍👧"
    assert read_text(None, field="note", limit=20) is None


def test_the_number_grows_past_its_four_digits() -> None:
    day = date(2026, 11, 22)
    assert case_number(day, 1) == "AH20261122-0001"
    assert case_number(day, 12345) == "AH20261122-12345"
