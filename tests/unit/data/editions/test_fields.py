import pytest

from data.editions import GridFields
from data.editions.fields import Certainty, choose
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
    with pytest.raises(InvalidInput, match=r"there are: OBJECTID, 面积.*code_field"):
        GridFields().detect(["OBJECTID", "面积"])


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_a_column_without_values_is_not_taken_while_another_fits(empty: object) -> None:
    fields = ["Name", "WGBM", "WGMC", "parent", "SJBM"]
    row = {"Name": empty, "WGBM": "1", "WGMC": "东片", "parent": empty, "SJBM": "7"}
    chosen = choose(fields, [row])
    assert (chosen["name"].field, chosen["parent"].field) == ("WGMC", "SJBM")
    assert chosen["name"].certainty is Certainty.CERTAIN
    assert chosen["name"].reason == "A usual name of it. Name is empty."


def test_a_column_that_is_remembered_gives_way_when_it_is_empty() -> None:
    remembered = GridFields(name="XM")
    row = {"code": "1", "XM": None, "name": "东片"}
    assert choose(list(row), [row], remembered=remembered)["name"].field == "name"
    row = {"code": "1", "XM": "西片", "name": "东片"}
    assert choose(list(row), [row], remembered=remembered)["name"].field == "XM"


def test_a_column_without_values_that_is_named_or_alone_is_taken() -> None:
    row = {"code": "1", "name": "", "WGMC": "东片"}
    assert choose(list(row), [row], named=GridFields(name="name"))["name"].field == "name"
    assert choose(["code", "name"], [row])["name"].field == "name"
