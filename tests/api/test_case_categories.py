"""Categories of cases over HTTP: what is listed, who changes it, and what a case is reported as."""

from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from data.database import Database
from tests.api.conftest import SignIn

CATEGORIES = "/api/v1/cases/categories"
Headers = dict[str, str]
CHARGING = {"code": "safety.charging", "parent": "safety", "title_zh": "飞线充电", "term": "1d"}


@pytest.fixture
def admin(sign_in: SignIn) -> Headers:
    return sign_in("admin")


def listed(client: TestClient, headers: Headers) -> dict[str, dict[str, Any]]:
    items = client.get(CATEGORIES, headers=headers).json()["items"]
    return {item["code"]: item for item in items}


def report(client: TestClient, headers: Headers, category: str) -> Any:
    body = {"lon": 118.5, "lat": 34.5, "description": "看看", "category": category}
    return client.post("/api/v1/cases", json=body, headers=headers)


def upload(
    client: TestClient, headers: Headers, content: str | bytes, *, preview: bool = False
) -> Any:
    data = content.encode() if isinstance(content, str) else content
    name = "分类.csv" if isinstance(content, str) else "分类.xlsx"
    return client.post(
        f"{CATEGORIES}/import",
        params={"preview": preview},
        files={"files": (name, data)},
        headers=headers,
    )


def test_what_a_case_can_be_about_is_a_tree(client: TestClient, sign_in: SignIn) -> None:
    items = listed(client, sign_in("grid_worker", grid_code="320722101001001"))
    assert items["facility"] | {"term": None} == {
        "code": "facility",
        "parent": None,
        "number": "0101",
        "kind": "part",
        "title": {"zh": "公用设施", "en": "Public facilities"},
        "term": None,
        "urgent": False,
        "department": None,
        "photos": ["before", "after", "handling"],
        "dispatch": "grid",
        "active": True,
        "selectable": False,
        "fields": [],
        "aliases": [],
        "origin": "built_in",
        "version": items["facility"]["version"],
    }
    assert (items["facility.lamp"]["parent"], items["facility.lamp"]["selectable"]) == (
        "facility",
        True,
    )
    assert items["other"]["selectable"]


def test_a_category_is_added_used_and_retired(client: TestClient, admin: Headers) -> None:
    made = client.post(CATEGORIES, json=CHARGING, headers=admin)
    assert (made.status_code, made.json()["number"]) == (201, "020508")
    assert client.post(CATEGORIES, json=CHARGING, headers=admin).json()["code"] == "category_exists"
    case = report(client, admin, "safety.charging")
    assert (case.status_code, case.json()["category"]) == (201, "safety.charging")

    body = {**CHARGING, "active": False}
    del body["code"]
    retired = client.put(f"{CATEGORIES}/safety.charging", json=body, headers=admin)
    assert (retired.json()["active"], retired.json()["selectable"]) == (False, False)
    refused = report(client, admin, "safety.charging")
    assert (refused.status_code, refused.json()["code"]) == (422, "retired_category")
    page = client.get("/api/v1/cases", params={"category": "safety"}, headers=admin).json()
    assert [item["category"] for item in page["items"]] == ["safety.charging"]
    assert client.put(f"{CATEGORIES}/nowhere", json=body, headers=admin).status_code == 404


def test_another_term_holds_for_the_next_case(client: TestClient, admin: Headers) -> None:
    body = {"parent": "facility", "title_zh": "路灯不亮", "term": "2wd", "urgent": True}
    changed = client.put(f"{CATEGORIES}/facility.lamp", json=body, headers=admin).json()
    assert changed["term"] == {"rule": "2wd", "zh": "2 个工作日", "en": "2 working days"}
    assert listed(client, admin)["facility.lamp"] == changed
    assert report(client, admin, "facility.lamp").json()["urgent"]


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    client: TestClient, admin: Headers
) -> None:
    seen = listed(client, admin)["facility.lamp"]
    body = {"parent": "facility", "title_zh": "路灯不亮", "term": "2d", "version": seen["version"]}
    changed = client.put(f"{CATEGORIES}/facility.lamp", json=body, headers=admin)
    assert (changed.status_code, changed.json()["origin"]) == (200, "changed")
    late = client.put(f"{CATEGORIES}/facility.lamp", json=body | {"term": "9d"}, headers=admin)
    assert (late.status_code, late.json()["code"]) == (409, "category_changed")
    again = body | {"term": "9d", "version": changed.json()["version"]}
    assert client.put(f"{CATEGORIES}/facility.lamp", json=again, headers=admin).status_code == 200


