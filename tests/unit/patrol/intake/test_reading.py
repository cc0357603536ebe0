from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.coordinates import read_position
from gis.crs import Crs, from_wgs84
from gis.errors import InvalidInput, UnreadableFile
from gis.local_time import LOCAL
from patrol.cases.case import Source
from patrol.categories.built_in import BUILT_IN
from patrol.categories.tree import Categories
from patrol.intake.columns import Field, columns_of, read_mapping
from patrol.intake.sheet import read_tickets
from patrol.intake.ticket import Reading
from patrol.intake.times import read_time

KNOWN = Categories(BUILT_IN.values())

NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
USUAL = [
    "工单编号",
    "诉求内容",
    "经度",
    "纬度",
    "诉求类别",
    "受理时间",
    "办结时间",
    "状态",
    "坐标系",
]


def reading(**changes: Any) -> Reading:
    usual = {
        "source": Source.HOTLINE,
        "crs": Crs.WGS84,
        "zone": LOCAL,
        "history": False,
        "categories": KNOWN,
        "read_position": read_position,
        "now": NOW,
    }
    return Reading(**{**usual, **changes})


def read(*rows: list[str], header: list[str] = USUAL, **changes: Any) -> Any:
    return read_tickets("list.csv", [header, *rows], reading(**changes), mapping={})


def reason(*row: str, **changes: Any) -> str:
    [refused] = read([*row], **changes).refused
    return str(refused.reason)


def test_a_row_is_a_ticket() -> None:
    [ticket] = read(
        ["20261127-1", "路灯不亮", "118.6", "34.5", "路灯损坏", "2026/11/27 08:30"]
    ).tickets
    report = ticket.report
    assert (ticket.row, ticket.number, report.description) == (2, "20261127-1", "路灯不亮")
    assert (report.lon, report.lat, report.category) == (118.6, 34.5, "facility.lamp")
    assert (report.source, ticket.category_said) == (Source.HOTLINE, "路灯损坏")
    assert ticket.told_at == datetime(2026, 11, 27, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("phone", "kept"),
    [("+86 138 1234 5678", "13812345678"), ("138****5678", "138****5678"), ("", None)],
)
def test_a_telephone_has_one_form_and_what_a_list_has_masked_stays(
    phone: str, kept: str | None
) -> None:
    header = [*USUAL[:4], "联系电话"]
    [ticket] = read(["20261127-1", "路灯不亮", "118.6", "34.5", phone], header=header).tickets
    assert ticket.report.reporter == kept


def test_columns_are_found_by_their_usual_names() -> None:
    header = [
        "序号",
        "工单编号",
        "诉求内容",
        "诉求人",
        "联系电话",
        "经度(WGS84)",
        "纬度(WGS84)",
        "备注",
    ]
    assert columns_of("x", header, {}) == {
        Field.NUMBER: "工单编号",
        Field.DESCRIPTION: "诉求内容",
        Field.REPORTER: "诉求人",
        Field.PHONE: "联系电话",
        Field.LON: "经度(WGS84)",
        Field.LAT: "纬度(WGS84)",
    }


def test_whoever_imports_may_say_what_a_column_is() -> None:
    header = ["no", "what", "E", "N", "status"]
    chosen = read_mapping(["no=number", "what=description", "E=lon", "N = lat", "status="])
    assert columns_of("x", header, chosen) == {
        Field.NUMBER: "no",
        Field.DESCRIPTION: "what",
        Field.LON: "E",
        Field.LAT: "N",
    }
    for wrong in ({"none": "number"}, {"no": "nothing"}):
        with pytest.raises(InvalidInput):
            columns_of("x", header, wrong)
    with pytest.raises(InvalidInput):
        read_mapping(["number"])


