"""How long something may take: so many hours or days, by the clock or in working time.

A table of categories writes a rule in a short form: `2h` (urgent hours), `3d` (natural days), `4wh`
(working hours), `5wd` (working days, to the close of the last one), `5wdh` (working days, by the hour).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from gis.errors import InvalidInput

MOST = 3650
"""The largest amount of a rule: of days, ten years."""


class RuleKind(StrEnum):
    URGENT_HOUR = "urgent_hour"
    NATURAL_DAY = "natural_day"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadlineRule:
    """`amount` hours or days. Working days end at the close of the last one, the day of the start not
    counted; `by_the_hour` they are so many times the length of a working day from the start on.

    Raises InvalidInput for what is no rule.
    """

    kind: RuleKind
    amount: int
    by_the_hour: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.amount <= MOST:
            raise InvalidInput(
                f"A term of {self.amount} cannot be; choose 1 to {MOST}.", field="amount"
            )
        if self.by_the_hour and self.kind is not RuleKind.WORK_DAY:
            raise InvalidInput("Only working days may be by the hour.", field="by_the_hour")

    @property
    def is_working_time(self) -> bool:
        """Whether it stands still outside of working hours."""
        return self.kind in (RuleKind.WORK_HOUR, RuleKind.WORK_DAY)

    @property
    def length(self) -> timedelta:
        """By the clock, as if every hour and day counted."""
        in_days = self.kind in (RuleKind.NATURAL_DAY, RuleKind.WORK_DAY)
        return timedelta(days=self.amount) if in_days else timedelta(hours=self.amount)

    def to_text(self) -> str:
        """The short form, which `read_rule` takes."""
        return f"{self.amount}{_UNITS[self.kind, self.by_the_hour]}"

    def to_words(self, language: str) -> str:
        """For people, in Chinese (`zh`) or else in English. `read_rule` takes the Chinese ones too."""
        if language == "zh":
            return f"{self.amount} {_WORDS_ZH[self.kind, self.by_the_hour]}"
        unit, more = _WORDS_EN[self.kind, self.by_the_hour]
        return f"{self.amount} {unit}{'' if self.amount == 1 else 's'}{more}"


_Form = tuple[RuleKind, bool]
_UNITS: Mapping[_Form, str] = MappingProxyType(
    {
        (RuleKind.URGENT_HOUR, False): "h",
        (RuleKind.NATURAL_DAY, False): "d",
        (RuleKind.WORK_HOUR, False): "wh",
        (RuleKind.WORK_DAY, False): "wd",
        (RuleKind.WORK_DAY, True): "wdh",
    }
)
_WORDS_ZH: Mapping[_Form, str] = MappingProxyType(
    {
        (RuleKind.URGENT_HOUR, False): "小时",
        (RuleKind.NATURAL_DAY, False): "个自然日",
        (RuleKind.WORK_HOUR, False): "个工作小时",
        (RuleKind.WORK_DAY, False): "个工作日",
        (RuleKind.WORK_DAY, True): "个工作日（按工时）",
    }
)
_WORDS_EN: Mapping[_Form, tuple[str, str]] = MappingProxyType(
    {
        (RuleKind.URGENT_HOUR, False): ("hour", ""),
        (RuleKind.NATURAL_DAY, False): ("day", ""),
        (RuleKind.WORK_HOUR, False): ("working hour", ""),
        (RuleKind.WORK_DAY, False): ("working day", ""),
        (RuleKind.WORK_DAY, True): ("working day", ", by the hour"),
    }
)
_TEXT = re.compile(r"([0-9]{1,6})\s*个?\s*(\D+)")
_READ: Mapping[str, _Form] = MappingProxyType(
    {unit: form for form, unit in _UNITS.items()}
    | {words.removeprefix("个"): form for form, words in _WORDS_ZH.items()}
    | {
        "紧急小时": (RuleKind.URGENT_HOUR, False),
        "天": (RuleKind.NATURAL_DAY, False),
        "日": (RuleKind.NATURAL_DAY, False),
        "工时": (RuleKind.WORK_HOUR, False),
        "工作日(按工时)": (RuleKind.WORK_DAY, True),
    }
)


def read_rule(text: str) -> DeadlineRule:
    """The rule of a short form or of Chinese words (`2小时`, `5 个工作日`). Raises InvalidInput."""
    read = _TEXT.fullmatch(text.strip())
    form = None if read is None else _READ.get(read[2].lower())
    if read is None or form is None:
        raise InvalidInput(
            f"{text[:30]!r} is no term; write one like 2h (hours), 3d (days), 4wh (working hours), 5wd "
            "(working days) or 5wdh (working days by the hour).",
            field="rule",
        )
    kind, by_the_hour = form
    return DeadlineRule(kind=kind, amount=int(read[1]), by_the_hour=by_the_hour)
