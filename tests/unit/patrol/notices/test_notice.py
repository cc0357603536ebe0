from datetime import UTC, datetime

import pytest

from patrol.notices import NoticeKind, about_case
from patrol.notices.notice import text_of
from patrol.notices.sayings import DETAILS, LANGUAGES, SAYINGS


def test_every_kind_says_something_in_every_language() -> None:
    assert set(SAYINGS) == {*NoticeKind}
    for saying in SAYINGS.values():
        assert set(saying) == {*LANGUAGES}
        assert all("{about}" in each.text and each.title for each in saying.values())
    assert all(set(detail) == {*LANGUAGES} for detail in DETAILS.values())


@pytest.mark.parametrize(
    ("kind", "detail", "zh", "en"),
    [
        (
            NoticeKind.APPROVAL_ASKED,
            "extension",
            "案件 1（垃圾）有延期申请待您审批。",
            "A request for an extension about Case 1 (x) waits for you.",
        ),
        (
            NoticeKind.APPROVAL_ASKED,
            None,
            "案件 1（垃圾）有申请待您审批。",
            "A request about Case 1 (x) waits for you.",
        ),
        (
            NoticeKind.APPROVAL_DECIDED,
            "refused",
            "案件 1（垃圾）的申请未获同意。",
            "Your request about Case 1 (x) was refused.",
        ),
        (
            NoticeKind.CASE_ESCALATED,
            "county",
            "案件 1（垃圾）已上报至县区，请处理。",
            "Case 1 (x) was escalated to the county.",
        ),
        (
            NoticeKind.CASE_WAITING,
            "reported",
            "案件 1（垃圾）仍待立案，请尽快处理。",
            "Case 1 (x) still waits to be filed.",
        ),
    ],
)
def test_what_it_says_more_closely_is_said_in_the_language_of_the_text(
    kind: NoticeKind, detail: str | None, zh: str, en: str
) -> None:
    notice = about_case(
        kind,
        staff_id=1,
        case_id=1,
        number="1",
        what={"zh": "垃圾", "en": "x"},
        fact="x",
        detail=detail,
    )
    said = [text_of(kind, notice.words, language).text for language in LANGUAGES]
    assert said == [zh, en]


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (
            "zh",
            "案件 AH20261127-0001（市容环境，城东网格）已派给您，请处理。 时限：11-27 18:00",
        ),
        ("en", "Case AH20261127-0001 (市容环境, 城东网格) was sent to you. Due: 11-27 18:00"),
    ],
)
def test_a_text_says_what_it_is_about_and_until_when(language: str, says: str) -> None:
    notice = about_case(
        NoticeKind.CASE_DISPATCHED,
        staff_id=1,
        case_id=7,
        number="AH20261127-0001",
        what={"zh": "市容环境", "en": "市容环境"},
        grid="城东网格",
        due_at=datetime(2026, 11, 27, 10, tzinfo=UTC),
        fact="event 3",
    )
    assert text_of(notice.kind, notice.words, language).text == says
    assert notice.key == "case 7 case_dispatched event 3"


def test_a_call_for_help_is_always_urgent_and_a_case_when_it_is() -> None:
    def urgent(kind: NoticeKind, **values: bool) -> bool:
        return about_case(
            kind, staff_id=1, case_id=7, number="1", what={"zh": "x", "en": "x"}, fact="x", **values
        ).urgent

    assert urgent(NoticeKind.CALL_FOR_HELP)
    assert not urgent(NoticeKind.CASE_DISPATCHED)
    assert urgent(NoticeKind.CASE_DISPATCHED, urgent=True)
