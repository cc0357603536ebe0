"""The kinds of notices and what they say, in Chinese and in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

LANGUAGES = ("zh", "en")


class NoticeKind(StrEnum):
    CASE_DISPATCHED = "case_dispatched"
    CASE_RETURNED = "case_returned"
    CASE_URGED = "case_urged"
    CASE_SUPERVISED = "case_supervised"
    CASE_DUE_SOON = "case_due_soon"
    CASE_OVERDUE = "case_overdue"
    CASE_ESCALATED = "case_escalated"
    CASE_TO_CHECK = "case_to_check"
    CASE_TO_CALL_BACK = "case_to_call_back"
    CASE_CLOSED = "case_closed"
    CASE_REOPENED = "case_reopened"
    APPROVAL_ASKED = "approval_asked"
    APPROVAL_DECIDED = "approval_decided"
    ALERT = "alert"
    CALL_FOR_HELP = "call_for_help"

    @property
    def is_urgent(self) -> bool:
        """Whether it passes through quiet hours whatever it is about."""
        return self is NoticeKind.CALL_FOR_HELP


@dataclass(frozen=True, kw_only=True, slots=True)
class Saying:
    """`{about}` stands for the case or the alert."""

    title: str
    text: str


SAYINGS: Mapping[NoticeKind, Mapping[str, Saying]] = MappingProxyType(
    {
        kind: MappingProxyType(
            {"zh": Saying(title=zh, text=zh_text), "en": Saying(title=en, text=en_text)}
        )
        for kind, zh, zh_text, en, en_text in (
            (
                NoticeKind.CASE_DISPATCHED,
                "新案件",
                "{about}已派给您，请处理。",
                "New case",
                "{about} was sent to you.",
            ),
            (
                NoticeKind.CASE_RETURNED,
                "案件退回",
                "{about}被退回，请重新派遣。",
                "Case returned",
                "{about} was returned; send it to somebody else.",
            ),
            (
                NoticeKind.CASE_URGED,
                "催办",
                "{about}被催办，请尽快处理。",
                "Please hurry",
                "Somebody is waiting for {about}.",
            ),
            (
                NoticeKind.CASE_SUPERVISED,
                "督办",
                "{about}已列为督办，请尽快处理。",
                "Under supervision",
                "{about} is now supervised.",
            ),
            (
                NoticeKind.CASE_DUE_SOON,
                "即将超期",
                "{about}即将超期。",
                "Due soon",
                "{about} is due soon.",
            ),
            (
                NoticeKind.CASE_OVERDUE,
                "已超期",
                "{about}已超期。",
                "Overdue",
                "{about} is overdue.",
            ),
            (
                NoticeKind.CASE_ESCALATED,
                "案件升级",
                "{about}已升级至您处，请督促处理。",
                "Escalated",
                "{about} was escalated to you.",
            ),
            (
                NoticeKind.CASE_TO_CHECK,
                "待核查",
                "{about}已办理，请核查。",
                "To be checked",
                "{about} was handled; please check it.",
            ),
            (
                NoticeKind.CASE_TO_CALL_BACK,
                "待回访",
                "{about}请回访。",
                "To call back",
                "Please call back about {about}.",
            ),
            (
                NoticeKind.CASE_CLOSED,
                "已结案",
                "{about}已结案。",
                "Closed",
                "{about} was closed.",
            ),
            (
                NoticeKind.CASE_REOPENED,
                "案件重开",
                "{about}已重新打开。",
                "Reopened",
                "{about} was opened again.",
            ),
            (
                NoticeKind.APPROVAL_ASKED,
                "待审批",
                "{about}有申请待您审批。",
                "To be approved",
                "A request about {about} waits for you.",
            ),
            (
                NoticeKind.APPROVAL_DECIDED,
                "审批结果",
                "{about}的申请已有结果。",
                "Request decided",
                "Your request about {about} was decided.",
            ),
            (NoticeKind.ALERT, "告警", "{about}", "Alert", "{about}"),
            (
                NoticeKind.CALL_FOR_HELP,
                "人员求助",
                "{about}，请立即联系！",
                "Call for help",
                "{about}: get in touch at once!",
            ),
        )
    }
)
