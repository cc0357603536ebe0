"""The categories that every installation begins with, in the manner of GB/T 30428.2: main categories of
parts (部件) and events (事件), each with its subcategories."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from patrol.categories.category import (
    USUAL_PHOTOS,
    Category,
    CategoryKind,
    CategoryOrigin,
    PhotoNeed,
)

OTHER = "other"
"""What fits nowhere, and what a report is about that does not say."""

_NO_PHOTOS: frozenset[PhotoNeed] = frozenset()  # nothing to be seen of it, or nobody's business
_Row = tuple[str, str, str, str] | tuple[str, str, str, str, bool]
"""Its code below the main category, Chinese and English title, term, and whether it is urgent."""


def _main(
    number: str,
    code: str,
    titles: tuple[str, str],
    rows: Sequence[_Row] = (),
    *,
    photos: frozenset[PhotoNeed] = USUAL_PHOTOS,
) -> list[Category]:
    kind = CategoryKind.PART if number.startswith("01") else CategoryKind.EVENT
    main = Category(
        code=code,
        number=number,
        kind=kind,
        title_zh=titles[0],
        title_en=titles[1],
        photos=photos,
    )
    return [
        main,
        *(
            Category(
                code=f"{code}.{row[0]}",
                parent=code,
                number=f"{number}{ordinal:02}",
                kind=kind,
                title_zh=row[1],
                title_en=row[2],
                term=row[3],
                urgent=len(row) > 4,
                photos=photos,
            )
            for ordinal, row in enumerate(rows, start=1)
        ),
    ]


_URGENT = True
_ALL = (
    *_main(
        *("0101", "facility", ("公用设施", "Public facilities")),
        [
            ("lamp", "路灯损坏", "Broken street lamp", "3d"),
            ("manhole", "井盖缺失", "Missing manhole cover", "4h", _URGENT),
            ("road", "道路破损", "Damaged road", "5d"),
            ("pipe", "供水管漏水", "Leaking water pipe", "8h"),
            ("drain", "雨水箅子堵塞", "Blocked storm drain", "8h"),
            ("cable", "电力通信设施损坏", "Damaged power or telecom box", "1d"),
            ("hydrant", "消防栓损坏", "Broken hydrant", "1d"),
            ("bin", "垃圾箱损坏", "Broken litter bin", "2d"),
            ("toilet", "公共厕所损坏", "Public toilet out of order", "2d"),
            ("fitness", "健身设施损坏", "Broken fitness equipment", "5d"),
        ],
    ),
    *_main(
        *("0102", "traffic", ("道路交通设施", "Traffic facilities")),
        [
            ("light", "交通信号灯故障", "Traffic light out of order", "4h", _URGENT),
            ("sign", "交通标志损坏", "Damaged traffic sign", "2d"),
            ("guardrail", "护栏损坏", "Damaged guard rail", "2d"),
            ("bridge", "桥梁涵洞损坏", "Damaged bridge or culvert", "5d"),
        ],
    ),
    *_main(
        *("0103", "greening", ("园林绿化", "Trees and greens")),
        [
            ("tree", "树木倒伏", "Fallen tree", "1d"),
            ("lawn", "绿地破损", "Damaged green", "5d"),
        ],
    ),
    *_main(
        *("0201", "environment", ("市容环境", "Environment")),
        [
            ("garbage", "垃圾堆放", "Dumped garbage", "1d"),
            ("water", "河道污染", "Polluted watercourse", "3d"),
            ("dirt", "道路不洁", "Dirty road", "1d"),
            ("rubble", "积存渣土", "Heap of rubble", "2d"),
            ("overflow", "垃圾箱满溢", "Overflowing litter bin", "8h"),
            ("burning", "露天焚烧", "Open burning", "4h"),
            ("smoke", "油烟污染", "Cooking fumes", "3d"),
            ("noise", "噪声扰民", "Noise", "1d"),
            ("flood", "道路积水", "Flooded road", "8h"),
            ("carcass", "动物尸体", "Dead animal", "1d"),
        ],
    ),
    *_main(
        *("0202", "advertising", ("宣传广告", "Advertising")),
        [
            ("poster", "非法小广告", "Illegal posters", "2d"),
            ("sign", "违规户外广告", "Illegal signboard", "7d"),
        ],
    ),
    *_main(
        *("0203", "construction", ("施工管理", "Building sites")),
        [
            ("dust", "工地扬尘", "Dust of a building site", "1d"),
            ("night", "夜间施工扰民", "Building at night", "8h"),
            ("spill", "渣土车遗撒", "Spilt load", "8h"),
            ("digging", "擅自挖掘道路", "Road dug up without permission", "2d"),
        ],
    ),
    *_main(
        *("0204", "order", ("街面秩序", "Order in the streets")),
        [
            ("parking", "违规停车", "Illegal parking", "8h"),
            ("construction", "违章搭建", "Illegal construction", "15d"),
            ("stall", "占道经营", "Stall in the road", "8h"),
            ("shopfront", "店外经营", "Goods outside of a shop", "1d"),
            ("piling", "乱堆物料", "Piled up goods", "1d"),
            ("bicycle", "非机动车乱停放", "Badly parked bicycles", "8h"),
            ("farmland", "违法占用耕地", "Building on farmland", "15d"),
        ],
    ),
    *_main(
        *("0205", "safety", ("公共安全", "Public safety")),
        [
            ("fire", "消防隐患", "Fire hazard", "8h", _URGENT),
            ("help", "人员求助", "Call for help", "1h", _URGENT),
            ("dog", "犬只扰民", "Dog nuisance", "2d"),
            ("collapse", "路面塌陷", "Collapsed road", "4h", _URGENT),
            ("gas", "燃气泄漏", "Gas leak", "1h", _URGENT),
            ("wire", "线缆掉落", "Fallen wire", "4h", _URGENT),
            ("drowning", "水域安全隐患", "Danger of drowning", "8h"),
        ],
    ),
    *_main(
        *("0206", "dispute", ("矛盾纠纷", "Disputes")),
        [
            ("neighbour", "邻里纠纷", "Neighbours' dispute", "7d"),
            ("family", "家庭纠纷", "Family dispute", "7d"),
            ("wages", "劳资纠纷", "Dispute over wages", "7d"),
            ("land", "土地权属纠纷", "Dispute over land", "15d"),
        ],
        photos=_NO_PHOTOS,
    ),
    *_main(
        *("0207", "service", ("民生服务", "Help for people")),
        [
            ("elderly", "老人关爱", "Care for the elderly", "3d"),
            ("advice", "政策咨询", "Question about rules", "3d"),
        ],
        photos=_NO_PHOTOS,
    ),
    *_main("0299", OTHER, ("其他", "Other")),
)
BUILT_IN: Mapping[str, Category] = MappingProxyType({each.code: each for each in _ALL})
"""By code."""


def origin_of(category: Category) -> CategoryOrigin:
    built_in = BUILT_IN.get(category.code)
    if built_in is None:
        return CategoryOrigin.ADDED
    return CategoryOrigin.BUILT_IN if category == built_in else CategoryOrigin.CHANGED
