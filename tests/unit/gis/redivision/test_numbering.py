"""The name of a new grid beside others."""

import pytest
from shapely import MultiPolygon, box

from gis.grid import Grid
from gis.redivision.numbering import next_name


def called(name: str) -> Grid:
    area = MultiPolygon([box(0, 0, 1, 1)])
    return Grid(code=name, name=name, level=2, parent_code="P", geometry=area)


@pytest.mark.parametrize(
    ("name", "siblings", "following"),
    [
        ("第一网格", ["第三网格", "第二网格"], "第四网格"),
        ("张湾村第九网格", ["李湾村第十二网格"], "张湾村第十网格"),
        ("第十九网格", [], "第二十网格"),
        ("第2网格", ["第一网格"], "第3网格"),
        ("2号网格", ["10号网格", "街面网格"], "11号网格"),
        ("1-1网格", ["1-2网格", "2-7网格"], "1-3网格"),
        ("三组", ["第三组"], None),
        ("八一网格", [], None),
        ("人民路100号", [], None),
        ("第九十九网格", [], None),
        ("第一百网格", [], None),
        ("北组", ["第一网格"], None),
    ],
)
def test_a_name_goes_on_in_the_manner_of_its_siblings(
    name: str, siblings: list[str], following: str | None
) -> None:
    assert next_name(called(name), [called(each) for each in siblings]) == following
