"""The 58 attribute tables of a collection of village borders: which columns say what.

Written down by hand from the names. `None` for the code means that no name says it: a person must, or
the file has none.
"""

import json
from pathlib import Path

import pytest

from data.editions.fields import Certainty, GridFields, choose, taken
from data.files.headings import recovered_all
from gis.errors import InvalidInput

NONE: tuple[None, None, None] = (None, None, None)
# By the file's name: code, name, parent.
EXPECTED: dict[str, tuple[str | None, str | None, str | None]] = {
    "上海村居边界WGS84-纠偏.shp": ("编码", "名称", "街道代"),
    "上海村居边界WGS84.shp": ("编码", "名称", "街道代"),
    "上海村社区界.shp": ("BLOCK_CODE", "BLOCK_NAME", "STREETCODE"),
    "云南省村级界线_GJ.shp": ("PAC", "NAME", "UPPAC"),
    "内蒙古自治区村界WGS84.shp": ("CODE", "NAME", "TOWN_CODE"),
    "内蒙古村界2000坐标.shp": ("CODE", "NAME", "TOWN_CODE"),
    "北京村界.shp": ("XZQDM", "XZQMC", None),
    "吉林省国土村界.shp": ("code", "name", "pcode"),
    "四川省_村界.shp": ("村级码", "村级名", "乡镇码"),
    "天津市各村居2021.shp": ("comid", "comname", "StreetID"),
    "宁夏回族自治区村界2021.shp": ("村代码", "村名", "乡代码"),
    "安徽省村居界4490.shp": ("CUN", "CUN_MC", "XIANG"),
    "山东村边界.shp": ("code", "XZQMC", None),
    "山东村边界（修正版）.shp": ("code", "XZQMC", "镇代码_"),
    "山西省村界.shp": ("村级码", "村级名", "乡镇码"),
    "中山市.shp": ("PAC", "NAME", None),
    "遂溪县.shp": ("PAC", "NAME", None),
    "惠州数据.shp": ("PAC", "NAME", None),
    "广东省CJ.shp": ("PAC", "NAME", "乡镇码"),
    "广西壮族自治区村居界4490.shp": ("code", "name", None),
    "新疆维吾尔自治区村界WGS84-2021B.shp": ("cun", "cun_name", "xiang"),
    "江苏省行政村.shp": ("CODE", "NAME", "adcode"),
    "江西省村界WGS84.shp": ("area_code", "area_name", "parent_are"),
    "江西CJ.shp": ("XZQDM", "XZQMC", None),
    "河北省行政村界1.shp": ("DJZQDM", "DJZQMC", "乡镇码"),
    "河南村界wgs1984.shp": ("村代码", "村名称", "乡镇代"),
    "浙江村界.shp": ("sqbm", "sqmc", None),
    "2浙江省村界1/浙江村界.shp": ("村代码", "村级", "乡镇码"),
    "海南村界.shp": ("XZQDM", "XZQMC", None),
    "湖南省村庄面1.shp": ("CJDCQDM", "CJDCQMC", "XZXZQDM"),
    "甘肃省村界.shp": ("村级码", "村级名", "乡镇码"),
    "35福建省村边界.shp": ("CUNDM", "CUNMC", "乡镇码"),
    "西藏自治区国土三调村界.shp": ("code", "name", "pcode"),
    "贵州省各村居界4490.shp": ("XZQDM", "XZQMC", "XJDM"),
    "21辽宁村边界.shp": ("CUNDM", "CUNMC", "QXDM"),
    "重庆市社区村界4490-统计.shp": ("SQCDM", "SQCMC", "XZJDM"),
    "陕西省_行政边界市界.shp": ("Code", "Name", None),
    "陕西省_行政边界区县界.shp": ("Code", "Name", None),
    "青海省村级区划4490.shp": ("XZQDM", "XZQMC", None),
    "若干选区.shp": ("CACODE", "CNAME", "DISTRICT_C"),
    "香港选区统计区单元区/行政区划/行政区划.shp": ("AREA_CODE", "NAME_TC", None),
    "黑龙江省村界 - 纠偏.shp": ("村代码", "村名称", "乡代码"),
    "黑龙江省村界.shp": ("村代码", "村名称", "乡代码"),
    "中国龙江森林工业集团林场边界4490.shp": ("XZQDM", "XZQMC", None),
    "黑龙江北大荒农垦集团农场边界4490.shp": ("XZQDM", "XZQMC", None),
}
CANNOT = {
    "湖北村边界.shp": "it has names of all levels and no code",
    "C_陕西省.shp": "BSM numbers features; an export numbers them anew",
    "陕西乡镇界.shp": "it has a name only",
    "澳门堂区统计区/行政区划/行政区划.shp": "it has names and identifiers of the database only",
    "澳门统计区（WGS84坐标系）.shp": "ZONA is a number of the statistics: somebody must say so",
    "澳门统计区（澳门方格网坐标系）.shp": "ZONA is a number of the statistics: somebody must say so",
    "进一步划分的单元区.shp": "four numbers together tell a unit from another",
    "乡郊代表选举边界.shp": "it has names in three ways of writing and no code",
    "大兴安岭森工林业局边界WGS84.shp": "nothing says whether LIN_YE_JU is a code or a name",
    "大兴安岭森工林场边界WGS84.shp": "nothing says whether LIN_CHANG is a code or a name",
    "伊春森工局场界WGS84.shp": "LIN_CHANG is a number within a bureau",
    "中国龙江森林工业集团管局边界4490.shp": "LIN_YE_JU is the bureau's number by the width only",
    "黑龙江北大荒农垦集团农垦管局边界4490.shp": "Id is a counter",
}


@pytest.fixture(scope="module")
def schemas(real_data: Path) -> dict[str, list[str]]:
    """The names of the fields by the path of the file."""
    path = real_data / "village_schema_metadata" / "metadata.json"
    provinces = json.loads(path.read_text(encoding="utf-8"))["provinces"]
    return {
        dataset["file"]: [field["name"] for field in dataset["fields"]]
        for province in provinces.values()
        for dataset in province["datasets"]
    }


def known_as(file: str, table: dict[str, object]) -> list[str]:
    """The keys of the table that the path ends with, the longest first."""
    return sorted((key for key in table if f"/{file}".endswith(f"/{key}")), key=len, reverse=True)


def test_of_58_schemas_45_map_without_a_hand(schemas: dict[str, list[str]]) -> None:
    assert (len(schemas), len(EXPECTED), len(CANNOT)) == (58, 45, 13)
    for file, fields in schemas.items():
        if not (keys := known_as(file, dict(EXPECTED))):
            continue
        found = GridFields().detect(recovered_all(fields))
        assert (found.code, found.name, found.parent) == EXPECTED[keys[0]], file


def test_the_other_13_are_refused_and_nothing_is_made_up(schemas: dict[str, list[str]]) -> None:
    for file, fields in schemas.items():
        if known_as(file, dict(EXPECTED)):
            continue
        assert known_as(file, dict(CANNOT)), file
        choices = choose(recovered_all(fields))
        assert "code" not in choices or choices["code"].certainty is Certainty.POSSIBLE, file
        with pytest.raises(InvalidInput, match="No field looks like the grid's code"):
            taken(choices, fields)
