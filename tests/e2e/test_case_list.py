"""The list of cases in the command centre: beyond what it has loaded, narrowed down and ordered."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import text

from api.accounts import Role
from tests.browser import Tab, browsing
from tests.pages import account_of, sign_in, signed_in
from tests.serving import Server

TICKET = "GD20250611-0042"


@pytest.fixture
def old_case(demo_server: Server) -> tuple[int, str]:
    """Id and number of a case that is over, came as a ticket and was late, urged and supervised."""
    with demo_server.database.begin() as conn:
        row = conn.execute(
            text(
                "UPDATE cases SET external_number = :ticket, external_category = '市容市貌', urged = 2,"
                " supervised_at = closed_at, department = 'market' WHERE id ="
                " (SELECT min(id) FROM cases WHERE state = 'closed') RETURNING id, number"
            ),
            {"ticket": TICKET},
        ).one()
    return row.id, row.number


@pytest.fixture
def tab(demo_server: Server, old_case: tuple[int, str]) -> Iterator[Tab]:
    username = account_of(demo_server.database, "desk", Role.DISPATCHER)
    with signed_in(demo_server, username, "?section=cases") as tab:
        yield tab


def rows(page: Page) -> Locator:
    return page.get_by_test_id("case-row")


def test_a_case_that_the_page_has_not_loaded_is_found(tab: Tab, old_case: tuple[int, str]) -> None:
    page, (case_id, number) = tab.page, old_case
    expect(rows(page).first).to_be_visible()
    page.get_by_test_id("search").fill(TICKET)
    found = page.get_by_test_id("search-results").get_by_role("option")
    expect(found.filter(has_text=number)).to_contain_text(TICKET)
    found.filter(has_text=number).get_by_role("button").click()
    expect(page.get_by_test_id("fact-ticket")).to_have_text(TICKET)
    expect(page.get_by_test_id("fact-ticketCategory")).to_have_text("市容市貌")
    expect(page.get_by_test_id("fact-urged")).to_have_text("2 次")
    expect(page.get_by_test_id("fact-supervised")).to_be_visible()
    expect(page.get_by_test_id("fact-department")).to_be_visible()

    page.get_by_test_id("case-search").fill(number)
    page.get_by_test_id("case-look-in-all").click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_have_attribute("data-case", str(case_id))


def test_the_list_is_narrowed_and_ordered_and_the_address_keeps_it(
    tab: Tab, old_case: tuple[int, str]
) -> None:
    page = tab.page
    expect(rows(page).first).to_be_visible()
    page.get_by_test_id("case-filter-closed").click()
    page.get_by_test_id("case-only-supervised").click()
    expect(rows(page)).to_have_count(1)
    page.get_by_test_id("case-order").select_option("due")
    expect(page).to_have_url(re.compile(r"cases=closed&only=supervised&order=due"))
    page.reload()
    expect(page.get_by_test_id("case-only-supervised")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("case-order")).to_have_value("due")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_have_attribute("data-case", str(old_case[0]))


def test_on_a_telephone_a_case_takes_the_place_of_the_list_and_leaves_the_map(
    demo_server: Server, old_case: tuple[int, str]
) -> None:
    account_of(demo_server.database, "desk", Role.DISPATCHER)
    width, height = 390, 844
    with browsing(
        viewport={"width": width, "height": height}, locale="en-GB", reduced_motion="reduce"
    ) as tab:
        page = tab.page
        page.goto(f"{demo_server.url}/?section=cases&cases=all")
        sign_in(page, "desk")
        page.get_by_test_id("case-search").fill(old_case[1])
        expect(page.get_by_test_id("panel-note")).to_have_text("1 case")
        rows(page).click()
        expect(page.get_by_test_id("cases-panel")).to_be_hidden()
        drawer = page.get_by_test_id("drawer")
        expect(drawer).to_contain_text(old_case[1])
        box = drawer.bounding_box()
        assert box
        assert (box["x"], box["width"]) == (0, width)
        assert height / 4 < box["y"] < box["y"] + box["height"] <= height
        page.get_by_test_id("drawer-close").click()
        expect(page.get_by_test_id("cases-panel")).to_be_visible()
        assert tab.errors == []