def test_a_category_is_set_back_to_what_is_built_in(
    client: TestClient, admin: Headers, database: Database
) -> None:
    before = listed(client, admin)["facility.lamp"]
    body = {"parent": "facility", "title_zh": "路灯不亮", "term": "2d"}
    client.put(f"{CATEGORIES}/facility.lamp", json=body, headers=admin)
    client.post(CATEGORIES, json=CHARGING, headers=admin)
    restored = client.post(f"{CATEGORIES}/facility.lamp/restore", headers=admin)
    assert restored.json() == listed(client, admin)["facility.lamp"] == before
    own = client.post(f"{CATEGORIES}/safety.charging/restore", headers=admin)
    assert (own.status_code, own.json()["code"]) == (409, "not_built_in")
    with database.begin() as conn:
        actions = conn.scalars(text("SELECT action FROM audit_events ORDER BY id")).all()
    assert actions == ["category.change", "category.create", "category.change"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"term": "5 weeks"}, "term"),
        ({"title_zh": " "}, "title_zh"),
        ({"parent": "safety.charging"}, "parent"),
        ({"parent": "nowhere"}, "parent"),
        ({"code": "Ü"}, "code"),
        ({"number": "020501"}, "number"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(
    client: TestClient, admin: Headers, changes: dict[str, str], field: str
) -> None:
    answer = client.post(CATEGORIES, json=CHARGING | changes, headers=admin)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_table_is_previewed_and_taken(
    client: TestClient, admin: Headers, database: Database
) -> None:
    rows = (
        "代码,名称,时限,上级",
        "facility.lamp,路灯不亮,3d,facility",
        "safety.charging,飞线充电,1d,safety",
    )
    table = "\n".join(rows)
    seen = upload(client, admin, table, preview=True).json()
    assert [(each["code"], each["fields"]) for each in seen["new"]] == [("safety.charging", [])]
    [changed] = seen["changed"]
    assert (changed["code"], changed["fields"]) == ("facility.lamp", ["title_zh"])
    assert (seen["unchanged"], seen["problems"]) == (0, [])
    assert listed(client, admin)["facility.lamp"]["title"]["zh"] == "路灯损坏"
    assert upload(client, admin, table).json() == seen
    assert listed(client, admin)["facility.lamp"] == changed["becomes"]
    assert upload(client, admin, table).json()["unchanged"] == 2
    assert listed(client, admin)["facility.lamp"]["title"]["zh"] == "路灯不亮"
    with database.begin() as conn:
        actions = conn.scalars(text("SELECT action FROM audit_events ORDER BY id")).all()
    assert actions == ["category.import"]


def test_of_a_table_with_a_bad_row_nothing_is_taken(client: TestClient, admin: Headers) -> None:
    table = "code,title_zh,term\nfacility.lamp,路灯不亮,3d\nfacility.road,,soon\n"
    shown = upload(client, admin, table, preview=True).json()
    assert [(each["row"], each["field"], each["code"]) for each in shown["problems"]] == [
        (3, "title_zh", "invalid_input")
    ]
    refused = upload(client, admin, table)
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_rows")
    assert "Row 3: facility.road has no title" in refused.json()["detail"]
    assert listed(client, admin)["facility.lamp"]["title"]["zh"] == "路灯损坏"


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_what_is_exported_is_imported_again(
    client: TestClient, admin: Headers, file_format: str
) -> None:
    client.post(CATEGORIES, json=CHARGING | {"title_zh": "=飞线充电"}, headers=admin)
    answer = client.get(f"{CATEGORIES}/export", params={"format": file_format}, headers=admin)
    assert f"categories.{file_format}" in answer.headers["content-disposition"]
    content = answer.content.decode("utf-8-sig") if file_format == "csv" else answer.content
    taken = upload(client, admin, content).json()
    assert (taken["new"], taken["changed"], taken["problems"]) == ([], [], [])
    assert taken["unchanged"] == len(listed(client, admin))


def called(client: TestClient, headers: Headers, code: str, *aliases: str) -> Any:
    title = {"facility.lamp": "路灯损坏", "facility.road": "道路破损"}[code]
    body = {"parent": "facility", "title_zh": title, "term": "3d", "aliases": aliases}
    return client.put(f"{CATEGORIES}/{code}", json=body, headers=headers)


def test_an_alias_leads_to_one_category_alone(client: TestClient, admin: Headers) -> None:
    lamp = called(client, admin, "facility.lamp", " 路灯  不亮 ", "ＬＥＤ", "led")
    assert lamp.json()["aliases"] == ["路灯 不亮", "ＬＥＤ"]
    assert listed(client, admin)["facility.lamp"] == lamp.json()
    refused = called(client, admin, "facility.road", "Led ")
    assert (refused.status_code, refused.json()["code"]) == (422, "name_taken")
    assert refused.json()["field"] == "aliases"
    assert "路灯损坏 (facility.lamp) is called 'Led' already" in refused.json()["detail"]
    table = "code,title_zh,term,aliases\nfacility.road,道路破损,5d,坑洼；led"
    [problem] = upload(client, admin, table, preview=True).json()["problems"]
    assert (problem["row"], problem["code"], problem["field"]) == (2, "name_taken", "aliases")


def test_a_ticket_is_of_the_category_that_it_is_called(client: TestClient, admin: Headers) -> None:
    called(client, admin, "facility.lamp", "灯不亮")
    ticket = {"lon": 118.5, "lat": 34.5, "description": "看看", "source": "hotline"}
    ticket |= {"external_number": "Z-1", "external_category": " 灯不亮"}
    case = client.post("/api/v1/cases", json=ticket, headers=admin)
    assert (case.status_code, case.json()["category"]) == (201, "facility.lamp")
    again = client.post("/api/v1/cases", json=ticket, headers=admin).json()
    assert again["version"] == case.json()["version"]
    chosen = ticket | {"external_number": "Z-2", "category": "facility.road"}
    case = client.post("/api/v1/cases", json=chosen, headers=admin)
    assert case.json()["category"] == "facility.road"


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_aliases_go_through_an_export_and_an_import(
    client: TestClient, admin: Headers, file_format: str
) -> None:
    aliases = ["=灯不亮", "灯;杆", 'a "b"']
    called(client, admin, "facility.lamp", *aliases)
    params = {"format": file_format}
    answer = client.get(f"{CATEGORIES}/export", params=params, headers=admin)
    called(client, admin, "facility.lamp")
    content = answer.content.decode("utf-8-sig") if file_format == "csv" else answer.content
    [changed] = upload(client, admin, content).json()["changed"]
    assert (changed["fields"], changed["becomes"]["aliases"]) == (["aliases"], aliases)


PLATE = {"code": "plate", "title_zh": "车牌号", "title_en": "Number plate", "required": True}
LANE = {"code": "lane", "title_zh": "车道", "kind": "choice", "choices": ["机动车道", "人行道"]}


def with_fields(client: TestClient, headers: Headers, *fields: dict[str, Any]) -> Any:
    body = {"parent": "order", "title_zh": "违规停车", "term": "8h", "fields": fields}
    return client.put(f"{CATEGORIES}/order.parking", json=body, headers=headers)


def parked(client: TestClient, headers: Headers, **more: Any) -> Any:
    body = {"lon": 118.5, "lat": 34.5, "description": "占道停车", "category": "order.parking"}
    return client.post("/api/v1/cases", json=body | more, headers=headers)


def test_a_category_asks_for_fields_and_a_case_keeps_what_was_said(
    client: TestClient, admin: Headers
) -> None:
    made = with_fields(client, admin, PLATE, LANE).json()
    assert [(each["code"], each["kind"], each["required"]) for each in made["fields"]] == [
        *(("plate", "text", True), ("lane", "choice", False))
    ]
    missing = parked(client, admin, source="patrol", fields={"lane": "人行道"})
    assert (missing.status_code, missing.json()["code"]) == (422, "fields_missing")
    assert missing.json()["field"] == "fields.plate"
    said = {"plate": " 苏G  12345 ", "lane": "人行道"}
    case = parked(client, admin, source="patrol", fields=said).json()
    assert case["fields"] == {"plate": "苏G 12345", "lane": "人行道"}
    read = client.get(f"/api/v1/cases/{case['id']}", headers=admin).json()
    assert read["fields"] == read["events"][0]["details"]["fields"] == case["fields"]
    # Who calls cannot be made to say it.
    assert parked(client, admin, source="hotline").json()["fields"] == {}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([PLATE], {"plate": "x" * 201}),
        ([LANE], {"lane": "空中"}),
        ([PLATE], {"wheels": 4}),
        ([{"code": "wheels", "title_zh": "轮", "kind": "number"}], {"wheels": "four"}),
    ],
)
def test_what_does_not_fit_a_field_is_refused(
    client: TestClient, admin: Headers, fields: list[dict[str, Any]], said: dict[str, Any]
) -> None:
    assert with_fields(client, admin, *fields).status_code == 200
    refused = parked(client, admin, source="hotline", fields=said)
    assert (refused.status_code, refused.json()["field"]) == (422, f"fields.{next(iter(said))}")


