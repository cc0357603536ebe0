from datetime import UTC, datetime

import pytest

from patrol.notices import NoticeKind, about_case
from patrol.notices.kinds import LANGUAGES, SAYINGS
from patrol.notices.notice import text_of


def test_every_kind_says_something_in_every_language() -> None:
    assert set(SAYINGS) == {*NoticeKind}
    for saying in SAYINGS.values():
        assert set(saying) == {*LANGUAGES}
        assert all("{about}" in each.text and each.title for each in saying.values())


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
