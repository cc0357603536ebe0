"""What tests in a browser do on the pages again and again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from api.accounts import Role
from api.accounts.service import create_account
from data.database import Database
from data.demo.loading import create_demo_town
from tests.browser import Tab, browsing
from tests.serving import Server

PASSWORD = "a long enough password"


def account_of(
    database: Database, username: str, role: Role, *, staff_id: int | None = None
) -> str:
    """The user name of a new account with PASSWORD."""
    with database.begin() as conn:
        create_account(conn, username=username, password=PASSWORD, role=role, staff_id=staff_id)
    return username


def chief_of(database: Database) -> str:
    """The user name of a chief of the demo town."""
    people = create_demo_town(database, now=datetime.now(UTC)).people
    person = next(person for person in people if person.role == Role.GRID_CHIEF)
    return account_of(database, "chief", Role.GRID_CHIEF, staff_id=person.staff_id)


@contextmanager
def signed_in(
    server: Server,
    username: str,
    query: str = "",
    *,
    locale: str = "zh-CN",
    timezone_id: str = "Asia/Shanghai",
) -> Iterator[Tab]:
    """The command centre as somebody sees it. At the end nothing has gone wrong on the page, and no
    other machine was asked."""
    viewport = {"width": 1280, "height": 720}
    with browsing(viewport=viewport, locale=locale, timezone_id=timezone_id) as tab:
        tab.page.goto(f"{server.url}/{query}")
        sign_in(tab.page, username)
        yield tab
        assert tab.errors == []
        assert tab.external == []


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    form = page.get_by_test_id("sign-in")
    form.locator("input").nth(0).fill(username)
    form.locator("input[type=password]").fill(password)
    page.get_by_test_id("sign-in-submit").click()


def sign_out(page: Page) -> None:
    page.get_by_test_id("account").click()
    page.get_by_test_id("sign-out").click()
    expect(page.get_by_test_id("sign-in")).to_be_visible()


def wait_for_map(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("data-map", "ready")
