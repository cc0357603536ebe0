"""Tables of points located: in a town of one level-1 grid with two level-2 grids."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import insert
from typer.testing import CliRunner

from api.cli.grids import app as commands
from data.database import Database
from data.editions import activate, draft_edition
from data.schema import posts, staff
from gis.crs import Crs, from_wgs84
from gis.grid import Grid

URL = "/api/v1/grids/locate/file"
THEN = datetime(2026, 3, 1, tzinfo=UTC)
Ask = Callable[..., list[dict[str, str]]]


def grid(code: str, west: float, east: float, parent: str | None = None) -> Grid:
    return Grid(
        code=code,
        name=f"{code}网格",
        level=1 if parent is None else 2,
        parent_code=parent,
        geometry=MultiPolygon([box(west, 34.5, east, 34.51)]),
    )


@pytest.fixture
def town(database: Database) -> None:
    with database.begin() as conn:
        grids = [grid("A", 118.60, 118.62), grid("A1", 118.60, 118.61, "A")]
        edition = draft_edition(
            conn, [*grids, grid("A2", 118.61, 118.62, "A")], name="2026"
        ).edition
        activate(conn, edition.id, at=THEN)
        add = insert(staff).values(name="王小明", phone="13812345678").returning(staff.c.id)
        chief = conn.execute(add).scalar_one()
        post = {"role": "grid_chief", "grid_code": "A", "valid_from": THEN}
        conn.execute(insert(posts).values(staff_id=chief, **post))


@pytest.fixture
def ask(client: Any, sign_in: Any, town: None) -> Ask:
    def ask(content: str | bytes, *, name: str = "点位.csv", **fields: str) -> Any:
        body = content.encode() if isinstance(content, str) else content
        role = fields.pop("role", "admin")
        answer = client.post(URL, files={"files": (name, body)}, data=fields, headers=sign_in(role))
        if answer.status_code != 200:
            return answer
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.content.startswith(b"\xef\xbb\xbf")
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))

    return ask


def test_every_row_comes_back_with_its_grid(ask: Ask) -> None:
    [inside, edge, near, outside] = ask(
        "名称,经度,纬度\n井,118.605,34.505\n灯,118.61,34.505\n桥,118.6203,34.505\n山,119,35\n"
    )
    assert inside == {
        **{"名称": "井", "经度": "118.605", "纬度": "34.505", "grid_code": "A1"},
        **{"grid_name": "A1网格", "grid_level": "2", "parent_code": "A", "on_boundary": "false"},
        **{"snapped": "false", "distance_m": "0.00", "owner": "王小明", "owner_role": "grid_chief"},
        **{"owner_reason": "chief", "problem": ""},
    }
    assert (edge["grid_code"], edge["on_boundary"]) == ("A1", "true")
    assert (near["grid_code"], near["snapped"]) == ("A2", "true")
    assert float(near["distance_m"]) == pytest.approx(27.5, abs=0.5)
    assert (outside["grid_code"], outside["owner"], outside["problem"]) == ("", "", "")


def test_a_row_of_no_use_keeps_its_place_and_says_why(ask: Ask) -> None:
    rows = ask(
        "id,lon,lat\n1,,34.5\n2,abc,34.5\n3,34.5,118.6\n4,nan,34.5\n5,118.605,34.505\n\n7,1,95\n8\n"
    )
    assert [row["problem"] for row in rows] == [
        "The lon is empty.",
        "The lon 'abc' is not a number.",
        "lon 34.5 and lat 118.6 look swapped; send the longitude as lon and the latitude as lat.",
        "lon must be a finite number of degrees.",
        "",
        "The lon is empty.",
        "lon 1 and lat 95 look swapped; send the longitude as lon and the latitude as lat.",
        "The lon is empty.",
    ]
    assert rows[4]["grid_code"] == "A1"
    assert rows[7]["id"] == "8"


@pytest.mark.parametrize("crs", list(Crs))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_any_encoding_and_any_of_the_four_systems(ask: Ask, crs: Crs, encoding: str) -> None:
    lon, lat = from_wgs84(118.605, 34.505, crs)
    [row] = ask(f"名称;经度;纬度\n消防栓;{lon!r};{lat!r}\n".encode(encoding), crs=crs.value)
    assert (row["名称"], row["grid_code"]) == ("消防栓", "A1")


def test_nothing_of_the_file_is_lost(ask: Ask) -> None:
    text = 'grid_code,lon,lat,备注\nmine,118.605,34.505,"两,行\n的"\nx,118.605,34.505,a,beyond\n'
    [first, second] = ask(text)
    assert (first["grid_code"], first["grid_code_2"], first["备注"]) == ("mine", "A1", "两,行\n的")
    assert second[None] == ["beyond"]  # type: ignore[index]


def test_columns_may_be_named_and_must_be_there(ask: Ask) -> None:
    [row] = ask("东,北\n118.605,34.505\n", lon_field="东", lat_field="北")
    assert row["grid_code"] == "A1"
    for content, fields, says in (
        ("东,北\n1,2\n", {}, "There is no column of the lon; there are: 东, 北."),
        (
            "lon,lat\n1,2\n",
            {"lon_field": "x"},
            "There is no column called 'x'; there are: lon, lat.",
        ),
        ("", {}, "点位.csv is empty: its first line must be the names of the columns."),
        (b"\xff\xfe\x00", {}, "点位.csv is not UTF-8 or GB 18030 text."),
        (
            "lon,lat\n1,2\n",
            {"crs": "mars"},
            "crs is one of wgs84, cgcs2000, gcj02, bd09, not 'mars'.",
        ),
    ):
        answer: Any = ask(content, **fields)
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith(says)


def test_the_owner_is_shown_within_the_scope_only(town: None, sign_in: Any, client: Any) -> None:
    headers = sign_in("grid_chief", grid_code="A2")
    content = b"lon,lat\n118.605,34.505\n118.615,34.505\n"
    answer = client.post(URL, files={"files": ("a.csv", content)}, headers=headers)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [bool(row["owner_role"]) for row in rows] == [False, True]


def test_the_command_writes_the_same(
    town: None, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("WANGGE_DATABASE_URL", url)
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    path = tmp_path / "点.csv"
    path.write_text("lon,lat\n118.605,34.505\n,\n119,35\n", encoding="gb18030")
    result = CliRunner().invoke(commands, ["locate", str(path)])
    assert result.exit_code == 0, result.output
    assert "点-located.csv: 3 rows, 1 in a grid or near one, 1 of no use." in result.stdout
    written = (tmp_path / "点-located.csv").read_text(encoding="utf-8-sig").splitlines()
    assert written[1].startswith("118.605,34.505,A1,A1网格,2,A,false,false,0.00,王小明,")