@pytest.mark.parametrize(
    "field",
    [
        PLATE | {"code": "车牌"},
        PLATE | {"title_zh": " "},
        PLATE | {"kind": "choice"},
        PLATE | {"choices": ["a"]},
        LANE | {"choices": ["x" * 61]},
    ],
)
def test_what_is_no_field_is_refused(
    client: TestClient, admin: Headers, field: dict[str, Any]
) -> None:
    refused = with_fields(client, admin, field)
    assert (refused.status_code, refused.json()["field"]) == (422, "fields")
    assert with_fields(client, admin, PLATE, PLATE).json()["field"] == "fields"


def test_fields_go_through_an_export_and_an_import(client: TestClient, admin: Headers) -> None:
    with_fields(client, admin, PLATE, LANE)
    table = client.get(f"{CATEGORIES}/export", headers=admin).content
    with_fields(client, admin)
    files = [("files", ("c.csv", table))]
    answer = client.post(f"{CATEGORIES}/import", files=files, headers=admin).json()
    assert [each["fields"] for each in answer["changed"]] == [["fields"]]
    items = listed(client, admin)["order.parking"]["fields"]
    assert [each["code"] for each in items] == ["plate", "lane"]
    broken = table.replace(b'""plate""', b'""plate')
    answer = client.post(
        f"{CATEGORIES}/import", files=[("files", ("c.csv", broken))], headers=admin
    )
    assert answer.json()["code"] == "bad_rows"
