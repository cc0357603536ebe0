from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput, UnreadableFile
from patrol.clocks.calendar import SpecialDay
from patrol.clocks.days import check_days, read_day, read_days, table_rows

HEADINGS = ["日期", "类型", "名称"]
DAYS = st.lists(
    st.builds(
        SpecialDay,
        day=st.dates(date(2000, 1, 1), date(2100, 12, 31)),
        is_working=st.booleans(),
        name=st.sampled_from(["元旦", "春节调休", "Local holiday", "=1+1"]),
    ),
    unique_by=lambda each: each.day,
)


@given(DAYS)
def test_what_is_written_is_read_back(days: list[SpecialDay]) -> None:
    table = read_days("table", table_rows(days))
    assert (list(table.days), list(table.problems)) == (days, [])


@pytest.mark.parametrize(
    "text",
    ["2027-01-03", "2027/1/3", "2027.1.3", "2027年1月3日", "20270103", "2027-01-03 00:00:00"],
)
def test_a_date_is_read_as_people_write_it(text: str) -> None:
    [day] = read_days("table", [HEADINGS, [text, "班", "元旦调休"]]).days
    assert day == SpecialDay(day=date(2027, 1, 3), is_working=True, name="元旦调休")


def test_columns_stand_in_any_order_and_in_english() -> None:
    rows = [["Name", "note", "Date", "Kind"], ["New Year", "x", "2027-01-01", "Rest"], ["", ""]]
    [day] = read_days("table", rows).days
    assert day == SpecialDay(day=date(2027, 1, 1), is_working=False, name="New Year")


def test_a_row_that_cannot_be_used_is_named_with_what_to_do() -> None:
    rows = [
        HEADINGS,
        ["2027-01-01", "休", "元旦"],
        ["2027-02-30", "休", "春节"],
        ["2027-01-02", "也许", "元旦"],
        [],
        ["2027-01-03", "班", ""],
        ["2027-01-01", "班", "元旦"],
        ["1999-01-01", "休", "元旦"],
        ["2027-01-04"],
    ]
    table = read_days("table", rows)
    assert [each.day for each in table.days] == [date(2027, 1, 1)]
    said = {each.number: each.message for each in table.problems}
    assert said.keys() == {3, 4, 6, 7, 8, 9}
    assert "write it like 2027-01-01" in said[3]
    assert "write 休 or rest" in said[4]
    assert "give it a name" in said[6]
    assert "in row 2 already" in said[7]
    assert "2000 to 2100" in said[8]


@pytest.mark.parametrize(
    ("headings", "problem"),
    [([], "no heading 日期, 类型, 名称"), (["日期", "date", "类型", "名称"], "two columns")],
)
def test_what_is_no_such_table_is_refused(headings: list[str], problem: str) -> None:
    with pytest.raises(UnreadableFile, match=problem):
        read_days("table", [headings])


def test_a_name_is_one_line_of_text() -> None:
    day = date(2027, 1, 1)
    assert read_day(day, is_working=False, name=" 元旦\n放假 ").name == "元旦 放假"
    for name in ("x" * 51, "a\x00b"):
        with pytest.raises(InvalidInput, match="cannot be printed"):
            read_day(day, is_working=False, name=name)


def test_a_day_is_given_once() -> None:
    day = read_day(date(2027, 1, 1), is_working=False, name="元旦")
    with pytest.raises(InvalidInput, match="twice"):
        check_days([day, day])
