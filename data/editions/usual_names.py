"""What columns of grids, villages and districts are called, in Chinese, in pinyin and in English.

Compared without case, "_", "-", "." and blanks. The initials are those of the standards of the surveys:
XZQDM 行政区代码, CJDCQDM 村级调查区代码, DJZQDM 地籍子区代码, ZLDWDM 坐落单位代码, PAC 行政区划代码.
"""

from collections.abc import Mapping

GRID_CODES = (
    *("code", "gridcode", "网格编码", "网格编号", "网格代码", "wgbm", "wgbh", "wgdm"),
    *("编码", "编号", "代码"),
)
GRID_NAMES = ("name", "gridname", "网格名称", "wgmc", "名称", "网格名")

# The ladder of divisions, the finest first: of each rung its codes and its names.
VILLAGE_CODES = (
    *("村级码", "村代码", "村编码", "村级代码", "村居编码", "村居代码", "社区编码", "社区代码"),
    *("行政村代码", "村委会代码", "居委会代码", "cundm", "cunbm", "sqbm", "sqdm", "sqcdm"),
    *("cjdcqdm", "djzqdm", "villagecode", "blockcode", "communitycode", "comid", "cun"),
)
VILLAGE_NAMES = (
    *("村级名", "村名称", "村名", "村级名称", "村居名称", "社区名称", "行政村名称", "cunmc"),
    *("sqmc", "sqcmc", "cjdcqmc", "djzqmc", "cjgzqymc", "villagename", "blockname"),
    *("communityname", "comname", "cunname", "村级", "行政村"),
)
TOWN_CODES = (
    *("乡镇码", "乡镇代码", "乡镇编码", "乡代码", "镇代码", "乡级代码", "街道码", "街道代码"),
    *("街道编码", "towncode", "xzxzqdm", "xzjdm", "xzdm", "xiangdm", "jddm", "xjdm"),
    *("streetcode", "streetid", "xiang"),
)
TOWN_NAMES = (
    *("乡镇名", "乡镇名称", "乡名称", "镇名称", "街道名称", "乡镇级", "townname", "xzxzqmc"),
    *("xzjmc", "xzmc", "xiangmc", "jdmc", "xjmc", "streetname", "xiangname"),
)
COUNTY_CODES = (
    *("区县码", "区县代码", "县区码", "县区代码", "县代码", "区代码", "countycode", "xjxzqdm"),
    *("qxdm", "xiandm", "districtcode", "districtid", "distid", "adcode", "xian"),
)
COUNTY_NAMES = (
    *("区县级", "区县名", "区县名称", "县区名", "县名称", "countyname", "xjxzqmc", "qxmc"),
    *("xianmc", "distname", "xianname"),
)

DIVISION_CODES = (
    *("xzqdm", "xzqhdm", "区划代码", "行政区代码", "行政区划代码", "pac", "areacode", "adcode"),
    *("cacode", "zldwdm"),
)
DIVISION_NAMES = ("xzqmc", "行政区名称", "区划名称", "areaname", "mc", "cname", "zldwmc", "nametc")

PARENTS = (
    *("parentcode", "parent", "pcode", "parentgrid", "parentareacode", "uppac", "上级网格编码"),
    *("上级网格", "上级编码", "上级代码", "父级编码", "父网格编码", "所属网格编码", "所属网格"),
    *("sjwgbm", "sjbm"),
)
LEVELS = ("level", "gridlevel", "网格级别", "网格层级", "级别", "层级", "wgjb")
LEVELS_OF_DIVISIONS = ("arealevel", "xzqjb", "行政级别")

IDENTIFIERS = ("bsm", "标识码", "gid", "id", "objectid", "fid", "zona")
"""Told apart by these, but only as long as nobody exports the file again."""

ENDINGS_OF_NAMES = ("名称", "名", "name", "mc", "tc", "sc")

CODE_OF_A_PAIR: Mapping[str, tuple[str, ...]] = {
    "cun": ("cunmc", "cunname"),
    "xiang": ("xiangmc", "xiangname"),
    "xian": ("xianmc", "xianname"),
}
"""A bare word is a code where its name stands beside it."""


def word(field: str) -> str:
    """The name as it is compared."""
    folded = field.casefold()
    for sign in "_-. ":
        folded = folded.replace(sign, "")
    return folded
