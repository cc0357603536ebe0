"""What the kinds of notices say, in Chinese and in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from patrol.notices.kinds import NoticeKind

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, kw_only=True, slots=True)
class Saying:
    """In `text`, `{about}` stands for the case or the alert, and `{detail}` for what it says of it more
    closely: `otherwise` where a notice does not."""

    title: str
    text: str
    otherwise: str = ""


K = NoticeKind  # so that a kind is easily found
SAYINGS: Mapping[NoticeKind, Mapping[str, Saying]] = MappingProxyType(
    {
        kind: MappingProxyType({"zh": chinese, "en": english})
        for kind, chinese, english in (
            (
                K.CASE_TO_FILE,
                Saying(title="待立案", text="{about}已上报，请审核立案。"),
                Saying(title="To be filed", text="{about} came in; please look at it and file it."),
            ),
            (
                K.CASE_TO_VERIFY,
                Saying(title="待核实", text="{about}请到现场核实并反馈，暂不需处置。"),
                Saying(
                    title="To be verified",
                    text="Please look whether there is something to {about}.",
                ),
            ),
            (
                K.CASE_TO_DISPATCH,
                Saying(title="待派遣", text="{about}尚无负责人，请派遣。"),
                Saying(title="To be dispatched", text="{about} has no owner; please dispatch it."),
            ),
            (
                K.CASE_WAITING,
                Saying(
                    title="等候过久", text="{about}仍{detail}，请尽快处理。", otherwise="在等候"
                ),
                Saying(title="Still waiting", text="{about} still waits {detail}."),
            ),
            (
                K.CASE_DISPATCHED,
                Saying(title="新案件", text="{about}已派给您，请处理。"),
                Saying(title="New case", text="{about} was sent to you."),
            ),
            (
                K.CASE_TAKEN,
                Saying(title="案件转出", text="{about}已转出，不再由您负责。"),
                Saying(
                    title="No longer yours", text="{about} went elsewhere; it is not yours now."
                ),
            ),
            (
                K.CASES_RECEIVED,
                Saying(
                    title="网格调整",
                    text="网格调整后，{about}改由{detail}负责，请查看案件列表。",
                    otherwise="您",
                ),
                Saying(
                    title="New grids",
                    text="With the new grids {about} came to {detail}; look at the list of cases.",
                    otherwise="you",
                ),
            ),
            (
                K.CASES_PASSED_ON,
                Saying(title="网格调整", text="网格调整后，{about}不再由您负责。"),
                Saying(title="New grids", text="With the new grids {about} went to somebody else."),
            ),
            (
                K.CASE_RETURNED,
                Saying(title="案件退回", text="{about}被退回，请重新派遣。"),
                Saying(
                    title="Case returned", text="{about} was returned; send it to somebody else."
                ),
            ),
            (
                K.CASE_URGED,
                Saying(title="催办", text="{about}被催办，请尽快处理。"),
                Saying(title="Please hurry", text="Somebody is waiting for {about}."),
            ),
            (
                K.CASE_SUPERVISED,
                Saying(title="督办", text="{about}已列为督办，请尽快处理。"),
                Saying(title="Under supervision", text="{about} is now supervised."),
            ),
            (
                K.CASE_DUE_SOON,
                Saying(title="即将超期", text="{about}即将超期。"),
                Saying(title="Due soon", text="{about} is due soon."),
            ),
            (
                K.CASE_OVERDUE,
                Saying(title="已超期", text="{about}已超期。"),
                Saying(title="Overdue", text="{about} is overdue."),
            ),
            (
                K.CASE_ESCALATED,
                Saying(
                    title="案件升级", text="{about}已上报至{detail}，请处理。", otherwise="您处"
                ),
                Saying(
                    title="Escalated", text="{about} was escalated to {detail}.", otherwise="you"
                ),
            ),
            (
                K.CASE_TO_CHECK,
                Saying(title="待核查", text="{about}已办理，请核查。"),
                Saying(title="To be checked", text="{about} was handled; please check it."),
            ),
            (
                K.CASE_REWORK,
                Saying(title="返工", text="{about}核查未通过，请返工。"),
                Saying(title="Rework", text="{about} did not pass the check; please do it again."),
            ),
            (
                K.CASE_TO_CALL_BACK,
                Saying(title="待回访", text="{about}请回访。"),
                Saying(title="To call back", text="Please call back about {about}."),
            ),
            (
                K.CASE_CLOSED,
                Saying(title="已结案", text="{about}已结案。"),
                Saying(title="Closed", text="{about} was closed."),
            ),
            (
                K.CASE_REOPENED,
                Saying(title="案件重办", text="{about}需重办，已派给您，请处理。"),
                Saying(title="Reopened", text="{about} was begun again and sent to you."),
            ),
            (
                K.CASE_RESTATED,
                Saying(
                    title="工单有变", text="{about}的来源工单内容有变，请决定采用还是维持原状。"
                ),
                Saying(
                    title="Its ticket changed",
                    text="The ticket of {about} says something else now: is it to be taken over?",
                ),
            ),
            (
                K.CASE_RESCHEDULED,
                Saying(title="期限有变", text="{about}的来源工单改了办结期限，请按新的期限办理。"),
                Saying(
                    title="Another deadline",
                    text="The ticket of {about} has another deadline now, which is the case's.",
                ),
            ),
            (
                K.CASE_DISSATISFIED,
                Saying(title="评价不满意", text="{about}结案后反映人评价不满意，请决定是否重办。"),
                Saying(
                    title="Not satisfied",
                    text="Who reported {about}, now closed, is not satisfied: is it to be reopened?",
                ),
            ),
            (
                K.APPROVAL_ASKED,
                Saying(title="待审批", text="{about}有{detail}申请待您审批。"),
                Saying(
                    title="To be approved",
                    text="{detail} about {about} waits for you.",
                    otherwise="A request",
                ),
            ),
            (
                K.APPROVAL_DECIDED,
                Saying(title="审批结果", text="{about}的申请{detail}。", otherwise="已有结果"),
                Saying(
                    title="Request decided",
                    text="Your request about {about} was {detail}.",
                    otherwise="decided",
                ),
            ),
            (
                K.ALERT,
                Saying(title="告警", text="{about}"),
                Saying(title="Alert", text="{about}"),
            ),
            (
                K.CALL_FOR_HELP,
                Saying(title="人员求助", text="{about}，请立即联系！"),
                Saying(title="Call for help", text="{about}: get in touch at once!"),
            ),
        )
    }
)

DETAILS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        detail: MappingProxyType({"zh": chinese, "en": english})
        for detail, chinese, english in (
            ("hold", "挂账", "A request for a hold"),
            ("extension", "延期", "A request for an extension"),
            ("appeal", "申诉", "An appeal"),
            ("granted", "已同意", "granted"),
            ("refused", "未获同意", "refused"),
            ("chief", "您处", "you"),
            ("town", "乡镇", "the town"),
            ("county", "县区", "the county"),
            ("desk", "调度台", "the dispatch desk"),
            ("reported", "待立案", "to be filed"),
            ("pre_check", "待核实", "to be verified"),
            ("filed", "待派遣", "to be dispatched"),
            ("post_check", "待核查", "to be checked"),
            ("returned", "待重新派遣", "to be sent to somebody else"),
        )
    }
)
"""The words for what a notice has as its `detail`."""
