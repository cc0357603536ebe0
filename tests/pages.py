"""What tests in a browser do on the pages again and again."""

from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from api.accounts import Role
from api.accounts.service import create_account
from data.database import Database
from data.demo.loading import create_demo_town

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
