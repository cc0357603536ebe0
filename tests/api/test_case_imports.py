"""Lists of tickets over HTTP, in the town of tests/api/test_cases.py in the least data."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from data.database import Database
from data.exports.sheets import Sheet, open_workbook
from tests.api.conftest import SignIn

IMPORTS, CASES = "/api/v1/case-imports", "/api/v1/cases"
HEADER = [
    "工单编号",
    "诉求内容",
    "诉求人",
    "联系电话",
    "经度",
    "纬度",
    "诉求类别",
    "受理时间",
    "备注",
]
LAMP = [
    "Z-1",
    "路灯不亮",
    "张三",
    "13812345678",
    "118.605",
    "34.505",
    "路灯损坏",
    "2026-11-20 08:30",
    "",
]
ALLEY = ["Z-2", "巷道积水", "", "", "118.606", "34.505", "巷道", "", "夜间"]
NOWHERE = ["Z-3", "人民路有坑", "", "", "", "", "道路破损", "", ""]

Headers = dict[str, str]


@pytest.fixture
def desk(sign_in: SignIn) -> Headers:
    return sign_in("dispatcher")


def table(*rows: list[str], header: list[str] = HEADER, encoding: str = "utf-8") -> Any:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return ("热线.csv", out.getvalue().encode(encoding))


def send(client: TestClient, headers: Headers, file: Any, **fields: Any) -> Any:
    params = {"format": fields.pop("format")} if "format" in fields else {}
    return client.post(IMPORTS, files={"files": file}, data=fields, params=params, headers=headers)


def counts(answer: Any) -> tuple[int, int, int, int]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return body["new"], body["changed"], body["unchanged"], body["refused"]


def cases(client: TestClient, headers: Headers, **params: Any) -> list[Any]:
    return list(client.get(CASES, params=params, headers=headers).json()["items"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_becomes_cases_once(client: TestClient, desk: Headers, encoding: str) -> None:
    answer = send(client, desk, table(LAMP, ALLEY, NOWHERE, encoding=encoding))
    assert counts(answer) == (2, 0, 0, 1)
    body = answer.json()
    assert body["columns"] == {
        "number": "工单编号",
        "description": "诉求内容",
        "category": "诉求类别",
        "lon": "经度",
        "lat": "纬度",
        "reporter": "诉求人",
        "phone": "联系电话",
        "told_at": "受理时间",
    }
    assert (body["ignored"], body["outside"], body["preview"]) == (["备注"], 2, False)
    assert body["unknown_categories"] == [{"said": "巷道", "count": 1, "category": "other"}]
    assert body["problems"] == [
        {
            "row": 4,
            "number": "Z-3",
            "reason": "It has no position: find the place, and give lon and lat.",
            "code": "no_position",
        }
    ]
    assert counts(send(client, desk, table(LAMP, ALLEY, NOWHERE))) == (0, 0, 2, 1)
    found = {case["external_number"]: case for case in cases(client, desk)}
    assert {*found} == {"Z-1", "Z-2"}
    lamp = found["Z-1"]
    assert (lamp["source"], lamp["category"], lamp["state"], lamp["external_category"]) == (
        *("hotline", "facility.lamp", "filed", "路灯损坏"),
    )
    assert lamp["reported_at"] == "2026-11-20T00:30:00Z"
    file = client.get(f"{CASES}/{lamp['id']}", headers=desk).json()
    assert file["reporter"].startswith("张三")


def test_a_word_that_was_unknown_leads_to_the_category_that_has_it_as_an_alias(
    client: TestClient, desk: Headers, sign_in: SignIn
) -> None:
    assert send(client, desk, table(ALLEY), preview="true").json()["unknown_categories"] != []
    body = {"parent": "environment", "title_zh": "道路不洁", "term": "1d", "aliases": ["巷道"]}
    url = f"{CASES}/categories/environment.dirt"
    assert client.put(url, json=body, headers=sign_in("admin")).status_code == 200
    assert send(client, desk, table(ALLEY)).json()["unknown_categories"] == []
    [case] = cases(client, desk)
    assert (case["category"], case["external_category"]) == ("environment.dirt", "巷道")


def test_a_workbook_becomes_cases(client: TestClient, desk: Headers, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with path.open("wb") as out, open_workbook(out) as book:
        sheet = Sheet(book, "工单", HEADER)
        for row in (LAMP, ALLEY):
            sheet.append(row)
    answer = send(client, desk, ("热线.xlsx", path.read_bytes()))
    assert counts(answer) == (2, 0, 0, 0)


def test_a_preview_says_what_would_become_of_it(client: TestClient, desk: Headers) -> None:
    file = table(LAMP, ALLEY, NOWHERE)
    expected = send(client, desk, file, preview="true").json()
    assert (expected["preview"], expected["new"], expected["refused"]) == (True, 2, 1)
    assert cases(client, desk) == []
    made = send(client, desk, file).json()
    assert {**expected, "preview": False, "cases": made["cases"]} == made
    assert (expected["cases"], len(made["cases"])) == ([], 2)


def test_a_preview_says_which_column_is_missing_and_which_there_are(
    client: TestClient, desk: Headers
) -> None:
    file = table(["1", "x", "118.6", "34.51"], header=["no", "what", "E", "N"])
    answer = send(client, desk, file, preview="true")
    assert counts(answer) == (0, 0, 0, 0)
    body = answer.json()
    assert body["header"] == ["no", "what", "E", "N"]
    assert body["missing"] == ["number", "lon", "lat", "description"]
    said = ["no=number", "what=description", "E=lon", "N=lat"]
    answer = send(client, desk, file, preview="true", mapping=said)
    assert (counts(answer), answer.json()["missing"]) == ((1, 0, 0, 0), [])


def test_a_long_list_is_taken_a_part_at_a_time(client: TestClient, desk: Headers) -> None:
    file = table(LAMP, NOWHERE, ALLEY)
    first = send(client, desk, file, most="2")
    assert (counts(first), first.json()["next_row"]) == ((1, 0, 0, 1), 3)
    rest = send(client, desk, file, most="2", after_row="3")
    assert (counts(rest), rest.json()["next_row"]) == ((1, 0, 0, 0), None)
    assert send(client, desk, file, most="-1").json()["field"] == "most"


def test_what_a_ticket_has_become_is_answered(client: TestClient, desk: Headers) -> None:
    def became(*rows: list[str]) -> list[tuple[int, str, str]]:
        items = send(client, desk, table(*rows)).json()["cases"]
        assert [each["id"] for each in items] == [
            case["id"]
            for each in items
            for case in cases(client, desk, external_number=each["ticket"])
        ]
        return [(each["row"], each["ticket"], each["became"]) for each in items]

    assert became(LAMP) == [(2, "Z-1", "new")]
    said_more = ["Z-1", "两盏路灯不亮", *LAMP[2:]]
    assert became(ALLEY, said_more) == [(2, "Z-2", "new"), (3, "Z-1", "changed")]
    assert became(said_more, ALLEY) == [(2, "Z-1", "unchanged"), (3, "Z-2", "unchanged")]


def test_refused_rows_are_a_table_that_can_be_corrected_and_sent_again(
    client: TestClient, desk: Headers
) -> None:
    answer = send(client, desk, table(LAMP, NOWHERE), format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    header, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header == [*HEADER, "row", "reason"]
    assert (row[:2], row[-2]) == (["Z-3", "人民路有坑"], "3")
    assert "no position" in row[-1]
    row[4:6] = ["118.6", "34.5001"]
    assert counts(send(client, desk, table(row, header=header))) == (1, 0, 0, 0)


def test_what_a_ticket_says_later_waits_on_its_case(client: TestClient, desk: Headers) -> None:
    send(client, desk, table(LAMP, ALLEY))
    more = table(["Z-1", "两盏路灯不亮", *LAMP[2:]], ALLEY)
    assert counts(send(client, desk, more)) == (0, 1, 1, 0)
    assert counts(send(client, desk, more)) == (0, 0, 2, 0)
    [lamp] = cases(client, desk, external_number="Z-1")
    assert lamp["restated"] == {**NOTHING_ELSE, "description": "两盏路灯不亮"}


def test_another_deadline_is_that_of_its_case_and_each_row_says_what_became_of_it(
    client: TestClient, desk: Headers
) -> None:
    header = [*HEADER, "办结期限"]

    def due(*deadlines: str) -> Any:
        rows = [[name, *LAMP[1:], at] for name, at in zip(("Z-1", "Z-2"), deadlines, strict=False)]
        body = send(client, desk, table(*rows, header=header)).json()
        told = [(each["became"], each["due"]) for each in body["cases"]]
        return told, body["changed"], body["due_moved"]

    assert due("2026-11-25 08:00", "") == ([("new", None), ("new", None)], 0, 0)
    moved = [("changed", "moved"), ("unchanged", None)]
    assert due("2026-11-26 08:00", "") == (moved, 1, 1)
    assert due("2026-11-26 08:00") == ([("unchanged", "unchanged")], 0, 0)
    [case] = cases(client, desk, external_number="Z-1")
    assert case["external_due_at"] == "2026-11-26T00:00:00Z"
    void = {"action": "void", "note": "没有此事"}
    assert client.post(f"{CASES}/{case['id']}/actions", json=void, headers=desk).status_code == 200
    assert due("2026-11-30 08:00") == ([("unchanged", "closed")], 0, 0)


def test_the_deadline_of_an_old_case_moves_too(
    client: TestClient, desk: Headers, sign_in: SignIn
) -> None:
    header, admin = [*HEADER, "办结期限"], sign_in("admin")
    old = table([*LAMP, "2026-11-25 08:00"], header=header)
    assert counts(send(client, admin, old, history="true")) == (1, 0, 0, 0)
    later = table([*LAMP, "2026-11-26 08:00"], header=header)
    assert counts(send(client, admin, later, history="true")) == (0, 0, 1, 0)
    assert send(client, desk, later).json()["due_moved"] == 1
    [case] = cases(client, desk)
    assert case["due_at"] == case["external_due_at"] == "2026-11-26T00:00:00Z"


NOTHING_ELSE = dict.fromkeys(["category", "called", "lon", "lat", "description"])


def test_a_ticket_that_was_moved_or_renamed_says_so_on_its_case_once(
    client: TestClient, desk: Headers
) -> None:
    send(client, desk, table(LAMP))
    near = [*LAMP[:4], "118.6051", *LAMP[5:]]
    assert counts(send(client, desk, table(near))) == (0, 0, 1, 0)
    moved = [*LAMP[:4], "118.607", LAMP[5], "井盖", *LAMP[7:]]
    assert counts(send(client, desk, table(moved))) == (0, 1, 0, 0)
    assert counts(send(client, desk, table(moved))) == (0, 0, 1, 0)
    [lamp] = cases(client, desk)
    assert (lamp["lon"], lamp["category"]) == (118.605, "facility.lamp")
    assert lamp["restated"] == {**NOTHING_ELSE, "called": "井盖", "lon": 118.607, "lat": 34.505}
    right = {"action": "correct", "as_told": True, "category": "facility.manhole"}
    taken = client.post(f"{CASES}/{lamp['id']}/actions", json=right, headers=desk).json()
    assert (taken["lon"], taken["category"], taken["restated"]) == (
        *(118.607, "facility.manhole", None),
    )
    assert counts(send(client, desk, table(moved))) == (0, 0, 1, 0)


def test_what_is_closed_there_is_kept_and_what_is_closed_later_is_said(
    client: TestClient, desk: Headers
) -> None:
    header = [*HEADER[:-1], "办结时间"]
    closed = [*LAMP[:-1], "2026-11-21 09:00"]
    assert counts(send(client, desk, table(closed, header=header))) == (1, 0, 0, 0)
    [kept] = cases(client, desk)
    assert (kept["state"], kept["closed_at"]) == ("closed", "2026-11-21T01:00:00Z")
    open_one = ["Z-9", *LAMP[1:-1], ""]
    over = ["Z-9", *closed[1:]]
    assert counts(send(client, desk, table(open_one, header=header))) == (1, 0, 0, 0)
    assert counts(send(client, desk, table(over, header=header))) == (0, 1, 0, 0)
    assert counts(send(client, desk, table(over, closed, header=header))) == (0, 0, 2, 0)
    [ours] = cases(client, desk, external_number="Z-9")
    assert ours["state"] == "filed"
    events = client.get(f"{CASES}/{ours['id']}", headers=desk).json()["events"]
    assert events[-1]["note"].startswith("对方系统已办结")


def test_whoever_imports_says_what_the_list_does_not(client: TestClient, desk: Headers) -> None:
    header = ["no", "what", "E", "N"]
    file = table(["1", "x", "118.6", "34.51"], header=header)
    assert send(client, desk, file).json()["field"] == "mapping"
    mapping = ["no=number", "what=description", "E=lon", "N=lat"]
    answer = send(client, desk, file, mapping=mapping, crs="bd09", source="camera")
    assert counts(answer) == (1, 0, 0, 0)
    [case] = cases(client, desk)
    assert (case["source"], case["lon"] != 118.6) == ("camera", True)
    for wrong in ({"crs": "bj54"}, {"source": "x"}, {"zone": "Mars"}, {"preview": "yes"}):
        refused = send(client, desk, file, mapping=mapping, **wrong)
        assert (refused.status_code, refused.json()["field"]) == (422, next(iter(wrong)))


def test_old_cases_are_an_administrators(
    client: TestClient, desk: Headers, sign_in: SignIn, database: Database
) -> None:
    assert send(client, desk, table(LAMP), history="true").status_code == 403
    admin = sign_in("admin")
    answer = send(client, admin, table(LAMP), history="true")
    assert (counts(answer), answer.json()["kept"]) == ((1, 0, 0, 0), 1)
    assert counts(send(client, admin, table(LAMP), history="true")) == (0, 0, 1, 0)
    [case] = cases(client, desk)
    assert (case["state"], case["owner_reason"]) == ("filed", "dispatch_queue")
    events = client.get(f"{CASES}/{case['id']}", headers=desk).json()["events"]
    assert [(event["action"], event["actor"]) for event in events] == [
        *(("report", "system"), ("import", "system"))
    ]
    with database.begin() as conn:
        records = conn.execute(
            text("SELECT actor, details FROM audit_events WHERE action = 'case.import' ORDER BY id")
        ).all()
    assert [(row.details["rows"], row.details["history"]) for row in records] == [(1, True)] * 2


def test_who_sees_a_part_of_the_town_imports_nothing(client: TestClient, sign_in: SignIn) -> None:
    chief = sign_in("grid_chief", grid_code="A")
    assert send(client, chief, table(LAMP)).status_code == 403


def test_pairs_that_may_be_about_the_same_are_listed(client: TestClient, desk: Headers) -> None:
    near = ["Z-4", "灯不亮", "", "", "118.6051", "34.505", "路灯损坏", "2026-11-20 20:00", ""]
    late = ["Z-5", "灯不亮", "", "", "118.6051", "34.505", "路灯损坏", "2026-11-22 20:00", ""]
    far = ["Z-6", "灯不亮", "", "", "118.6071", "34.505", "路灯损坏", "2026-11-20 20:00", ""]
    send(client, desk, table(LAMP, near, late, far))
    period = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
    answer = client.get("/api/v1/case-duplicates", params=period, headers=desk).json()
    [pair] = answer["items"]
    assert (pair["first"]["external_number"], pair["second"]["external_number"]) == ("Z-1", "Z-4")
    assert pair["distance_m"] == pytest.approx(9.2, abs=0.1)
    assert (pair["gap_s"], answer["next"]) == (11.5 * 3600, None)
    before = {"from": "2020-01-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
    assert (
        client.get("/api/v1/case-duplicates", params=before, headers=desk).json()["field"] == "to"
    )


def test_pairs_are_listed_a_page_at_a_time(client: TestClient, desk: Headers) -> None:
    same = [[f"Z-{n}", *LAMP[1:]] for n in range(1, 4)]
    send(client, desk, table(*same))
    period = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "limit": "1"}

    def page(**more: str) -> tuple[list[tuple[str, str]], str | None]:
        answer = client.get(
            "/api/v1/case-duplicates", params={**period, **more}, headers=desk
        ).json()
        pairs = [
            (each["first"]["external_number"], each["second"]["external_number"])
            for each in answer["items"]
        ]
        return pairs, answer["next"]

    found, following = page()
    while following is not None:
        more, following = page(cursor=following)
        found += more
    assert found == [("Z-1", "Z-2"), ("Z-1", "Z-3"), ("Z-2", "Z-3")]
    for wrong in ("x", "MjAyNi0xMS0yN1QwMDowMDowMCswMDowMCAx"):
        refused = client.get(
            "/api/v1/case-duplicates", params={**period, "cursor": wrong}, headers=desk
        )
        assert (refused.status_code, refused.json()["field"]) == (422, "cursor")
