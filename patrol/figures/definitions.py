"""Every figure there is, and what it is made of: one table, from which `docs/figures.md` is generated.

The names are those that monthly reports of digital city management (数字城管) use after GB/T 30428.4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Unit(StrEnum):
    SHARE = "share"
    """From 0 to 1: a numerator of a denominator."""
    COUNT = "count"
    DURATION = "duration"
    """In seconds."""


class Direction(StrEnum):
    """What is better."""

    HIGHER = "higher"
    LOWER = "lower"


class Cohort(StrEnum):
    """What counts to a period: everything that the moment named here lies in it of."""

    REPORTED = "reported"
    DISPATCHED = "dispatched"
    DUE = "due"
    CLOSED = "closed"
    STANDING = "standing"
    DUTY = "duty"
    ROUNDS = "rounds"

    @property
    def words(self) -> str:
        return _COHORT_WORDS[self]


_COHORT_WORDS: Mapping[Cohort, str] = {
    Cohort.REPORTED: "cases reported in the period",
    Cohort.DISPATCHED: "cases dispatched in the period, by their last dispatch",
    Cohort.DUE: "cases due in the period; not those on hold since before, for which no time passes",
    Cohort.CLOSED: "cases closed in the period",
    Cohort.STANDING: "cases as they stand at the end of the period",
    Cohort.DUTY: "duty that began in the period",
    Cohort.ROUNDS: "rounds of patrol plans that ended in the period",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """`numerator` and `denominator` name counts of the cohort (`patrol.figures.counting`); what has no
    denominator is its numerator. `above` and `below` say what they are. `is_indicator`: one of the
    fifteen of the panel. `warn` and `alarm` are where it needs attention unless somebody chose others;
    `weight` is its part in a ranking, in the same way.
    """

    code: str
    zh: str
    en: str
    unit: Unit
    cohort: Cohort
    numerator: str
    above: str
    denominator: str | None = None
    below: str = ""
    better: Direction | None = None
    warn: float | None = None
    alarm: float | None = None
    weight: float = 0.0
    is_indicator: bool = False


def _share(
    name: tuple[str, str, str],
    cohort: Cohort,
    numerator: tuple[str, str],
    denominator: tuple[str, str],
    better: Direction,
    *,
    usual: tuple[float | None, float | None] = (None, None),
    weight: float = 0.0,
    is_indicator: bool = True,
) -> Figure:
    code, zh, en = name
    return Figure(
        code=code,
        zh=zh,
        en=en,
        unit=Unit.SHARE,
        cohort=cohort,
        numerator=numerator[0],
        above=numerator[1],
        denominator=denominator[0],
        below=denominator[1],
        better=better,
        warn=usual[0],
        alarm=usual[1],
        weight=weight,
        is_indicator=is_indicator,
    )


def _count(code: str, zh: str, en: str, cohort: Cohort, above: str) -> Figure:
    return Figure(
        code=code,
        zh=zh,
        en=en,
        unit=Unit.COUNT,
        cohort=cohort,
        numerator=code,
        above=above,
    )


def _duration(name: tuple[str, str, str], above: str, *, is_indicator: bool = False) -> Figure:
    code, zh, en = name
    return Figure(
        code=code,
        zh=zh,
        en=en,
        unit=Unit.DURATION,
        cohort=Cohort.CLOSED,
        numerator=code,
        above=above,
        denominator="handled",
        below="those that were dispatched",
        better=Direction.LOWER,
        is_indicator=is_indicator,
    )


C, HIGHER, LOWER = Cohort, Direction.HIGHER, Direction.LOWER  # so that a row is short
_DUE, _CLOSED = ("due", "due"), ("closed", "closed")
_DISPATCHED = ("dispatched", "dispatched")
_TABLE = (
    _share(
        ("filing_rate", "立案率", "Filing rate"),
        C.REPORTED,
        ("filed", "filed by now, or settled at once by whoever reported it"),
        ("received", "reported"),
        HIGHER,
    ),
    _share(
        ("closing_rate", "结案率", "Closing rate"),
        C.DUE,
        ("due_closed", "closed by the end of the period"),
        _DUE,
        HIGHER,
        usual=(0.95, 0.90),
        weight=25,
    ),
    _share(
        ("on_time_rate", "按期结案率", "On-time closing"),
        C.DUE,
        ("due_on_time", "closed by the end of the period, and handled by when they were due"),
        _DUE,
        HIGHER,
        usual=(0.90, 0.80),
        weight=35,
    ),
    _share(
        ("first_time_rate", "一次办结率", "First-time rate"),
        C.CLOSED,
        ("first_time", "closed without rework, reopening or a wrong return"),
        _CLOSED,
        HIGHER,
        usual=(0.90, 0.80),
        weight=15,
    ),
    _share(
        ("rework_rate", "返工率", "Rework rate"),
        C.CLOSED,
        ("reworked", "sent back by a check at least once"),
        _CLOSED,
        LOWER,
        usual=(0.05, 0.10),
    ),
    _share(
        ("extension_rate", "延期率", "Extension rate"),
        C.DUE,
        ("extended", "extended at least once"),
        _DUE,
        LOWER,
        usual=(0.10, 0.20),
    ),
    _share(
        ("return_rate", "退单率", "Return rate"),
        C.DISPATCHED,
        ("returned", "returned at least once, rightly or wrongly"),
        _DISPATCHED,
        LOWER,
        usual=(0.05, 0.10),
    ),
    _share(
        ("correct_dispatch_rate", "派遣准确率", "Correct dispatch"),
        C.DISPATCHED,
        ("dispatched_right", "never returned but wrongly"),
        _DISPATCHED,
        HIGHER,
        usual=(0.95, 0.90),
    ),
    _share(
        ("satisfaction", "满意率", "Satisfaction"),
        C.CLOSED,
        ("satisfied", "rated as satisfied"),
        ("rated", "closed and rated"),
        HIGHER,
        usual=(0.95, 0.90),
        weight=15,
    ),
    _share(
        ("rated_share", "评价率", "Rated share"),
        C.CLOSED,
        ("rated", "rated by whoever reported it or on the telephone"),
        _CLOSED,
        HIGHER,
    ),
    _share(
        ("local_rate", "镇级以下办结率", "Solved at or below town level"),
        C.CLOSED,
        ("closed_locally", "dealt with by the grid, the chief or the town when closed"),
        _CLOSED,
        HIGHER,
    ),
    _share(
        ("repeat_rate", "重复上报率", "Repeat rate"),
        C.REPORTED,
        ("repeated", "of the same as an earlier case, and merged into it"),
        ("received", "reported"),
        LOWER,
        usual=(0.05, 0.10),
    ),
    _share(
        ("online_rate", "在线率", "Online rate"),
        C.DUTY,
        ("online_min", "minutes of it that fixes account for: no silence of over 5 minutes"),
        ("on_duty_min", "minutes on duty"),
        HIGHER,
        usual=(0.90, 0.80),
        weight=10,
    ),
    _share(
        ("coverage", "巡查覆盖率", "Coverage"),
        C.ROUNDS,
        ("reached", "checkpoints, cells or pieces of roads of them that were reached"),
        ("required", "those that had to be"),
        HIGHER,
        usual=(0.90, 0.80),
    ),
    _duration(
        ("handling_median", "处置时长中位数", "Median handling time"),
        "half of them were handled so soon after their last dispatch, holds included",
        is_indicator=True,
    ),
    _duration(
        ("handling_p90", "处置时长90分位", "90th percentile of handling time"),
        "nine of ten were handled so soon after their last dispatch, holds included",
    ),
    _share(
        ("excused_on_time_rate", "按期结案率（剔除免责）", "On-time closing, with exemptions"),
        C.DUE,
        ("due_excused", "closed by the end, and handled in time or excused after an appeal"),
        _DUE,
        HIGHER,
        is_indicator=False,
    ),
    _count("received", "受理数", "Received", C.REPORTED, "reported"),
    _count("filed", "立案数", "Filed", C.REPORTED, "filed by now, or settled at once"),
    _count("due", "应结案数", "Due", C.DUE, "due"),
    _count("closed", "结案数", "Closed", C.CLOSED, "closed, whenever they were due"),
    _count("open", "在办数", "Open", C.STANDING, "not closed, void or merged"),
    _count(
        "overdue",
        "超期未结数",
        "Overdue",
        C.STANDING,
        "open, due before, and neither handled nor on hold",
    ),
    _count("on_hold", "挂账数", "On hold", C.STANDING, "on hold"),
)
FIGURES: Mapping[str, Figure] = MappingProxyType({figure.code: figure for figure in _TABLE})
