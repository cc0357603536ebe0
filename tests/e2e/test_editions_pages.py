"""Grids are re-divided and layers are looked at, as a person does it: by clicks on the map."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from shapely.geometry import shape

from api.accounts import Role
from data.database import Database
from data.editions import active_edition_id, read_grids
from tests.browser import Tab, browsing
from tests.pages import account_of, sign_in, wait_for_map
from tests.serving import Server


@pytest.fixture
def tab(demo_server: Server) -> Iterator[Tab]:
    with browsing(viewport={"width": 1280, "height": 720}, locale="zh-CN") as tab:
        yield tab


def open_page(server: Server, page: Page, query: str) -> None:
    page.goto(f"{server.url}/?{query}")
    sign_in(page, account_of(server.database, "administrator", Role.ADMIN))
    wait_for_map(page)


def middle_of_the_map(page: Page) -> tuple[float, float]:
    box = page.get_by_test_id("map").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def a_grid(database: Database) -> tuple[float, float]:
    """A place inside a level-2 grid."""
    with database.begin() as conn:
        edition_id = active_edition_id(conn)
        assert edition_id is not None
        grid = next(row.grid for row in read_grids(conn, edition_id, level=2))
    place = shape(grid.geometry).representative_point()
    return place.x, place.y


def test_a_draft_is_split_by_drawing_undone_compared_and_put_in_force(
    demo_server: Server, tab: Tab
) -> None:
    page = tab.page
    lon, lat = a_grid(demo_server.database)
    open_page(demo_server, page, f"section=grids&at={lon:.5f},{lat:.5f},14")
    page.get_by_test_id("open-editions").click()
    page.get_by_test_id("edition-copy").click()
    page.get_by_test_id("edition-name").fill("明年调整")
    page.get_by_test_id("edition-copy-make").click()
    editor = page.get_by_test_id("edition-editor")
    expect(editor).to_have_attribute("data-version", "0")
    wait_for_map(page)

    x, y = middle_of_the_map(page)
    page.mouse.click(x, y)
    expect(page.get_by_test_id("edition-chosen")).to_be_visible()

    # A line that stops inside the grid is refused, and the page says so.
    page.get_by_test_id("draw-line").click()
    page.mouse.click(x - 6, y)
    page.wait_for_timeout(400)  # two clicks at once would be a double click
    page.mouse.dblclick(x + 6, y)
    page.get_by_test_id("tool-apply").click()
    expect(page.get_by_test_id("edition-refusal")).to_be_visible()
    expect(editor).to_have_attribute("data-version", "0")

    # One across it makes two of it.
    page.get_by_test_id("draw-line").click()
    page.mouse.click(x, 70)
    page.wait_for_timeout(400)
    page.mouse.dblclick(x, 640)
    page.get_by_test_id("split-name").fill("新设网格")
    page.get_by_test_id("tool-apply").click()
    expect(editor).not_to_have_attribute("data-version", "0")

    page.get_by_test_id("edition-undo").click()
    expect(page.get_by_test_id("edition-redo")).to_be_enabled()
    page.get_by_test_id("edition-redo").click()
    expect(page.get_by_test_id("edition-redo")).to_be_disabled()
    page.get_by_test_id("edition-changes").click()
    expect(page.get_by_test_id("change-row")).to_have_attribute("data-kind", "split")

    page.get_by_test_id("edition-comparison").click()
    expect(page.get_by_test_id("relation-split")).to_have_text(
        "2划分", timeout=20_000
    )  # codes, before and after
    expect(page.get_by_test_id("moved-ground").first).to_be_visible()

    page.get_by_test_id("edition-activation").click()
    page.get_by_test_id("activate").click()
    page.get_by_test_id("confirm").click()
    rows = page.get_by_test_id("edition-row")
    expect(rows.first).to_have_attribute("data-state", "active", timeout=20_000)
    expect(rows.first).to_contain_text("明年调整")
    assert tab.errors == []
    assert tab.external == []


def test_a_suspected_change_opens_from_the_map_and_leads_to_its_case(
    demo_server: Server, tab: Tab
) -> None:
    page = tab.page
    token = demo_server.token("dispatcher")
    answer = page.request.get(
        f"{demo_server.url}/api/v1/changes", headers={"Authorization": f"Bearer {token}"}
    )
    change = answer.json()["features"][0]
    middle = shape(change["geometry"]).centroid
    open_page(demo_server, page, f"panel=folded&layers=&at={middle.x:.6f},{middle.y:.6f},17")
    page.get_by_test_id("layers").click()
    page.evaluate("document.documentElement.dataset.map = 'choosing'")
    page.get_by_test_id("layer-changes").check()
    wait_for_map(page)
    page.mouse.click(*middle_of_the_map(page))
    drawer = page.locator("[data-kind=feature]")
    expect(drawer).to_have_attribute("data-layer", "changes")
    expect(page.get_by_test_id("change-case")).to_have_text(change["properties"]["case_number"])
    page.get_by_test_id("change-case").click()
    expect(page.get_by_test_id("drawer-title")).to_be_visible()
    # What is switched on is remembered.
    page.goto(demo_server.url)
    page.get_by_test_id("layers").click()
    expect(page.get_by_test_id("layer-changes")).to_be_checked()
    assert tab.errors == []


def test_a_sensor_in_alarm_and_the_camera_that_plays_are_shown(
    demo_server: Server, tab: Tab
) -> None:
    page = tab.page
    token = demo_server.token("dispatcher")
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{demo_server.url}/api/v1"
    sensors = page.request.get(f"{url}/sensors?state=alarm", headers=headers).json()["features"]
    lon, lat = sensors[0]["geometry"]["coordinates"]
    open_page(demo_server, page, f"layers=&panel=folded&at={lon},{lat},17")
    page.get_by_test_id("layers").click()
    page.evaluate("document.documentElement.dataset.map = 'choosing'")
    page.get_by_test_id("layer-sensors").check()
    wait_for_map(page)
    page.mouse.click(*middle_of_the_map(page))
    expect(page.get_by_test_id("sensor-state")).to_have_text("超限")
    expect(page.get_by_test_id("fact-water_level_m")).to_have_text("1.46 m")
    expect(page.get_by_test_id("exceedance")).to_have_count(1)

    page.goto(f"{demo_server.url}/?section=duty&duty=video")
    playing = page.get_by_test_id("playing")
    expect(playing).to_be_visible()
    code = playing.get_attribute("data-camera")
    playing.click()
    # Its layer is off: it is known all the same.
    expect(page.get_by_test_id("fact-code")).to_have_text(code or "")
    expect(page.locator("[data-testid=drawer] [data-testid=watch-camera]")).to_be_visible()
    assert tab.errors == []


def test_grids_without_an_owner_are_counted_and_listed_alone(demo_server: Server, tab: Tab) -> None:
    page = tab.page
    open_page(demo_server, page, "section=grids")
    expect(page.get_by_test_id("owners-ownerless")).to_contain_text("1")
    page.get_by_test_id("owners-ownerless").click()
    expect(page.get_by_test_id("grid-lack")).to_have_count(1)
    expect(page.get_by_test_id("grid-row")).to_have_count(2)  # with the one above it
    assert tab.errors == []


def test_a_layer_that_is_worked_out_is_asked_in_the_card_and_its_cells_open(
    demo_server: Server, tab: Tab
) -> None:
    page = tab.page
    open_page(demo_server, page, "panel=folded&layers=")
    page.get_by_test_id("layers").click()
    page.get_by_test_id("layer-density").check()
    with page.expect_response(lambda answer: "/tiles/density/" in answer.url) as asked:
        page.get_by_test_id("of-density").select_option("facilities")
    assert "of=facilities" in asked.value.url
    page.evaluate("document.documentElement.dataset.map = 'choosing'")
    page.get_by_test_id("layers").click()
    wait_for_map(page)
    page.mouse.click(*middle_of_the_map(page))
    expect(page.locator("[data-kind=feature]")).to_have_attribute("data-layer", "density")
    expect(page.get_by_test_id("fact-count")).to_be_visible()
    assert tab.errors == []
