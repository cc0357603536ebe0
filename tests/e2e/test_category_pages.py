"""Case categories and departments in a real browser: looked up, changed, imported, and who belongs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Locator, Page, Response, expect

from api.accounts import Role
from tests.browser import Tab
from tests.pages import account_of, signed_in
from tests.serving import Server

CATEGORIES = "/api/v1/cases/categories"
STALL = {"parent": "order", "title_zh": "占道经营", "title_en": "Stall in the road", "term": "2wh"}


@pytest.fixture
def api(demo_server: Server) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {demo_server.token('admin')}"}
    with httpx.Client(base_url=f"{demo_server.url}/api/v1", headers=headers, timeout=60) as client:
        # In the demo town it is a department's.
        client.post("/cases/categories/order.stall/restore").raise_for_status()
        yield client


@contextmanager
def settings_of(server: Server, role: Role) -> Iterator[Tab]:
    username = account_of(server.database, f"{role}-1", role)
    with signed_in(server, username, "?section=settings&tab=categories") as tab:
        yield tab


@pytest.fixture
def page(demo_server: Server) -> Iterator[Page]:
    with settings_of(demo_server, Role.ADMIN) as tab:
        yield tab.page


@contextmanager
def asking(page: Page, method: str, path: str, status: int = 200) -> Iterator[None]:
    """Waits for the answer to what the block asks."""

    def is_it(answer: Response) -> bool:
        return (answer.request.method, urlsplit(answer.url).path) == (method, path)

    with page.expect_response(is_it) as answer:
        yield
    assert answer.value.status == status, answer.value.text()


def save(page: Page, method: str, path: str, status: int = 200) -> None:
    with asking(page, method, path, status):
        page.get_by_test_id("category-save").click()


def row(page: Page, code: str) -> Locator:
    return page.get_by_test_id(f"category-{code}")


def listed(api: httpx.Client, code: str) -> dict[str, Any]:
    items = api.get("/cases/categories").json()["items"]
    return next(item for item in items if item["code"] == code)


def test_a_category_is_found_changed_and_set_back(api: httpx.Client, page: Page) -> None:
    api.post("/departments", json={"code": "urban", "name_zh": "城管中队"})
    expect(row(page, "order.stall")).to_be_visible()
    page.reload()
    expect(row(page, "order.stall")).to_contain_text("8 小时")
    page.get_by_test_id("fold-order").click()
    expect(row(page, "order.stall")).to_be_hidden()
    page.get_by_test_id("settings-search").fill("占道")
    expect(row(page, "order.stall")).to_be_visible()
    expect(row(page, "facility.lamp")).to_be_hidden()

    # The keyboard opens it.
    row(page, "order.stall").get_by_role("button", name="占道经营").focus()
    page.keyboard.press("Enter")
    page.get_by_test_id("category-amount").fill("2")
    page.get_by_test_id("category-unit").select_option("wh")
    page.get_by_test_id("category-dispatch").select_option("department")
    save(page, "PUT", f"{CATEGORIES}/order.stall", 422)
    expect(page.get_by_test_id("category-department")).to_have_attribute("aria-invalid", "true")
    page.get_by_test_id("category-department").select_option("urban")
    page.get_by_test_id("category-photo-handling").uncheck()
    save(page, "PUT", f"{CATEGORIES}/order.stall")
    expect(page.get_by_test_id("category-told")).to_contain_text("立即生效")
    expect(row(page, "order.stall")).to_contain_text("2 个工作小时")
    expect(row(page, "order.stall")).to_contain_text("城管中队")
    kept = listed(api, "order.stall")
    assert (kept["term"]["rule"], kept["department"], kept["dispatch"]) == (
        *("2wh", "urban", "department"),
    )
    assert kept["photos"] == ["before", "after"]

    page.get_by_test_id("category-restore").click()
    with asking(page, "POST", f"{CATEGORIES}/order.stall/restore"):
        page.get_by_test_id("confirm").click()
    expect(row(page, "order.stall")).to_contain_text("8 小时")
    assert listed(api, "order.stall")["origin"] == "built_in"


def test_an_alias_is_added_unless_another_category_is_called_that(
    api: httpx.Client, page: Page
) -> None:
    row(page, "order.stall").click()
    aliases = page.get_by_test_id("category-aliases")
    aliases.fill("夜市摊点\n路灯损坏")
    expect(page.get_by_test_id("category-form")).to_contain_text(
        "“路灯损坏”已经是“路灯损坏”的名称或别名"
    )
    save(page, "PUT", f"{CATEGORIES}/order.stall", 422)
    aliases.fill("夜市摊点\n夜市占道")
    save(page, "PUT", f"{CATEGORIES}/order.stall")
    assert listed(api, "order.stall")["aliases"] == ["夜市摊点", "夜市占道"]
    page.get_by_test_id("settings-search").fill("夜市")
    expect(row(page, "order.stall")).to_be_visible()
    expect(row(page, "facility.lamp")).to_be_hidden()


def test_what_somebody_else_changed_meanwhile_is_shown_and_not_overwritten(
    api: httpx.Client, page: Page
) -> None:
    row(page, "order.stall").click()
    page.get_by_test_id("category-title-en").fill("Street stall")
    assert api.put("/cases/categories/order.stall", json=STALL).status_code == 200
    save(page, "PUT", f"{CATEGORIES}/order.stall", 409)
    expect(page.get_by_test_id("category-stale")).to_contain_text("时限")
    assert listed(api, "order.stall")["title"]["en"] == "Stall in the road"

    # What one has written is still there; the newest is a click away.
    expect(page.get_by_test_id("category-title-en")).to_have_value("Street stall")
    page.get_by_test_id("category-theirs").click()
    expect(page.get_by_test_id("category-amount")).to_have_value("2")
    page.get_by_test_id("category-title-en").fill("Street stall")
    save(page, "PUT", f"{CATEGORIES}/order.stall")
    kept = listed(api, "order.stall")
    assert (kept["title"]["en"], kept["term"]["rule"]) == ("Street stall", "2wh")

    # Whoever has seen it may keep what they wrote.
    page.get_by_test_id("category-amount").fill("7")
    api.put("/cases/categories/order.stall", json=STALL | {"urgent": True})
    save(page, "PUT", f"{CATEGORIES}/order.stall", 409)
    page.get_by_test_id("category-mine").click()
    save(page, "PUT", f"{CATEGORIES}/order.stall")
    kept = listed(api, "order.stall")
    assert (kept["term"]["rule"], kept["urgent"]) == ("7wh", True)


def test_a_category_of_ones_own_asks_for_what_it_needs(api: httpx.Client, page: Page) -> None:
    page.get_by_test_id("new-category").click()
    page.get_by_test_id("category-parent").select_option("safety")
    expect(page.get_by_test_id("category-code")).to_have_value("safety.")
    page.get_by_test_id("category-code").fill("safety.gas")
    page.get_by_test_id("category-title-zh").fill("飞线充电")
    save(page, "POST", CATEGORIES, 409)
    expect(page.get_by_role("alert")).to_contain_text("已有这个代码")
    page.get_by_test_id("category-code").fill("safety.charging")
    page.get_by_test_id("field-new").click()
    page.get_by_test_id("field-title-zh").fill("楼栋类型")
    page.get_by_test_id("field-code").fill("building")
    page.get_by_test_id("field-kind").select_option("choice")
    page.get_by_test_id("field-required").check()
    save(page, "POST", CATEGORIES, 422)
    expect(page.get_by_test_id("field-fault")).to_contain_text("选项")
    page.get_by_test_id("field-choices").fill("居民楼\n自建房")
    save(page, "POST", CATEGORIES, 201)
    expect(row(page, "safety.charging")).to_contain_text("自行新增")
    made = listed(api, "safety.charging")
    assert (made["number"], made["selectable"]) == ("020508", True)
    [field] = made["fields"]
    assert (field["code"], field["required"], field["choices"]) == (
        *("building", True, ["居民楼", "自建房"]),
    )

    page.get_by_test_id("category-active").uncheck()
    save(page, "PUT", f"{CATEGORIES}/safety.charging")
    expect(row(page, "safety.charging")).to_contain_text("已停用")


def test_an_export_is_changed_looked_at_and_imported(
    api: httpx.Client, page: Page, tmp_path: Path
) -> None:
    with page.expect_download() as download:
        page.get_by_test_id("categories-export-csv").click()
    table = tmp_path / "类别.csv"
    download.value.save_as(table)
    exported = table.read_text(encoding="utf-8-sig")
    changed = exported.replace("路灯损坏", "路灯不亮")
    assert changed != exported

    page.get_by_test_id("categories-import").click()
    table.write_text(changed.replace(",3d,", ",soon,", 1), encoding="utf-8")
    choose(page, table)
    expect(page.get_by_test_id("import-refused")).to_contain_text("时限")
    expect(page.get_by_test_id("import-take")).to_be_hidden()

    table.write_text(changed, encoding="utf-8")
    choose(page, table)
    expect(page.get_by_test_id("import-changed")).to_contain_text("中文名称：路灯损坏 → 路灯不亮")
    assert listed(api, "facility.lamp")["title"]["zh"] == "路灯损坏"
    with asking(page, "POST", f"{CATEGORIES}/import"):
        page.get_by_test_id("import-take").click()
    expect(page.get_by_test_id("import-done")).to_contain_text("更改 1 个")
    expect(row(page, "facility.lamp")).to_contain_text("路灯不亮")
    assert listed(api, "facility.lamp")["title"]["zh"] == "路灯不亮"


def choose(page: Page, table: Path) -> None:
    with asking(page, "POST", f"{CATEGORIES}/import"):
        page.get_by_test_id("category-file").set_input_files(table)


def test_a_department_has_members_and_closes_when_nothing_is_sent_to_it(
    api: httpx.Client, page: Page
) -> None:
    staff = api.get("/staff", params={"limit": 500}).json()["items"]
    first, second = staff[0], staff[1]
    page.get_by_test_id("tab-departments").click()
    page.get_by_test_id("new-department").click()
    page.get_by_test_id("department-code").fill("urban")
    page.get_by_test_id("department-name-zh").fill("城管中队")
    with asking(page, "POST", "/api/v1/departments", 201):
        page.get_by_test_id("department-save").click()
    of = page.get_by_test_id("department-urban")
    expect(of).to_contain_text("没有经办人")
    page.get_by_test_id("department-who").select_option(str(first["id"]))
    with asking(page, "POST", f"/api/v1/staff/{first['id']}/posts", 201):
        page.get_by_test_id("department-add").click()
    expect(of).to_contain_text(first["name"])

    # So does a post that is begun beside the others of somebody.
    page.get_by_test_id("tab-staff").click()
    page.get_by_test_id("settings-search").fill(second["name"])
    page.get_by_test_id("staff").get_by_role("button", name=second["name"]).first.click()
    page.get_by_test_id("post-new").click()
    page.get_by_test_id("role").select_option("department_handler")
    page.get_by_test_id("post-department").select_option("urban")
    with asking(page, "POST", f"/api/v1/staff/{second['id']}/posts", 201):
        page.get_by_test_id("post-begin").click()
    expect(page.get_by_test_id("posts")).to_contain_text("城管中队")

    sent = STALL | {"department": "urban", "dispatch": "department"}
    assert api.put("/cases/categories/order.stall", json=sent).status_code == 200
    page.get_by_test_id("tab-departments").click()
    of.click()
    expect(page.get_by_test_id("department-members").get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_test_id("department-categories")).to_contain_text("占道经营")
    close(page, 409)
    expect(page.get_by_test_id("department-problem")).to_contain_text("还有类别")
    api.post("/cases/categories/order.stall/restore")
    close(page, 200)
    expect(of).to_contain_text("已停用")
    assert not kept_department(api)["active"]


def kept_department(api: httpx.Client) -> dict[str, Any]:
    items = api.get("/departments").json()["items"]
    return next(item for item in items if item["code"] == "urban")


def close(page: Page, status: int) -> None:
    page.get_by_test_id("department-close").click()
    with asking(page, "PUT", "/api/v1/departments/urban", status):
        page.get_by_test_id("confirm").click()


def test_what_somebody_else_made_of_a_department_is_shown_and_not_overwritten(
    api: httpx.Client, page: Page
) -> None:
    def of_power() -> dict[str, Any]:
        items = api.get("/departments").json()["items"]
        return next(item for item in items if item["code"] == "power")

    def saved(status: int) -> None:
        with asking(page, "PUT", "/api/v1/departments/power", status):
            page.get_by_test_id("department-save").click()

    page.get_by_test_id("tab-departments").click()
    page.get_by_test_id("department-power").click()
    zh, en = page.get_by_test_id("department-name-zh"), page.get_by_test_id("department-name-en")
    stale = page.get_by_test_id("department-stale")
    en.fill("Grid company")
    renamed = {"name_zh": "供电服务站", "name_en": "Power supply station"}
    assert api.put("/departments/power", json=renamed).status_code == 200
    saved(409)
    expect(stale).to_contain_text("中文名称")
    expect(page.get_by_test_id("department-save")).to_be_disabled()
    assert of_power()["name"] == {"zh": "供电服务站", "en": "Power supply station"}

    # What one has written is still there; it goes upon the newest, or gives way to it.
    expect(en).to_have_value("Grid company")
    page.get_by_test_id("department-mine").click()
    expect(zh).to_have_value("供电服务站")
    saved(200)
    expect(page.get_by_test_id("department-power")).to_contain_text("供电服务站")
    expect(stale).to_have_count(0)
    assert of_power()["name"] == {"zh": "供电服务站", "en": "Grid company"}

    zh.fill("电力公司")
    api.put("/departments/power", json=renamed)
    saved(409)
    page.get_by_test_id("department-theirs").click()
    expect(zh).to_have_value("供电服务站")
    expect(en).to_have_value("Power supply station")
    expect(page.get_by_test_id("department-save")).to_be_disabled()
    assert of_power()["name"]["zh"] == "供电服务站"


def test_a_dispatcher_looks_categories_up_and_changes_nothing(demo_server: Server) -> None:
    with settings_of(demo_server, Role.DISPATCHER) as tab:
        page = tab.page
        row(page, "safety.gas").click()
        facts = page.get_by_test_id("category-facts")
        expect(facts).to_contain_text("020505")
        expect(facts).to_contain_text("1 小时")
        expect(facts.locator("input, select, textarea")).to_have_count(0)
        expect(page.get_by_test_id("new-category")).to_have_count(0)
        expect(page.get_by_test_id("categories-import")).to_have_count(0)
        expect(page.get_by_test_id("tab-accounts")).to_have_count(0)
        page.get_by_test_id("tab-departments").click()
        page.get_by_test_id("department-power").click()
        side = page.get_by_test_id("department-side")
        expect(side.get_by_test_id("department-categories")).to_contain_text("电力通信设施损坏")
        expect(side.locator("input, select")).to_have_count(0)
        expect(page.get_by_test_id("new-department")).to_have_count(0)
