"""A notice: one fact, told to one person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gis.local_time import LOCAL
from patrol.notices.kinds import NoticeKind
from patrol.notices.sayings import DETAILS, SAYINGS

_DUE: Mapping[str, str] = {"zh": "时限：{}", "en": "Due: {}"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """`key` names the fact: nobody is told twice of what has the same key, whoever tells it and however
    often. `words` are what its text is made of: `about_zh` and `about_en`, and if there is one `due`, an
    instant, and `detail`, one of `DETAILS`. They leave the house: no name, telephone number or free text
    may be among them.
    """

    staff_id: int
    kind: NoticeKind
    key: str
    urgent: bool
    words: Mapping[str, str]
    case_id: int | None = None
    alert_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    title: str
    text: str


def about_case(
    kind: NoticeKind,
    *,
    staff_id: int,
    case_id: int,
    number: str,
    what: Mapping[str, str],
    fact: str,
    grid: str | None = None,
    due_at: datetime | None = None,
    detail: str | None = None,
    urgent: bool = False,
) -> Notice:
    """A notice about a case. `what` is its category in "zh" and "en", and `grid` the name of its grid;
    `detail` is one of `DETAILS`, such as the kind of a request. `fact` tells this fact from others of
    the same kind about the same case: the number of the event that made it (`"event 4"`), or the
    deadline (`"due 2026-11-27T10:00:00+00:00"`).
    """
    place = [] if grid is None else [grid]
    words = {
        "about_zh": f"案件 {number}（{'，'.join([what['zh'], *place])}）",
        "about_en": f"Case {number} ({', '.join([what['en'], *place])})",
    }
    if due_at is not None:
        words["due"] = due_at.isoformat()
    if detail is not None:
        words["detail"] = detail
    return Notice(
        staff_id=staff_id,
        kind=kind,
        key=f"case {case_id} {kind} {fact}",
        urgent=urgent or kind.is_urgent,
        words=words,
        case_id=case_id,
    )


def about_cases(
    kind: NoticeKind,
    *,
    staff_id: int,
    count: int,
    fact: str,
    detail: str | None = None,
    urgent: bool = False,
) -> Notice:
    """A notice about several cases together; `fact` is what happened to all of them, and `detail` one of
    `DETAILS`. Everybody has another number of them, so no two people are told of the same fact."""
    words = {
        "about_zh": f"{count} 件案件",
        "about_en": f"{count} case{'s' if count > 1 else ''}",
    }
    if detail is not None:
        words["detail"] = detail
    return Notice(
        staff_id=staff_id,
        kind=kind,
        key=f"{fact} {kind} {detail or 'own'} {staff_id}",
        urgent=urgent or kind.is_urgent,
        words=words,
    )


def about_alert(kind: NoticeKind, *, staff_id: int, alert_id: int, zh: str, en: str) -> Notice:
    """A notice about an alert, which `zh` and `en` describe without naming anybody."""
    return Notice(
        staff_id=staff_id,
        kind=kind,
        key=f"alert {alert_id}",
        urgent=kind.is_urgent,
        words={"about_zh": zh, "about_en": en},
        alert_id=alert_id,
    )


def text_of(kind: NoticeKind, words: Mapping[str, str], language: str) -> Text:
    """What a notice says in "zh" or "en"; times are those of the clock on the wall."""
    saying = SAYINGS[kind][language]
    known = DETAILS.get(words.get("detail", ""))
    detail = saying.otherwise if known is None else known[language]
    about = words.get(f"about_{language}", "")
    parts = [saying.text.replace("{detail}", detail).replace("{about}", about)]
    if "due" in words:
        due = datetime.fromisoformat(words["due"]).astimezone(LOCAL)
        parts.append(_DUE[language].format(f"{due:%m-%d %H:%M}"))
    return Text(title=saying.title, text=" ".join(parts))
