"""What a case can be about, and how long its handling may take."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gis.errors import InvalidInput


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """`term` is how long the handling may take from the dispatch, a rule in its short form
    (`patrol.clocks.rule`). A case of an `urgent` category is urgent unless its report says otherwise."""

    code: str
    title_zh: str
    title_en: str
    term: str
    urgent: bool = False


def _category(code: str, zh: str, en: str, term: str, *, urgent: bool = False) -> Category:
    return Category(code=code, title_zh=zh, title_en=en, term=term, urgent=urgent)


OTHER = _category("other", "其他", "Other", "5d")

CATEGORIES: Mapping[str, Category] = MappingProxyType(
    {
        category.code: category
        for category in (
            _category("environment.garbage", "垃圾堆放", "Dumped garbage", "1d"),
            _category("environment.water", "河道污染", "Polluted watercourse", "3d"),
            _category("facility.lamp", "路灯损坏", "Broken street lamp", "3d"),
            _category("facility.manhole", "井盖缺失", "Missing manhole cover", "4h", urgent=True),
            _category("facility.road", "道路破损", "Damaged road", "5d"),
            _category("order.parking", "违规停车", "Illegal parking", "8h"),
            _category("order.construction", "违章搭建", "Illegal construction", "15d"),
            _category("safety.fire", "消防隐患", "Fire hazard", "8h", urgent=True),
            _category("safety.help", "人员求助", "Call for help", "1h", urgent=True),
            _category("safety.dog", "犬只扰民", "Dog nuisance", "2d"),
            _category("dispute.neighbour", "邻里纠纷", "Neighbours' dispute", "7d"),
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
