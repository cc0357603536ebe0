from pathlib import Path

import pytest

from api.staffing.sheet import Line, read_sheet
from gis.errors import UnreadableFile
from patrol.duty.staff_roles import StaffRole

LIST = """姓名,电话,岗位,网格,副岗,单元,账号
王小明,138 1234 5678,网格员,32072210120300502,,GW-017,wang.xm

李主任,,网格长,320722101203005,是,,
"""
WANG = Line(
    number=2,
    name="王小明",
    phone="13812345678",
    role=StaffRole.GRID_WORKER,
    grid_code="32072210120300502",
    is_deputy=False,
    unit="GW-017",
    username="wang.xm",
)
LI = Line(
    number=4,
    name="李主任",
    phone=None,
    role=StaffRole.GRID_CHIEF,
    grid_code="320722101203005",
    is_deputy=True,
    unit=None,
    username=None,
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_read_in_the_encodings_that_spreadsheets_write(
    tmp_path: Path, encoding: str
) -> None:
    file = tmp_path / "staff.csv"
    file.write_bytes(LIST.encode(encoding))
    sheet = read_sheet(file)
    assert list(sheet.lines) == [WANG, LI]
    assert not sheet.problems
    assert not sheet.ignored


def test_english_headings_tabs_and_columns_of_the_towns_own(tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_text("Name\t备注\trole\n王小明\tx\tdispatcher\n", encoding="utf-8")
    sheet = read_sheet(file)
    assert [(line.name, line.role) for line in sheet.lines] == [("王小明", "dispatcher")]
    assert sheet.ignored == ["备注"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",,网格员,1,,,", "A name is"),
        ("王,1,网格员,1,,,", "telephone"),
        ("王,,村长,1,,,", "网格长"),
        ("王,,分析员,1,,,", "not of a post"),
        ("王,,网格员,3.20722E+14,,,", "shortened"),
        ("王,,网格员,1,maybe,,", "是"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_with_its_number(
    tmp_path: Path, row: str, says: str
) -> None:
    file = tmp_path / "staff.csv"
    file.write_text(f'{LIST}"周,平",,调度员,,,,\n{row}\n', encoding="utf-8")
    sheet = read_sheet(file)
    assert [line.name for line in sheet.lines] == ["王小明", "李主任", "周,平"]
    [problem] = sheet.problems
    assert problem.number == 6
    assert says in problem.message


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no heading name"),
        ("姓名,电话\n".encode(), "no heading role"),
        ("姓名,name,岗位\n".encode(), "two columns"),
        (b"\xff\xff", "neither UTF-8"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "staff.csv"
    file.write_bytes(content)
    with pytest.raises(UnreadableFile, match=says):
        read_sheet(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"nowhere\.csv"):
        read_sheet(tmp_path / "nowhere.csv")
