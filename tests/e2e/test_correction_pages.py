"""A case is put right in the drawer: as its ticket says now, and by hand with a click on the map."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from shapely.geometry import shape

from api.accounts import Role
from tests.browser import browsing
from tests.pages import account_of, sign_in, wait_for_map
from tests.serving import Server


@pytest.fixture
def api(demo_server: Server) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {demo_server.token('dispatcher')}"}
    url = f"{demo_server.url}/api/v1/"
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        yield client


def test_what_a_ticket_says_now_is_taken_over_and_a_place_is_put_right_by_hand(
    demo_server: Server, api: httpx.Client
) -> None:
    grids = api.get("grids", params={"level": 2}).json()["features"]
    old, new = (shape(grid["geometry"]).representative_point() for grid in grids[:2])
    ticket = {
        "source": "hotline",
        "external_number": "GD-2026-1",
        "description": "路灯不亮",
        "category": "facility.lamp",
        "external_category": "路灯",
    }
    case_id = api.post("cases", json={**ticket, "lon": old.x, "lat": old.y}).json()["id"]
    moved = {"lon": new.x, "lat": new.y, "external_category": "窨井", "category": "other"}
    api.post("cases", json={**ticket, **moved, "description": "井盖没了"}).raise_for_status()

    def case() -> dict[str, Any]:
        return dict(api.get(f"cases/{case_id}").json())

    account_of(demo_server.database, "desk", Role.DISPATCHER)
    with browsing(
        viewport={"width": 1280, "height": 720}, locale="zh-CN", timezone_id="Asia/Shanghai"
    ) as tab:
        page = tab.page
        page.goto(f"{demo_server.url}/?section=cases")
        sign_in(page, "desk")
        row = page.locator(f"[data-case='{case_id}']").first
        expect(row.get_by_test_id("case-says-otherwise")).to_be_visible()
        row.click()
        said = page.get_by_test_id("case-restated")
        expect(said.get_by_test_id("restated-category")).to_have_text("路灯损坏 窨井")
        expect(said.get_by_test_id("restated-place")).to_contain_text(f"{new.x:.6f}")
        expect(said.get_by_test_id("restated-description")).to_have_text("路灯不亮 井盖没了")

        # Their word is none here: somebody says what it is.
        said.get_by_test_id("restated-take").click()
        expect(said.get_by_role("alert")).to_have_text("请选择类别。")
        said.get_by_test_id("restated-choose").select_option("facility.manhole")
        said.get_by_test_id("restated-take").click()
        expect(said).to_have_count(0)
        expect(page.get_by_test_id("case-events")).to_contain_text("类别 → 井盖缺失")
        now = case()
        assert (now["category"], now["description"]) == ("facility.manhole", "井盖没了")
        assert (now["grid"]["code"], now["restated"]) == (grids[1]["id"], None)

        page.get_by_test_id("more-actions").click()
        page.get_by_test_id("action-correct").click()
        page.get_by_test_id("action-confirm").click()
        expect(page.get_by_test_id("case-actions").get_by_role("alert")).to_contain_text(
            "请选择类别"
        )
        page.get_by_test_id("action-pick").click()
        wait_for_map(page)
        box = page.get_by_test_id("map").bounding_box()
        assert box
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.get_by_test_id("action-place")).to_be_visible()
        with page.expect_response(lambda answer: answer.url.endswith("/actions")):
            page.get_by_test_id("action-confirm").click()
        expect(page.get_by_test_id("case-events").get_by_text("位置 →")).to_have_count(3)
        after = case()
        assert (after["lon"], after["category"]) != (now["lon"], None)
        assert after["due_at"] == now["due_at"]
        assert tab.errors == []
        assert tab.external == []
