"""Notices in a real browser: they come by themselves, lead to what they are about, and are read."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from api.accounts import Role
from data.scope import Viewer
from gis.local_time import Window
from patrol.notices import about_cases, tell
from patrol.notices.kinds import NoticeKind
from patrol.notices.preferences import read_preferences
from tests.browser import Tab
from tests.pages import account_of, signed_in, wait_for_map
from tests.serving import Server

_ANOTHER_CHIEF = """
SELECT staff_id FROM posts
WHERE role = 'grid_chief' AND NOT is_deputy AND staff_id <> ALL (
    SELECT posts.staff_id FROM posts
    WHERE role = 'grid_chief' AND starts_with(
        (SELECT grid_code FROM cases ORDER BY reported_at DESC, id DESC LIMIT 1), posts.grid_code
    )
)
LIMIT 1
"""


@pytest.fixture
def client(demo_server: Server) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {demo_server.token('dispatcher')}"}
    with httpx.Client(base_url=f"{demo_server.url}/api/v1", headers=headers) as client:
        yield client


@pytest.fixture
def chief(demo_server: Server) -> int:
    """The staff number of a chief, whose account is called chief. What is returned where the newest case
    lies comes to another chief."""
    with demo_server.database.begin() as conn:
        staff_id = conn.scalars(text(_ANOTHER_CHIEF)).one()
    account_of(demo_server.database, "chief", Role.GRID_CHIEF, staff_id=staff_id)
    return int(staff_id)


@pytest.fixture
def tab(demo_server: Server, chief: int) -> Iterator[Tab]:
    with signed_in(demo_server, "chief") as tab:
        wait_for_map(tab.page)
        yield tab


def send_case(client: httpx.Client, staff_id: int, said: str) -> Any:
    """A new case that is dispatched to somebody by hand."""
    place = client.get("/cases", params={"limit": 1}).json()["items"][0]
    report = {"lon": place["lon"], "lat": place["lat"], "description": said}
    case = client.post("/cases", json=report).json()
    for order in (
        {"action": "return", "note": "派错了"},
        {"action": "dispatch", "staff": staff_id},
    ):
        client.post(f"/cases/{case['id']}/actions", json=order).raise_for_status()
    return case


def open_list(page: Page) -> None:
    page.get_by_test_id("notices").click()


def test_a_notice_comes_by_itself_and_leads_to_its_case(
    client: httpx.Client, chief: int, tab: Tab
) -> None:
    page = tab.page
    open_list(page)
    expect(page.get_by_test_id("notices-unread")).to_be_visible()
    page.keyboard.press("Escape")
    told = page.get_by_test_id("notice-count")
    expect(told).to_be_hidden()

    first = send_case(client, chief, "桥头堆放垃圾")
    expect(told).to_have_text("1")
    expect(page.get_by_test_id("notice-said")).to_contain_text(first["number"])
    second = send_case(client, chief, "路灯不亮")
    expect(told).to_have_text("2")

    # The newest stands first; one click is the case, and the notice is read.
    open_list(page)
    newest = page.get_by_test_id("notice").first
    expect(newest).to_contain_text(second["number"])
    expect(newest).to_have_attribute("data-read", "false")
    newest.click()
    drawer = page.locator("[data-testid=drawer][data-kind=case]")
    expect(drawer).to_contain_text(second["number"])
    expect(told).to_have_text("1")

    open_list(page)
    expect(page.get_by_test_id("notice").first).to_have_attribute("data-read", "true")
    page.get_by_test_id("notices-unread").click()
    expect(page.get_by_test_id("notice")).to_have_count(1)
    page.get_by_test_id("notices-read").click()
    expect(told).to_be_hidden()
    expect(page.get_by_test_id("notice")).to_have_count(0)


def test_a_notice_of_several_cases_leads_to_those_of_the_list_that_are_ones_own(
    client: httpx.Client, demo_server: Server, chief: int, tab: Tab
) -> None:
    page = tab.page
    case = send_case(client, chief, "河边有人倾倒渣土")
    received = about_cases(NoticeKind.CASES_RECEIVED, staff_id=chief, count=1, fact="edition 2")
    with demo_server.database.begin(Viewer.everything()) as conn:
        tell(conn, [received], datetime.now(UTC))
    expect(page.get_by_test_id("notice-count")).to_have_text("2")
    open_list(page)
    page.locator("[data-testid=notice][data-kind=cases_received]").click()
    expect(page).to_have_url(re.compile(r"section=cases.*only=mine"))
    expect(page.get_by_test_id("case-only-mine")).to_have_attribute("aria-pressed", "true")
    rows = page.get_by_test_id("case-row")
    expect(rows.and_(page.locator(f"[data-case='{case['id']}']"))).to_be_visible()
    with demo_server.database.begin() as conn:
        own = text("SELECT id FROM cases WHERE owner_staff_id = :chief")
        owned = {str(each) for each in conn.scalars(own, {"chief": chief})}
    assert {row.get_attribute("data-case") for row in rows.all()} <= owned


def test_everybody_chooses_where_else_they_are_told_and_when_not(
    demo_server: Server, chief: int, tab: Tab
) -> None:
    admin = {"Authorization": f"Bearer {demo_server.token('admin')}"}
    channel = {
        "name": "城东群",
        "kind": "wecom",
        "url": "http://127.0.0.1:9/cgi-bin/webhook/send?key=k",
        "notices": ["case_dispatched"],
    }
    made = httpx.post(f"{demo_server.url}/api/v1/channels", json=channel, headers=admin)
    made.raise_for_status()
    page = tab.page
    page.get_by_test_id("account").click()
    page.get_by_test_id("own-notices").click()
    form = page.get_by_test_id("notice-preferences")
    dispatched = form.locator("[data-kind=case_dispatched] input")
    expect(dispatched).to_be_checked()
    dispatched.uncheck()
    form.locator("[data-kind=case_overdue] input").check()
    page.get_by_test_id("quiet").check()
    page.get_by_test_id("quiet-from").fill("21:30")
    page.get_by_test_id("notice-preferences-save").click()
    expect(page.get_by_test_id("own-done")).to_be_visible()
    number = made.json()["id"]
    with demo_server.database.begin() as conn:
        kept = read_preferences(conn, chief)
    assert kept.channels == {
        NoticeKind.CASE_DISPATCHED: (),
        NoticeKind.CASE_OVERDUE: (number,),
    }
    assert kept.quiet == Window(begins=time(21, 30), ends=time(7))
