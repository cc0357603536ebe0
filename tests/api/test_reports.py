"""Reports over HTTP: made once, read by whom they are for, and never another."""

import hashlib
import io
from datetime import datetime
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from sqlalchemy import text
from starlette.testclient import TestClient

from data.database import Database
from gis.cells import lonlat_to_cell
from patrol.reports.report import Content, HotSpot
from patrol.reports.store import decode
from tests.api.conftest import SignIn
from tests.morning import EAST, TOWN, make_town

REPORTS = "/api/v1/reports"
Headers = dict[str, str]
MARCH = {"kind": "month", "date": "2026-03-15"}


@pytest.fixture(autouse=True)
def a_month(database: Database) -> None:
    """A town, and in March four cases of the east at one place: one in time, one late, two overdue."""
    make_town(database)
    with database.begin() as conn:
        conn.execute(text("INSERT INTO staff (id, name) VALUES (700, '王小明')"))
        conn.execute(
            text(
                "INSERT INTO cases (number, state, source, category, description, geom, edition_id, "
                "grid_code, owner_staff_id, reported_at, filed_at, dispatched_at, due_at, handled_at, "
                "closed_at) SELECT 'C' || n, CASE WHEN n < 3 THEN 'closed' ELSE 'in_progress' END, "
                "'patrol', 'safety.dog', '', 'SRID=4326;POINT(118.65 34.5)', "
                "(SELECT id FROM grid_editions WHERE state = 'active'), :east, 700, at, at, at, "
                "at + interval '2 hours', "
                "CASE WHEN n < 3 THEN at + make_interval(hours => n * 2 - 1) END, "
                "CASE WHEN n < 3 THEN at + interval '1 day' END "
                "FROM generate_series(1, 4) AS n, CAST('2026-03-10T04:00Z' AS timestamptz) AS at"
            ),
            {"east": EAST},
        )


