"""Notices in answers."""

from datetime import datetime

from pydantic import BaseModel

from patrol.notices.kinds import NoticeKind
from patrol.notices.listing import ListedNotice


class Words(BaseModel):
    """In both languages of the interface."""

    zh: str
    en: str


class NoticeAnswer(BaseModel):
    """`case` or `alert` is what it is about; without either it is about several cases. `detail` is what
    some kinds say more closely, such as `desk`: the dispatch desk is told. `urgent` passes through
    quiet hours."""

    id: int
    kind: NoticeKind
    urgent: bool
    title: Words
    text: Words
    detail: str | None
    case: int | None
    alert: int | None
    created_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, notice: ListedNotice) -> "NoticeAnswer":
        return cls(
            id=notice.id,
            kind=notice.kind,
            urgent=notice.urgent,
            title=Words(zh=notice.zh.title, en=notice.en.title),
            text=Words(zh=notice.zh.text, en=notice.en.text),
            detail=notice.detail,
            case=notice.case_id,
            alert=notice.alert_id,
            created_at=notice.created_at,
            read_at=notice.read_at,
        )
