"""Categories as a table."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput, UnreadableFile
from patrol.categories.alias import read_aliases
from patrol.categories.built_in import BUILT_IN
from patrol.categories.category import USUAL_PHOTOS, DispatchRule, PhotoNeed
from patrol.categories.table import HEADER, CategoryTable, read_table, table_rows
from patrol.categories.tree import Categories

TREE = Categories(BUILT_IN.values())
NEEDED = ["代码", "名称", "时限"]


def read(*rows: list[str]) -> CategoryTable:
    return read_table("分类.csv", rows, TREE)


def test_what_was_written_is_read_again_as_it_was() -> None:
    table = read(*[list(row) for row in table_rows(TREE)])
    assert list(table.whole()) == list(TREE)


@given(st.lists(st.text('a灯;；"\n ', max_size=9), max_size=4))
def test_aliases_are_read_again_as_they_were(said: list[str]) -> None:
    aliases = read_aliases("other", said)
    [_, row] = table_rows([replace(BUILT_IN["other"], aliases=aliases)])
    [other] = read([*HEADER], [*row]).whole()
    assert other.aliases == aliases


def test_aliases_have_semicolons_or_lines_between_them() -> None:
    [lamp] = read(
        [*NEEDED, "上级", "别名"],
        ["facility.lamp", "路灯", "3d", "facility", "灯不亮； 灯坏;\n灯杆歪;灯坏"],
    ).whole()
    assert lamp.aliases == ("灯不亮", "灯坏", "灯杆歪")


def test_a_number_that_a_spreadsheet_has_shortened_is_whole_again() -> None:
    [lamp] = read(
        [*NEEDED, "上级", "编号"], ["facility.lamp", "路灯", "3d", "facility", "10101"]
    ).whole()
    assert lamp.number == "010101"


def test_a_column_that_is_not_there_leaves_what_is() -> None:
    [lamp, new] = read(
        NEEDED, ["facility.manhole", "窨井盖缺失", "2小时"], ["'newkind", "新大类", "5 个工作日"]
    ).whole()
    assert (lamp.title_zh, lamp.term, lamp.urgent, lamp.parent) == (
        "窨井盖缺失",
        "2h",
        True,
        "facility",
    )
    assert lamp.title_en == "Missing manhole cover"
    assert (new.code, new.term, new.number, new.photos) == ("newkind", "5wd", "0208", USUAL_PHOTOS)


def test_subcategories_may_stand_before_their_main_category() -> None:
    table = read(
        [*NEEDED, "parent", "kind"],
        ["market.stall", "摊位", "1d", "market", ""],
        ["market", "市场", "5d", "", "部件"],
        ["market.roof", "顶棚", "1d", "market", ""],
    )
    assert [(each.code, each.number, each.kind) for each in table.whole()] == [
        ("market.stall", "010401", "part"),
        ("market", "0104", "part"),
        ("market.roof", "010402", "part"),
    ]


def test_words_are_read_in_both_languages() -> None:
    header = [*NEEDED, "上级", "紧急", "照片", "派遣", "处置部门", "启用"]
    zh, en = read(
        header,
        ["order.a", "甲", "1d", "order", "是", "上报，处置反馈", "部门", "城管", "否"],
        ["order.b", "乙", "1d", "order", "yes", "report handling", "department", "城管", "no"],
    ).whole()
    for each in (zh, en):
        assert each.photos == {PhotoNeed.REPORT, PhotoNeed.HANDLING}
        assert (each.dispatch, each.department) == (DispatchRule.DEPARTMENT, "城管")
        assert (each.urgent, each.active) == (True, False)


def test_every_bad_row_is_told_with_its_reason() -> None:
    table = read(
        [*NEEDED, "上级", "紧急", "派遣"],
        ["order.a", "甲", "soon", "order", "", ""],
        ["order.b", "乙", "1d", "order", "maybe", ""],
        ["order.c", "丙", "1d", "order", "", ""],
        ["order.c", "丁", "1d", "order", "", ""],
        [],
        ["order.d", "", "1d", "order", "", ""],
        ["order.e", "戊", "1d", "nowhere", "", ""],
        ["order.f", "己", "1d", "order", "", "部门"],
        ["order.g", "庚", "1d", "order", "", "whoever"],
    )
    assert [each.row for each in table.problems] == [2, 3, 5, 7, 8, 9, 10]
    reasons = ["'soon' is no term", "是 or 否", "in row 4 already", "no title", "'nowhere'"]
    for problem, reason in zip(
        table.problems, [*reasons, "`department`", "网格 or grid"], strict=True
    ):
        assert reason in problem.message
    with pytest.raises(InvalidInput, match=r"Nothing was changed\. Row 2: .*Row 10:"):
        table.whole()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["代码", "名称"], ["a", "b"]], r"no heading 时限 \(term\)"),
        ([["代码", "code", "名称", "时限"]], "two columns for code"),
        ([], "no heading"),
    ],
)
def test_what_is_no_such_table_is_refused(rows: list[list[str]], words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        read(*rows)


def test_a_table_of_headings_only_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no categories below its headings"):
        read(NEEDED)