def make(client: TestClient, headers: Headers, **body: Any) -> dict[str, Any]:
    answer = client.post(REPORTS, json={**MARCH, **body}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def read(client: TestClient, headers: Headers, report: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(f"{REPORTS}/{report['id']}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def figure(report: dict[str, Any], code: str) -> dict[str, Any]:
    return next(each for each in report["content"]["figures"] if each["code"] == code)


def test_a_report_has_figures_rankings_and_what_is_overdue(
    client: TestClient, sign_in: SignIn
) -> None:
    admin = sign_in("admin")
    made = make(client, admin)
    assert (made["version"], made["grid"]) == (1, None)
    assert made["period"] == {"from": "2026-02-28T16:00:00Z", "to": "2026-03-31T16:00:00Z"}
    report = read(client, admin, made)
    assert report["intact"] is True
    assert figure(report, "on_time_rate")["numerator"] == 1
    assert figure(report, "on_time_rate")["denominator"] == 4
    rankings = {each["of"]: each["items"] for each in report["content"]["rankings"]}
    assert [each["key"] for each in rankings["grids"]] == [EAST]
    assert rankings["categories"][0]["name"]["zh"] == "犬只扰民"
    assert rankings["staff"][0]["name"]["zh"] == "王小明"
    assert [case["number"] for case in report["content"]["overdue"]] == ["C3", "C4"]
    assert report["content"]["overdue"][0]["owner"] == "王小明"
    assert datetime.fromisoformat(report["content"]["overdue"][0]["due_at"]).day == 10


def test_what_was_on_hold_at_the_end_of_a_period_was_not_overdue_whatever_became_of_it(
    client: TestClient, sign_in: SignIn, database: Database
) -> None:
    with database.begin() as conn:
        for number, began_at, ended_at in (
            ("C3", "2026-03-20T04:00Z", "2026-04-20T04:00Z"),
            ("C4", "2026-04-10T04:00Z", None),
        ):
            conn.execute(
                text(
                    "INSERT INTO case_holds (case_id, seq, began_at, ended_at) "
                    "SELECT id, 5, :began_at, :ended_at FROM cases WHERE number = :number"
                ),
                {"number": number, "began_at": began_at, "ended_at": ended_at},
            )
        conn.execute(
            text(
                "UPDATE cases SET state = 'on_hold', held_at = '2026-04-10T04:00Z' WHERE number = 'C4'"
            )
        )
    admin = sign_in("admin")
    report = read(client, admin, make(client, admin))
    assert [case["number"] for case in report["content"]["overdue"]] == ["C4"]
    assert figure(report, "overdue")["value"] == 1
    assert figure(report, "on_hold")["value"] == 1
    assert figure(report, "due")["value"] == 4


CLUSTER = (
    "INSERT INTO cases (number, state, source, category, description, geom, grid_code, "
    "reported_at) SELECT gen_random_uuid(), 'filed', 'patrol', 'other', '', "
    "ST_SetSRID(ST_MakePoint(:lon + side, 34.5), 4326), :east, CAST(:at AS timestamptz) "
    "FROM unnest(ARRAY[-0.002, 0.0, 0.002]) AS side, generate_series(1, 6)"
)


def test_a_hot_spot_of_a_report_is_new_stays_or_fades_against_the_periods_before(
    client: TestClient, sign_in: SignIn, database: Database
) -> None:
    stays, fades, new = 118.61, 118.635, 118.68
    with database.begin() as conn:
        for lon, months in ((stays, (12, 1, 2, 3)), (fades, (1,)), (new, (3,))):
            for month in months:
                year = 2025 if month == 12 else 2026
                conn.execute(
                    text(CLUSTER), {"lon": lon, "east": EAST, "at": f"{year}-{month:02}-05T04:00Z"}
                )
    admin = sign_in("admin")
    report = make(client, admin, grid=EAST)
    content = read(client, admin, report)["content"]
    cells = {each["cell"]: each for each in content["hot_spots"]}

    def said(lon: float) -> tuple[str | None, ...]:
        spot = cells[lonlat_to_cell(lon, 34.5, 9)]
        return spot["trend"], spot["since"], spot["until"]

    assert said(stays) == ("persistent", "2025-11-30T16:00:00Z", None)
    assert said(fades) == ("diminishing", "2025-12-31T16:00:00Z", "2026-01-31T16:00:00Z")
    assert said(new) == ("new", "2026-02-28T16:00:00Z", None)
    assert cells[lonlat_to_cell(fades, 34.5, 9)]["cases"] == 0
    ends = [each["trend"] == "diminishing" for each in content["hot_spots"]]
    assert ends == sorted(ends)  # those that are not hot any more stand last
    assert [each["from"] for each in content["spot_windows"]] == [
        *("2025-11-30T16:00:00Z", "2025-12-31T16:00:00Z", "2026-01-31T16:00:00Z"),
        "2026-02-28T16:00:00Z",
    ]
    for to in ("html", "xlsx"):
        file = download(client, admin, report, format=to)
        shown = file.decode() if to == "html" else str(rows_of(file, "案件高发区域"))
        for word in ("长期存在", "正在减弱", "新出现", "2025-12-01", "2026-01-31"):
            assert word in shown, (to, word)


def rows_of(file: bytes, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_name(sheet).to_python()


def test_of_a_first_period_no_hot_spot_is_called_new(
    client: TestClient, sign_in: SignIn, database: Database
) -> None:
    with database.begin() as conn:
        conn.execute(text(CLUSTER), {"lon": 118.62, "east": EAST, "at": "2026-03-05T04:00Z"})
    admin = sign_in("admin")
    content = read(client, admin, make(client, admin, grid=EAST))["content"]
    assert content["spot_windows"] == []
    assert {each["trend"] for each in content["hot_spots"]} == {None}


def test_a_report_from_before_trends_is_read_as_it_was(database: Database) -> None:
    spot = b'{"cell": "893008", "lon": 118.57, "lat": 34.5, "cases": 7, "z": 5.1}'
    assert msgspec.json.decode(spot, type=HotSpot).trend is None


def test_a_report_stays_when_its_cases_change_and_a_correction_stands_beside_it(
    client: TestClient, sign_in: SignIn, database: Database
) -> None:
    admin = sign_in("admin")
    made = make(client, admin)
    before = read(client, admin, made)
    with database.begin() as conn:
        conn.execute(
            text("UPDATE cases SET state = 'closed', closed_at = due_at, handled_at = due_at")
        )
    assert read(client, admin, made) == before
    again = client.post(REPORTS, json=MARCH, headers=admin)
    assert (again.status_code, again.json()["code"]) == (409, "report_exists")
    corrected = make(client, admin, reason="补录两件")
    assert (corrected["version"], corrected["reason"]) == (2, "补录两件")
    assert figure(read(client, admin, corrected), "on_time_rate")["numerator"] == 4
    assert read(client, admin, made) == before
    listed = client.get(REPORTS, params={"kind": "month"}, headers=admin).json()["items"]
    assert [each["version"] for each in listed] == [2, 1]


def test_the_checksum_is_of_the_stored_bytes_and_on_the_audit(
    client: TestClient, sign_in: SignIn, database: Database
) -> None:
    made = make(client, sign_in("admin"))
    with database.begin() as conn:
        content = conn.scalar(text("SELECT content FROM reports"))
        recorded = conn.scalar(
            text("SELECT details ->> 'sha256' FROM audit_events WHERE action = 'report.make'")
        )
    assert made["sha256"] == hashlib.sha256(content).hexdigest() == recorded
    assert isinstance(decode(content), Content)


def test_a_chief_makes_and_reads_reports_of_their_own_grids(
    client: TestClient, sign_in: SignIn
) -> None:
    chief = sign_in("grid_chief", grid_code=EAST)
    whole = make(client, sign_in("admin"))
    for grid in (None, TOWN):
        answer = client.post(REPORTS, json={**MARCH, "grid": grid}, headers=chief)
        assert answer.status_code == 403
    own = make(client, chief, grid=EAST)
    assert figure(read(client, chief, own), "received")["value"] == 4
    assert [each["id"] for each in client.get(REPORTS, headers=chief).json()["items"]] == [
        own["id"]
    ]
    assert client.get(f"{REPORTS}/{whole['id']}", headers=chief).status_code == 404


def test_whoever_may_not_read_names_or_posts_is_not_told_them(
    client: TestClient, sign_in: SignIn
) -> None:
    made = make(client, sign_in("admin"))
    answer = client.get(f"{REPORTS}/{made['id']}", headers=sign_in("analyst"))
    assert "王小明" not in answer.text
    assert [each["of"] for each in answer.json()["content"]["rankings"]] == [
        "grids",
        "departments",
        "villages",
        "categories",
    ]
    assert answer.json()["content"]["overdue"][0]["owner"] == "#700"


def test_what_is_not_over_has_no_report(client: TestClient, sign_in: SignIn) -> None:
    body = {"kind": "year", "date": "2090-01-01"}
    answer = client.post(REPORTS, json=body, headers=sign_in("admin"))
    assert (answer.status_code, answer.json()["field"]) == (422, "date")


def test_a_grid_that_is_not_in_force_has_no_report(client: TestClient, sign_in: SignIn) -> None:
    answer = client.post(REPORTS, json={**MARCH, "grid": "1"}, headers=sign_in("admin"))
    assert answer.status_code == 404


def download(client: TestClient, headers: Headers, report: dict[str, Any], **query: str) -> bytes:
    answer = client.get(f"{REPORTS}/{report['id']}/download", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    grid = f"-{report['grid']}" if report["grid"] else ""
    name = f"report-month-2026-03-01{grid}-v1.{query['format']}"
    assert name in answer.headers["content-disposition"]
    return answer.content


def test_the_page_of_a_report_needs_nothing_else(client: TestClient, sign_in: SignIn) -> None:
    admin = sign_in("admin")
    report = make(client, admin)
    page = download(client, admin, report, format="html").decode()
    for words in ("月报", "2026-03-01 — 2026-03-31", "25.00 %", "王小明", report["sha256"]):
        assert words in page
    assert "http:" not in page
    assert "https:" not in page
    english = download(client, admin, report, format="html", language="en").decode()
    assert "Monthly report" in english
    assert "On-time closing" in english


def test_the_print_of_a_report_is_read_back_in_chinese_with_its_fonts_inside(
    client: TestClient, sign_in: SignIn
) -> None:
    admin = sign_in("admin")
    pdf = PdfReader(io.BytesIO(download(client, admin, make(client, admin), format="pdf")))
    printed = "".join(page.extract_text() for page in pdf.pages)
    for words in ("月报", "按期结案率", "王小明", "犬只扰民", "25.00 %"):
        assert words in printed
    fonts = [
        each.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        for page in pdf.pages
        for each in page["/Resources"]["/Font"].values()
    ]
    assert fonts
    assert all("/FontFile3" in font or "/FontFile2" in font for font in fonts)


def test_the_workbook_of_a_report_has_a_sheet_for_each_table(
    client: TestClient, sign_in: SignIn
) -> None:
    admin = sign_in("admin")
    file = download(client, admin, make(client, admin), format="xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    assert book.sheet_names[:3] == ["summary", "统计指标", "网格排名"]
    rows = book.get_sheet_by_name("统计指标").to_python()
    assert next(row for row in rows if row[0] == "按期结案率")[1:4] == [0.25, 1.0, 4.0]
    with ZipFile(io.BytesIO(file)) as parts:
        assert b'formatCode="0.00 %"' in parts.read("xl/styles.xml")


def test_a_workbook_holds_shares_with_all_their_digits(
    client: TestClient, sign_in: SignIn, database: Database
) -> None:
    with database.begin() as conn:
        conn.execute(text("DELETE FROM cases WHERE number = 'C4'"))
    admin = sign_in("admin")
    report = make(client, admin)
    file = download(client, admin, report, format="xlsx")
    [share] = [row[1] for row in rows_of(file, "统计指标") if row[0] == "按期结案率"]
    assert share == pytest.approx(1 / 3, abs=1e-12)
    assert "33.33 %" in download(client, admin, report, format="html").decode()


def test_a_downloaded_report_names_only_whom_its_reader_may_know(
    client: TestClient, sign_in: SignIn, database: Database
) -> None:
    report = make(client, sign_in("admin"))
    page = download(client, sign_in("analyst"), report, format="html").decode()
    assert "王小明" not in page
    assert "人员排名" not in page
    assert "#700" in page
    with database.begin() as conn:
        exported = conn.scalar(
            text("SELECT details ->> 'format' FROM audit_events WHERE action = 'report.export'")
        )
    assert exported == "html"


def test_a_period_that_is_not_over_is_refused_with_when_it_is_by_the_clock_on_the_wall(
    client: TestClient, sign_in: SignIn
) -> None:
    year = {"kind": "year", "date": "2999-05-01"}
    refused = client.post(REPORTS, json=year, headers=sign_in("admin"))
    assert (refused.status_code, refused.json()["field"]) == (422, "date")
    assert "not over before 3000-01-01 00:00 (China)" in refused.json()["detail"]