@pytest.mark.parametrize(
    "header",
    [
        ["内容", "经度", "纬度"],
        ["编号", "经度", "纬度"],
        ["编号", "内容", "经度"],
        ["编号", "编号"],
        [""],
    ],
)
def test_a_table_without_what_a_ticket_needs_is_no_list(header: list[str]) -> None:
    with pytest.raises(UnreadableFile):
        read(header=header)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("", "x", "118.6", "34.5"), "no number"),
        (("2.02611E+13", "x", "118.6", "34.5"), "make the column text"),
        (("1", "", "118.6", "34.5"), "description is empty"),
        (("1", "x", "", "34.5"), "no position"),
        (("1", "x", "118.6"), "no position"),
        (("1", "x", "东", "34.5"), "'东' is not a number"),
        (("1", "x", "nan", "34.5"), "finite"),
        (("1", "x", "118", "34"), "whole degrees"),
        (("1", "x", "0", "0"), "whole degrees"),
        (("1", "x", "34.5", "118.6"), "swapped"),
        (("1", "x", "118.6", "34.5", "", "昨天"), "no time"),
        (("1", "x", "118.6", "34.5", "", "2026-11-28 08:00"), "still to come"),
        (("1", "x", "118.6", "34.5", "", "2026-11-02", "2026-11-01"), "before it was told"),
        (("1", "x", "118.6", "34.5", "", "", "2026-11-01"), "when it was told"),
        (("1", "x", "118.6", "34.5", "", "2026-11-01", "", "已办结"), "without the time"),
        (("1", "x", "118.6", "34.5", "", "", "", "", "北京54"), "no coordinate system"),
        (("1", "x\x00", "118.6", "34.5"), "control character"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(row: tuple[str, ...], words: str) -> None:
    assert words in reason(*row)


def test_an_old_case_needs_its_time() -> None:
    assert "when it was told" in reason("1", "x", "118.6", "34.5", history=True)


def test_a_number_that_is_there_twice_is_refused_the_second_time() -> None:
    sheet = read(["1", "x", "118.6", "34.5"], ["", "", "", ""], ["1", "y", "118.6", "34.5"])
    assert [ticket.report.description for ticket in sheet.tickets] == ["x"]
    assert [(each.row, each.number) for each in sheet.refused] == [(4, "1")]
    assert sheet.refused[0].reason == "Its number is in row 2 already."


def test_a_row_may_say_its_coordinate_system() -> None:
    lon, lat = from_wgs84(118.6, 34.5, Crs.BD09)
    row = ["1", "x", str(lon), str(lat), "", "", "", ""]
    [by_row] = read([*row, "百度坐标系"], crs=Crs.GCJ02).tickets
    [by_file] = read([*row, ""], crs=Crs.BD09).tickets
    for ticket in (by_row, by_file):
        assert (ticket.report.lon, ticket.report.lat) == pytest.approx((118.6, 34.5), abs=1e-7)


def test_a_ticket_is_of_the_category_that_its_word_is_an_alias_of() -> None:
    lamp = replace(KNOWN.of("facility.lamp"), aliases=("路灯不亮（夜间）",))
    sheet = read(
        ["1", "x", "118.6", "34.5", " 路灯不亮(夜间) "],
        ["2", "x", "118.6", "34.5", "灯不亮"],
        categories=KNOWN.with_changed([lamp]),
    )
    said = [(each.report.category, each.category_said) for each in sheet.tickets]
    assert said == [("facility.lamp", "路灯不亮(夜间)"), ("other", "灯不亮")]


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-11-27 08:30", "Asia/Shanghai", "2026-11-27T00:30:00Z"),
        ("2026年1月7日 8时30分5秒", "Asia/Shanghai", "2026-01-07T00:30:05Z"),
        ("2026/1/7", "Asia/Shanghai", "2026-01-06T16:00:00Z"),
        ("2026-11-27T08:30:00.000", "Asia/Shanghai", "2026-11-27T00:30:00Z"),
        ("2026-11-27T08:30:00+01:00", "Asia/Shanghai", "2026-11-27T07:30:00Z"),
        ("04/12/2018 11:11:26 AM", "America/New_York", "2018-04-12T15:11:26Z"),
        ("12/31/2018 12:05:00 AM", "America/New_York", "2018-12-31T05:05:00Z"),
    ],
)
def test_times_are_read_as_lists_write_them(text: str, zone: str, expected: str) -> None:
    assert read_time(text, ZoneInfo(zone)) == datetime.fromisoformat(expected)


@given(
    st.datetimes(
        min_value=datetime(1950, 1, 1),  # noqa: DTZ001
        max_value=datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=st.just(timezone(timedelta(hours=-5))),
    ),
    st.sampled_from(
        ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%Y年%m月%d日 %H:%M:%S"]
    ),
)
def test_what_is_written_is_read(at: datetime, form: str) -> None:
    at = at.replace(microsecond=0)
    assert read_time(at.strftime(form), at.tzinfo or UTC) == at


@given(st.text(max_size=40))
def test_whatever_else_is_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert read_time(text, UTC).tzinfo is UTC


@given(st.lists(st.lists(st.none() | st.text(max_size=12), max_size=10), max_size=6))
def test_every_row_is_a_ticket_or_refused_or_empty(rows: list[list[str | None]]) -> None:
    sheet = read_tickets("x", [USUAL, *rows], reading(), mapping={})
    numbers = [ticket.row for ticket in sheet.tickets] + [each.row for each in sheet.refused]
    assert len(set(numbers)) == len(numbers)
    said = {
        n for n, row in enumerate(rows, start=2) if any((cell or "").strip("' ") for cell in row)
    }
    assert set(numbers) <= said


def test_a_ticket_has_its_own_deadline_unless_that_cannot_be() -> None:
    header = [*USUAL, "办结期限"]
    row = ["20261127-1", "路灯不亮", "118.6", "34.5", "路灯损坏", "2026/11/27 08:30"]
    row += [""] * (len(USUAL) - len(row))
    found = read(
        [*row, "2026/11/28 08:30"],
        ["20261127-2", *row[1:], "2026/11/26 08:30"],
        ["20261127-3", *row[1:], "9998/11/26 08:30"],
        header=header,
    )
    [ticket] = found.tickets
    assert ticket.due_at == datetime(2026, 11, 28, 0, 30, tzinfo=UTC)
    assert [each.code for each in found.refused] == ["due_before_told", "outside_calendar"]
