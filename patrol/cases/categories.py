"""What a case can be about, and how long its handling may take."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gis.errors import InvalidInput


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """`deadline_h` hours run on by day and night from the dispatch. A case of an `urgent` category is
    urgent unless its report says otherwise."""

    code: str
    title_zh: str
    title_en: str
    deadline_h: int
    urgent: bool = False


def _category(code: str, zh: str, en: str, deadline_h: int, *, urgent: bool = False) -> Category:
    return Category(code=code, title_zh=zh, title_en=en, deadline_h=deadline_h, urgent=urgent)


OTHER = _category("other", "其他", "Other", 120)

CATEGORIES: Mapping[str, Category] = MappingProxyType(
    {
        category.code: category
        for category in (
            _category("environment.garbage", "垃圾堆放", "Dumped garbage", 24),
            _category("environment.water", "河道污染", "Polluted watercourse", 72),
            _category("facility.lamp", "路灯损坏", "Broken street lamp", 72),
            _category("facility.manhole", "井盖缺失", "Missing manhole cover", 4, urgent=True),
            _category("facility.road", "道路破损", "Damaged road", 120),
            _category("order.parking", "违规停车", "Illegal parking", 8),
            _category("order.construction", "违章搭建", "Illegal construction", 360),
            _category("safety.fire", "消防隐患", "Fire hazard", 8, urgent=True),
            _category("safety.help", "人员求助", "Call for help", 1, urgent=True),
            _category("safety.dog", "犬只扰民", "Dog nuisance", 48),
            _category("dispute.neighbour", "邻里纠纷", "Neighbours' dispute", 168),
            OTHER,
        )
    }
)


def category_of(code: str) -> Category:
    """The category with this code. Raises InvalidInput, naming those there are."""
    try:
        return CATEGORIES[code]
    except KeyError:
        raise InvalidInput(
            f"There is no category {code!r}; choose one of {', '.join(CATEGORIES)}.",
            field="category",
            code="unknown_category",
        ) from None
