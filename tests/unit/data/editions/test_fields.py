import pytest

from data.editions import GridFields
from gis.errors import InvalidInput


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["Name", "code", "parentCode"], GridFields(code="code", name="Name", parent="parentCode")),
        (["GRID_CODE", "GRID_NAME"], GridFields(code="GRID_CODE", name="GRID_NAME")),
        (
            ["网格编码", "网格名称", "上级网格编码", "网格级别"],
            GridFields(code="网格编码", name="网格名称", parent="上级网格编码", level="网格级别"),
        ),
        (["OBJECTID", "WGMC", "WGBM"], GridFields(code="WGBM", name="WGMC")),
        (
            ["adcode", "name", "parent", "level"],
            GridFields(code="adcode", name="name", parent="parent", level="level"),
        ),
    ],
)
def test_the_usual_names_are_recognised(fields: list[str], expected: GridFields) -> None:
    assert GridFields().detect(fields) == expected


def test_the_more_telling_of_two_names_wins() -> None:
    assert GridFields().detect(["编号", "网格编码"]).code == "网格编码"


def test_a_field_that_is_named_wins_over_the_usual_ones() -> None:
    assert GridFields(code="BH").detect(["code", "BH"]).code == "BH"


def test_a_named_field_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidInput, match="no field 'nome'; there are: code, name"):
        GridFields(name="nome").detect(["code", "name"])


def test_a_file_without_anything_like_a_code_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"there are: OBJECTID, 面积.*--code-field"):
        GridFields().detect(["OBJECTID", "面积"])
