"""Channels, the outbox and the calendar in a real browser, as an administrator sets them up."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from api.accounts import Role
from tests.browser import Tab
from tests.pages import account_of, signed_in
from tests.serving import Server

# Nobody listens there.
NOBODY = "http://127.0.0.1:9/cgi-bin/webhook/send?key=secret-key"


@pytest.fixture
def client(demo_server: Server) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {demo_server.token('admin')}"}
    with httpx.Client(base_url=f"{demo_server.url}/api/v1", headers=headers) as client:
        yield client


@pytest.fixture
def tab(demo_server: Server) -> Iterator[Tab]:
    username = account_of(demo_server.database, "boss", Role.ADMIN)
    with signed_in(demo_server, username, "?section=settings&tab=channels") as tab:
        yield tab


def test_a_channel_is_added_tried_switched_off_and_removed(client: httpx.Client, tab: Tab) -> None:
    page = tab.page
    page.get_by_test_id("new-channel").click()
    page.get_by_test_id("channel-name").fill("城东网格群")
    page.get_by_test_id("channel-url").fill("http://example.com/hook")
    page.get_by_test_id("channel-notice-case_overdue").check()
    page.get_by_test_id("channel-save").click()
    expect(page.get_by_role("alert")).to_contain_text("https")
    page.get_by_test_id("channel-url").fill(NOBODY)
    page.get_by_test_id("channel-save").click()

    # It can be tried, and its address is not shown again.
    page.get_by_test_id("channel-test").click()
    expect(page.get_by_test_id("channel-tested")).to_contain_text("没有发出")
    assert "secret-key" not in page.content()
    page.get_by_test_id("channel-enabled").uncheck()
    page.get_by_test_id("channel-save").click()
    expect(page.get_by_test_id("channels")).to_contain_text("已停用")
    [kept] = client.get("/channels").json()["items"]
    assert (kept["notices"], kept["enabled"]) == (["case_overdue"], False)

    page.get_by_test_id("channel-remove").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("channels")).to_be_hidden()
    assert client.get("/channels").json()["items"] == []


def test_what_was_given_up_is_seen_with_why_and_sent_again(
    demo_server: Server, client: httpx.Client, tab: Tab
) -> None:
    channel = {"name": "城东网格群", "kind": "wecom", "url": NOBODY}
    number = client.post("/channels", json=channel).json()["id"]
    with demo_server.database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO outbox (channel_id, kind, title, text, not_before, next_at, attempts,"
                " last_error, given_up_at) VALUES (:id, 'case_overdue', '已超期',"
                " '案件 AH-1 已超期。', :at, :at, 4, 'invalid webhook url', :at)"
            ),
            {"id": number, "at": datetime.now(UTC)},
        )
    page = tab.page
    page.get_by_test_id("channels-given_up").click()
    message = page.get_by_test_id("outbox-message")
    expect(message).to_contain_text("案件 AH-1 已超期。")
    expect(message).to_contain_text("invalid webhook url")
    message.get_by_test_id("outbox-retry").click()
    expect(message).to_be_hidden()
    page.get_by_test_id("channels-waiting").click()
    expect(message).to_contain_text("案件 AH-1 已超期。")


def test_a_day_is_made_one_of_rest_and_a_list_of_days_makes_a_year_certain(
    client: httpx.Client, tab: Tab, tmp_path: Path
) -> None:
    page = tab.page
    page.get_by_test_id("tab-calendar").click()
    year = int(page.get_by_test_id("calendar-number").inner_text())
    page.get_by_test_id("calendar-next").click()
    expect(page.get_by_test_id("calendar-number")).to_have_text(str(year + 1))
    expect(page.get_by_test_id("calendar-provisional")).to_be_visible()

    date = f"{year + 1}-05-12"
    day = page.locator(f"[data-date='{date}']")
    day.click()
    page.get_by_test_id("day-rest").click()
    page.get_by_test_id("day-name").fill("本地节日")
    page.get_by_test_id("day-save").click()
    expect(day).to_have_attribute("title", f"{date} · 休息 · 本地节日")
    days = {each["date"]: each for each in client.get(f"/calendar?year={year + 1}").json()["days"]}
    assert days[date]["source"] == "administrator"
    page.get_by_test_id("day-remove").click()
    expect(day).not_to_have_attribute("title", f"{date} · 休息 · 本地节日")

    table = tmp_path / "days.csv"
    table.write_text(
        f"日期,类型,名称\n{year + 1}-01-01,休,元旦\n{year + 1}-10-01,休,国庆节\n", encoding="utf-8"
    )
    page.get_by_test_id("calendar-file").set_input_files(table)
    expect(page.get_by_test_id("calendar-imported")).to_contain_text("新增 2 天")

    page.get_by_test_id("hours-open").click()
    page.get_by_test_id("due-rule").fill("3d")
    page.get_by_test_id("due-try").click()
    expect(page.get_by_test_id("due")).to_contain_text("3 个自然日")
