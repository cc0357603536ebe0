"""Names of invented villages and people."""

from collections.abc import Iterator, Sequence

import numpy as np

TOWN = "安和镇"
COMMUNITIES = ("安和社区", "文昌社区", "北关社区", "河滨社区", "东关社区")
NEIGHBOURHOODS = (
    "安居苑", "和顺里", "老街口", "文昌里", "书院巷", "状元坊", "北门里", "供销社大院", "粮站大院",
    "柳岸花园", "滨河苑", "渔市巷", "东门里", "农机站",
)  # fmt: skip
_RIVERSIDE_VILLAGES = ("柳河村", "双桥村", "大湾村", "临河村", "沙洲村", "渡口村")
_VILLAGES = (
    "张圩村", "李集村", "大杨村", "王楼村", "陈桥村", "徐塘村", "高林村", "周庄村", "吴窑村",
    "沈墩村", "前营村", "北辛村", "马站村", "石桥村", "黄泥村", "朱堰村", "许巷村", "东寺村",
    "红旗村", "团结村", "新民村", "枣林村", "郑屯村", "三里村", "花园村", "丁口村",
)  # fmt: skip
_HAMLET_FAMILIES = "张王李赵陈刘杨黄周吴徐孙朱马胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡"
_HAMLET_KINDS = ("庄", "圩", "楼", "湾", "窑", "塘", "墩", "堰", "园", "巷", "老庄", "新庄")

_FAMILIES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史"
)
# Common family names come first above; this is how much more common.
_FAMILY_EXPONENT = 0.7
_GIVEN_MALE = (
    "伟", "强", "军", "磊", "勇", "杰", "涛", "超", "明", "刚", "平", "辉", "鹏", "斌", "波",
    "建国", "建军", "志强", "国庆", "海涛", "文斌", "晓东", "立新", "永福", "德胜", "家明",
    "浩然", "子轩", "俊杰", "宏伟", "卫东", "金龙", "长顺", "树林", "玉山", "春生", "学文",
    "兴华", "广志", "正阳",
)  # fmt: skip
_GIVEN_FEMALE = (
    "芳", "娜", "敏", "静", "丽", "艳", "娟", "霞", "玲", "燕", "秀英", "桂兰", "秀兰", "玉梅",
    "海燕", "丽娟", "晓梅", "雪梅", "春花", "红霞", "佳怡", "欣怡", "雨桐", "婷婷", "慧敏",
    "素珍", "爱华", "美玲", "小燕", "文静", "淑芬", "冬梅", "翠萍", "亚楠", "思雨",
)  # fmt: skip


def village_names(distances_to_river_m: Sequence[float], rng: np.random.Generator) -> list[str]:
    """A name for each village; those nearest to the river are named after it."""
    riverside = np.argsort(distances_to_river_m)[: len(_RIVERSIDE_VILLAGES)]
    inland = iter(rng.permutation(np.array(_VILLAGES)).tolist())
    by_river = dict(zip(riverside.tolist(), _RIVERSIDE_VILLAGES, strict=True))
    return [by_river.get(index) or next(inland) for index in range(len(distances_to_river_m))]


def hamlet_names(rng: np.random.Generator) -> Iterator[str]:
    """Different names without end in sight: 张庄, 何圩, 赵老庄..."""
    families = rng.permutation(np.array(list(_HAMLET_FAMILIES))).tolist()
    offset = int(rng.integers(len(_HAMLET_KINDS)))
    for turn in range(len(_HAMLET_KINDS)):
        for index, family in enumerate(families):
            kind = _HAMLET_KINDS[(offset + turn + index * 5) % len(_HAMLET_KINDS)]
            yield f"{family}{kind}"


def person_names(rng: np.random.Generator) -> Iterator[str]:
    """Different full names, family name first, as common as in life."""
    weights = (np.arange(len(_FAMILIES)) + 3.0) ** -_FAMILY_EXPONENT
    weights /= weights.sum()
    seen: set[str] = set()
    while True:
        family = _FAMILIES[int(rng.choice(len(_FAMILIES), p=weights))]
        given = _GIVEN_MALE if rng.random() < 0.58 else _GIVEN_FEMALE
        name = family + given[int(rng.integers(len(given)))]
        if name not in seen:
            seen.add(name)
            yield name
