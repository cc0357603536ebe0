"""Leave of staff in a real browser: entered with who stands in, and taken back."""

from datetime import UTC, datetime, timedelta

import httpx
from playwright.sync_api import expect

from api.accounts import Role
from tests.browser import browsing
from tests.pages import account_of, sign_in
from tests.serving import Server


def test_leave_is_entered_with_who_stands_in_and_taken_back(demo_server: Server) -> None:
    account_of(demo_server.database, "boss", Role.ADMIN)
    headers = {"Authorization": f"Bearer {demo_server.token('admin')}"}
    api = f"{demo_server.url}/api/v1"
    listed = httpx.get(f"{api}/staff", params={"limit": 500}, headers=headers).json()["items"]
    workers = [one for one in listed if any(p["role"] == "grid_worker" for p in one["posts"])]
    absent, other = workers[0], workers[1]
    with browsing(
        viewport={"width": 1280, "height": 720}, locale="zh-CN", timezone_id="Asia/Shanghai"
    ) as tab:
        page = tab.page
        page.goto(f"{demo_server.url}/?section=settings&tab=staff")
        sign_in(page, "boss")
        page.get_by_test_id("settings-search").fill(absent["name"])
        page.get_by_test_id("staff").get_by_role("button", name=absent["name"]).first.click()
        page.get_by_test_id("leave-new").click()
        later = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
        page.get_by_test_id("leave-first").fill(later)
        page.get_by_test_id("leave-stand-in").select_option(str(other["id"]))
        page.get_by_test_id("leave-enter").click()
        leaves = page.get_by_test_id("leaves")
        expect(leaves).to_contain_text(f"{other['name']} 代班")
        expect(leaves).to_contain_text("未开始")
        page.get_by_test_id("leave-cancel").click()
        page.get_by_test_id("confirm").click()
        expect(leaves).to_contain_text("已撤销")
        assert tab.errors == []
        assert tab.external == []
    found = [
        each
        for one in listed
        if one["name"] == absent["name"]
        for each in httpx.get(f"{api}/staff/{one['id']}/leaves", headers=headers).json()["items"]
        if each["cancelled_at"]
    ]
    assert [(each["stand_in"]["staff"], each["to"]) for each in found] == [(other["id"], None)]
