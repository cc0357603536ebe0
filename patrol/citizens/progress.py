"""How far a case has come, as whoever reported it may know: without names, and in their words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from patrol.cases.actions import Action
from patrol.cases.case import CITIZEN, SYSTEM, Case, Rating, State, Tier
from patrol.cases.details import Rated, Reported
from patrol.cases.events import Event
from patrol.cases.folding import apply
from patrol.categories.answers import FieldAnswer, answers
from patrol.photos.photo import Photo, PhotoRole


class By(StrEnum):
    """Who did something."""

    YOU = "you"
    ANOTHER = "another"
    """Somebody else who reported the same."""
    STAFF = "staff"
    WANGGE = "wangge"


class Shown(StrEnum):
    """What a photo shows."""

    REPORT = "report"
    HANDLING = "handling"


@dataclass(frozen=True, slots=True)
class Words:
    zh: str
    en: str


STATES: Mapping[State, Words] = MappingProxyType(
    {
        State.REPORTED: Words("已收到", "Received"),
        State.PRE_CHECK: Words("正在核实", "Somebody is looking at it"),
        State.FILED: Words("已受理，正在安排", "Taken on, to be sent to somebody"),
        State.DISPATCHED: Words("已派给责任人", "Sent to whoever deals with it"),
        State.RETURNED: Words("正在重新安排", "To be sent to somebody else"),
        State.IN_PROGRESS: Words("正在处理", "Being dealt with"),
        State.ON_HOLD: Words("暂缓处理", "Put off for a while"),
        State.POST_CHECK: Words("已处理，正在核查", "Dealt with, being checked"),
        State.CALLBACK: Words(
            "已处理，请您评价", "Dealt with: please say whether you are satisfied"
        ),
        State.CLOSED: Words("已办结", "Closed"),
        State.VOID: Words("未受理", "Not taken on"),
        State.MERGED: Words("与同一问题的案件一并办理", "Dealt with together with another report"),
    }
)

EVENTS: Mapping[Action, Words] = MappingProxyType(
    {
        Action.REPORT: Words("提交", "Reported"),
        Action.PRE_CHECK: Words("派人核实", "Somebody was sent to look"),
        Action.VERIFY: Words("已核实", "Somebody has looked"),
        Action.FILE: Words("立案", "Taken on"),
        Action.SELF_HANDLE: Words("当场处理", "Dealt with at once"),
        Action.VOID: Words("不予受理", "Not taken on"),
        Action.MERGE: Words("与同一问题的案件一并办理", "Joined to another report of the same"),
        Action.SPLIT: Words("改为单独办理", "Dealt with by itself again"),
        Action.DISPATCH: Words("派遣", "Sent to whoever deals with it"),
        Action.ACCEPT: Words("开始处理", "Work has begun"),
        Action.ESCALATE: Words("转上级办理", "Taken to the next level"),
        Action.GRANT_HOLD: Words("暂缓处理", "Put off for a while"),
        Action.RESUME: Words("恢复处理", "Work goes on"),
        Action.HANDLE: Words("处理完毕", "Dealt with"),
        Action.CHECK: Words("核查通过", "Checked"),
        Action.REWORK: Words("核查未通过，重新处理", "Checked, to be done again"),
        Action.RATE: Words("评价", "Rated"),
        Action.CLOSE: Words("办结", "Closed"),
        Action.REOPEN: Words("重新办理", "Begun again"),
        Action.URGE: Words("催办", "Urged"),
        Action.SUPERVISE: Words("督办", "Under supervision"),
        Action.COMMENT: Words("补充说明", "Added to"),
    }
)
"""What is told of. What else happens, such as a return or an extension, is the staff's business."""

CITIZENS_ACTIONS = (Action.URGE, Action.COMMENT, Action.RATE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Something that happened. `tier` is how high up the case was then, before that None. `note` and
    `rating` are the reporter's own."""

    action: Action
    at: datetime
    by: By
    tier: Tier | None
    note: str | None
    rating: Rating | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    photo: Photo
    shows: Shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """`own` is the report; `state` that of the case it is dealt with in, which is another where `joined`
    has its number. `answers` are what the reporter said in the fields of the category, `actions` is what
    they may do now."""

    own: Case
    answers: tuple[FieldAnswer, ...]
    state: State
    joined: str | None
    closed_at: datetime | None
    rating: Rating | None
    steps: tuple[Step, ...]
    pictures: tuple[Picture, ...]
    actions: tuple[Action, ...]


def steps_of(events: Iterable[Event], *, own: bool) -> list[Step]:
    """What may be told of a case that is the reporter's `own`, or another that theirs is part of."""
    steps = []
    case: Case | None = None
    for event in events:
        case = apply(case, event)
        by = _by(event, own=own)
        theirs = by is By.YOU
        is_others_text = event.action is Action.COMMENT and not theirs
        is_of_another = event.action is Action.REPORT and not own
        if event.action not in EVENTS or is_others_text or is_of_another:
            continue
        rated = event.details.rating if isinstance(event.details, Rated) else None
        steps.append(
            Step(
                action=event.action,
                at=event.at,
                by=by,
                tier=case.tier,
                note=event.note if theirs else None,
                rating=rated if theirs else None,
            )
        )
    return steps


def answers_of(events: Iterable[Event]) -> tuple[FieldAnswer, ...]:
    """What the reporter said in the fields of the category. What somebody on the staff wrote down is
    theirs."""
    said = [event.details for event in events if _by(event, own=True) is By.YOU]
    reported = next((each for each in said if isinstance(each, Reported)), None)
    return () if reported is None else answers(reported.asked, reported.fields)


def pictures_of(photos: Iterable[Photo], events: Iterable[Event], *, own: bool) -> list[Picture]:
    """Of the reporter's own report what they sent themselves; of any case, what the handling shows."""
    by = {event.seq: _by(event, own=own) for event in events}
    pictures = []
    for photo in photos:
        if photo.attachment is None:
            continue
        if by.get(photo.attachment.seq) is By.YOU:
            pictures.append(Picture(photo=photo, shows=Shown.REPORT))
        elif photo.attachment.role is PhotoRole.AFTER:
            pictures.append(Picture(photo=photo, shows=Shown.HANDLING))
    return pictures


def _by(event: Event, *, own: bool) -> By:
    if event.actor_account_id is not None:
        return By.STAFF
    if event.actor == CITIZEN.name:
        return By.YOU if own else By.ANOTHER
    return By.WANGGE if event.actor == SYSTEM.name else By.STAFF
