"""A call in a real browser: who called is written down, and one about an open case joins it."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect
from shapely.geometry import shape

from api.accounts import Role
from tests.browser import Tab
from tests.pages import account_of, signed_in, wait_for_map
from tests.serving import Server

CATEGORY = "facility.fitness"


@pytest.fixture
def client(demo_server: Server) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {demo_server.token('dispatcher')}"}
    with httpx.Client(base_url=f"{demo_server.url}/api/v1", headers=headers) as client:
        yield client


@pytest.fixture
def tab(demo_server: Server) -> Iterator[Tab]:
    username = account_of(demo_server.database, "desk", Role.DISPATCHER)
    with signed_in(demo_server, username) as tab:
        wait_for_map(tab.page)
        yield tab


def report_at(page: Page, server: Server, lon: float, lat: float) -> None:
    page.goto(f"{server.url}/?section=cases&at={lon:.5f},{lat:.5f},17")
    wait_for_map(page)
    page.get_by_test_id("report-case").click()
    box = page.get_by_test_id("map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_test_id("report-owner")).to_be_visible()


def test_a_call_is_written_down_with_its_caller_and_joins_the_open_case_that_it_is_about(
    demo_server: Server, client: httpx.Client, tab: Tab
) -> None:
    page = tab.page
    grids = client.get("/grids", params={"level": 2}).json()["features"]
    place = shape(grids[0]["geometry"]).representative_point()
    body = {"lon": place.x, "lat": place.y, "category": CATEGORY, "description": "健身器材松动"}
    first = client.post("/cases", json=body).json()

    # Who called is folded away until somebody wants to say it; a wrong number is told at its field.
    report_at(page, demo_server, place.x, place.y)
    expect(page.get_by_test_id("report-source")).to_have_value("hotline")
    expect(page.get_by_test_id("report-caller-phone")).to_be_hidden()
    expect(page.get_by_test_id("report-same")).to_have_count(0)
    page.get_by_test_id("report-description").fill("单杠快要倒了")
    page.get_by_test_id("report-category").select_option(CATEGORY)
    page.get_by_test_id("report-caller").locator("summary").click()
    page.get_by_test_id("report-ticket").fill("20261127-08123")
    page.get_by_test_id("report-caller-name").fill("王女士")
    page.get_by_test_id("report-caller-phone").fill("1381234567")

    # Of what may be the same one looks first, and nothing that was written is lost.
    same = page.locator("[data-testid=report-same-case]", has_text=first["number"])
    same.get_by_test_id("report-same-open").click()
    expect(page.get_by_test_id("drawer")).to_contain_text("健身器材松动")
    page.get_by_test_id("report-back").click()
    expect(page.get_by_test_id("report-description")).to_have_value("单杠快要倒了")
    same.get_by_test_id("report-same-join").click()
    expect(page.get_by_test_id("fault-phone")).to_contain_text("11 位手机号")
    expect(page.get_by_test_id("report-caller-phone")).to_be_focused()
    page.get_by_test_id("report-caller-phone").fill("138-1234-5678")
    same.get_by_test_id("report-same-join").click()
    expect(page.get_by_test_id("case-notice")).to_contain_text("共 2 次反映")
    expect(page.get_by_test_id("drawer")).to_contain_text(first["number"])

    assert client.get(f"/cases/{first['id']}").json()["reports"] == 2
    [call] = client.get("/cases", params={"external_number": "20261127-08123"}).json()["items"]
    assert (call["state"], call["merged_into"], call["source"]) == (
        *("merged", first["id"], "hotline"),
    )
    assert client.get(f"/cases/{call['id']}").json()["reporter"] == "王女士 138****5678"

    # What a citizen came to say waits to be looked at, and nobody has called about what was found.
    report_at(page, demo_server, place.x, place.y)
    page.get_by_test_id("report-source").select_option("citizen")
    expect(page.get_by_test_id("report-waits")).to_be_visible()
    page.get_by_test_id("report-source").select_option("patrol")
    expect(page.get_by_test_id("report-caller")).to_have_count(0)
    expect(page.get_by_test_id("report-owner")).to_be_visible()
