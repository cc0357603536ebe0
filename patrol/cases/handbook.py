"""The tables of `docs/cases.md`, from the code: `python -m patrol.cases.handbook docs/cases.md`.

What stands between `<!-- NAME -->` and `<!-- end of NAME -->` is replaced; a test keeps the page true.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from patrol.cases.actions import Action
from patrol.cases.case import State
from patrol.cases.workflow import TRANSITIONS, Transition, who_may
from patrol.categories.built_in import BUILT_IN
from patrol.categories.tree import Categories
from patrol.clocks.rule import read_rule

_STATES_ZH: Mapping[State, str] = {
    State.REPORTED: "已上报",
    State.PRE_CHECK: "核实中",
    State.FILED: "已立案",
    State.DISPATCHED: "已派遣",
    State.RETURNED: "已退单",
    State.IN_PROGRESS: "处置中",
    State.ON_HOLD: "挂账",
    State.POST_CHECK: "待核查",
    State.CALLBACK: "待回访",
    State.CLOSED: "已结案",
    State.VOID: "已作废",
    State.MERGED: "已并案",
}
_ACTIONS_ZH: Mapping[Action, str] = {
    Action.REPORT: "上报",
    Action.PRE_CHECK: "派核实",
    Action.VERIFY: "核实反馈",
    Action.CORRECT: "更正",
    Action.FILE: "立案",
    Action.VOID: "作废",
    Action.MERGE: "并案",
    Action.SPLIT: "拆出",
    Action.SELF_HANDLE: "自办结",
    Action.DISPATCH: "派遣",
    Action.ACCEPT: "签收",
    Action.RETURN: "退单",
    Action.ESCALATE: "上报处置",
    Action.DEESCALATE: "下派",
    Action.ASK_HOLD: "申请挂账",
    Action.GRANT_HOLD: "同意挂账",
    Action.RESUME: "恢复办理",
    Action.ASK_EXTENSION: "申请延期",
    Action.GRANT_EXTENSION: "同意延期",
    Action.HANDLE: "处置反馈",
    Action.CHECK: "核查通过",
    Action.REWORK: "返工",
    Action.RATE: "评价",
    Action.CLOSE: "回访结案",
    Action.REOPEN: "重办",
    Action.APPEAL: "申诉",
    Action.GRANT_APPEAL: "同意申诉",
    Action.REFUSE: "不同意",
    Action.URGE: "催办",
    Action.SUPERVISE: "督办",
    Action.COMMENT: "备注",
    Action.RECOMPUTE: "期限重算",
    Action.REPEAT: "重复反映",
    Action.REATTRIBUTE: "网格调整",
    Action.IMPORT: "外部导入",
    Action.RESTATE: "对方更正",
    Action.RESCHEDULE: "对方改期",
    Action.KEEP: "维持原状",
}


def state_table() -> str:
    return markdown_table(
        ("From", "Action", "To", "Who may", "Needs"),
        (
            (
                _state(transition.source),
                f"`{transition.action}` {_ACTIONS_ZH[transition.action]}",
                _state(transition.target),
                who_may(transition),
                _needs(transition),
            )
            for transition in TRANSITIONS.values()
        ),
    )


def category_table() -> str:
    built_in = Categories(BUILT_IN.values())
    return markdown_table(
        ("Number", "Category", "Title", "", "Term from the dispatch", "Urgent"),
        (
            (
                category.number,
                f"`{category.code}`",
                category.title_en,
                category.title_zh,
                ""
                if built_in.is_divided(category.code)
                else read_rule(category.term).to_words("en"),
                "yes" if category.urgent else "",
            )
            for category in built_in
        ),
    )


def with_tables(page: str) -> str:
    """The page about cases with its tables as they are now."""
    return filled(page, {"state table": state_table(), "category table": category_table()})


def filled(page: str, tables: Mapping[str, str]) -> str:
    """The page with these tables between their marks. ValueError names one that it has no place for."""
    for name, table in tables.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
        if begin not in page or end not in page:
            raise ValueError(f"the page has no place for the {name}: {begin.strip()}")
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = f"{before}{begin}{table}{end}{after}"
    return page


def _state(state: State | None) -> str:
    return "—" if state is None else f"`{state}` {_STATES_ZH[state]}"


def _needs(transition: Transition) -> str:
    needs = ["a note"] if transition.needs_note else []
    return ", ".join([*needs, *(guard.words for guard in transition.guards)])


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
