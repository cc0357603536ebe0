"""What facilities are: a word for programs, and what people call it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gis.errors import InvalidInput

_LIMIT = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class KindTitle:
    zh: str
    en: str


def _titles(*rows: tuple[str, str, str]) -> Mapping[str, KindTitle]:
    return MappingProxyType({kind: KindTitle(zh=zh, en=en) for kind, zh, en in rows})


TITLES = _titles(
    ("street_lamp", "路灯", "Street lamp"),
    ("manhole", "井盖", "Manhole"),
    ("hydrant", "消防栓", "Hydrant"),
    ("trash_station", "垃圾收集点", "Trash station"),
    ("bus_stop", "公交站", "Bus stop"),
    ("subway_station", "地铁站", "Subway station"),
    ("toilet", "公共厕所", "Public toilet"),
    ("clinic", "卫生室", "Clinic"),
    ("hospital", "医院", "Hospital"),
    ("pharmacy", "药店", "Pharmacy"),
    ("school", "学校", "School"),
    ("kindergarten", "幼儿园", "Kindergarten"),
    ("nursing_home", "养老院", "Nursing home"),
    ("police_station", "派出所", "Police station"),
    ("fire_station", "消防站", "Fire station"),
    ("gas_station", "加油站", "Petrol station"),
    ("parking", "停车场", "Car park"),
    ("shelter", "避难场所", "Emergency shelter"),
)

_ALSO: Mapping[str, str] = MappingProxyType(
    {
        **{title.zh: kind for kind, title in TITLES.items()},
        "公交车站": "bus_stop",
        "公交车站相关": "bus_stop",
        **dict.fromkeys(("综合医院", "专科医院"), "hospital"),
        **dict.fromkeys(("诊所", "卫生院", "社区卫生服务中心"), "clinic"),
        **dict.fromkeys(("小学", "中学", "高等院校", "职业技术学校"), "school"),
    }
)


def read_kind(text: str) -> str:
    """The kind that a word means. A category of levels, as maps for the public have them
    (医疗保健服务;综合医院;三级甲等医院), means its second; of several (|) the first counts. A word that
    is not known is a kind of its own. Raises InvalidInput."""
    levels = [level.strip() for level in text.partition("|")[0].split(";") if level.strip()]
    # 学校 says less than the 幼儿园 below it.
    for word in (*levels[2:], *levels[1:2], *levels[:1]):
        if word in TITLES or word in _ALSO:
            return _ALSO.get(word, word)
    return read_one_kind(levels[min(1, len(levels) - 1)] if levels else "")


def read_one_kind(text: str) -> str:
    """The kind that a word means which somebody wrote by hand: one, without levels. Raises
    InvalidInput."""
    word = text.strip()
    if not word:
        raise InvalidInput("There is no kind (类型).", field="kind")
    if word in TITLES or word in _ALSO:
        return _ALSO.get(word, word)
    if len(word) > _LIMIT or not re.fullmatch(r"[\w ()（）/·&+.,-]+", word):
        raise InvalidInput(f"{word[:40]!r} is no word for a kind.", field="kind")
    return word


def title_of(kind: str) -> KindTitle:
    """What people call it: the word itself, if it is not known."""
    return TITLES.get(kind, KindTitle(zh=kind, en=kind))
