"""Editions beside each other: a draft that does not know the one in force, and one that is to come."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from sqlalchemy import Connection

from api.accounts import Role
from data.audit import Who
from data.editions import active_edition_id, change_draft, copy_to_draft, read_grids
from data.editions.scheduling import schedule
from data.scope import Viewer
from gis.grid import Grid
from gis.redivision import Rename
from patrol.redivision import put_in_force
from tests.browser import Tab, browsing
from tests.pages import account_of, sign_in
from tests.serving import Server

ZONE = ZoneInfo("Asia/Shanghai")
WHO = Who(account_id=None, name="张三", role="admin", address=None)


@pytest.fixture
def tab(demo_server: Server) -> Iterator[Tab]:
    with browsing(
        viewport={"width": 1280, "height": 720}, locale="zh-CN", timezone_id=ZONE.key
    ) as tab:
        yield tab


def a_grid(conn: Connection) -> Grid:
    edition_id = active_edition_id(conn)
    assert edition_id is not None
    return next(row.grid for row in read_grids(conn, edition_id, level=2))


def copied(conn: Connection, called: str, **changes: str) -> int:
    """A copy of the edition in force with another name or code for one of its grids."""
    renamed = Rename(grid=a_grid(conn).code, **changes)
    draft = copy_to_draft(conn, WHO, name=called)
    change_draft(conn, draft.id, renamed, WHO, at=datetime.now(UTC))
    return draft.id


def test_a_draft_that_would_take_something_back_says_so_and_asks(
    demo_server: Server, tab: Tab
) -> None:
    with demo_server.database.begin(Viewer.everything()) as conn:
        mine, theirs = copied(conn, "我的草稿", name="甲"), copied(conn, "别人的调整", name="乙")
        put_in_force(conn, theirs, WHO, at=datetime.now(UTC))
    page = tab.page
    page.goto(f"{demo_server.url}/?section=grids&edition={mine}")
    sign_in(page, account_of(demo_server.database, "administrator", Role.ADMIN))
    page.get_by_test_id("edition-activation").click()
    page.get_by_test_id("activate").click()
    page.get_by_test_id("confirm").click()
    asked = page.get_by_test_id("base-changed")
    expect(asked).to_contain_text("别人的调整")
    expect(page.get_by_test_id("activate")).to_be_disabled()

    page.get_by_test_id("edition-comparison").click()
    expect(page.get_by_test_id("came-between")).to_contain_text("别人的调整")

    page.get_by_test_id("edition-activation").click()
    expect(asked).to_be_visible()
    page.get_by_test_id("activate-replaces").check()
    page.get_by_test_id("activate").click()
    page.get_by_test_id("confirm").click()
    row = page.get_by_test_id("edition-row").filter(has_text="我的草稿")
    expect(row).to_have_attribute("data-state", "active")
    assert tab.external == []


def test_somebody_is_appointed_to_a_grid_before_there_is_one(demo_server: Server, tab: Tab) -> None:
    begins = (datetime.now(ZONE) + timedelta(days=3)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    with demo_server.database.begin() as conn:
        draft = copied(conn, "明年", code="32072210120399901", name="新设网格")
        schedule(conn, draft, WHO, at=begins, now=datetime.now(UTC))
    page = tab.page
    page.goto(f"{demo_server.url}/?section=settings&tab=staff")
    sign_in(page, account_of(demo_server.database, "administrator", Role.ADMIN))
    page.get_by_test_id("staff").get_by_role("button").first.click()
    page.get_by_test_id("post-new").click()
    grid = page.get_by_test_id("post-grid")
    expect(grid).not_to_contain_text("新设网格")
    page.get_by_test_id("post-first").fill(begins.date().isoformat())
    expect(grid).to_contain_text("新设网格")
    grid.select_option("32072210120399901")
    page.get_by_test_id("post-begin").click()
    expect(page.get_by_test_id("posts")).to_contain_text("32072210120399901")
    assert tab.errors == []
    assert tab.external == []
