"""Grids are re-divided and layers are looked at, as a person does it: by clicks on the map."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import geopandas
import pytest
from playwright.sync_api import Locator, Page, expect
from shapely import box
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


def click_the_middle(page: Page, chosen: Locator) -> None:
    """Until what lies there is chosen: a map may be still while its data is on its way."""
    for _ in range(30):
        page.mouse.click(*middle_of_the_map(page))
        with suppress(AssertionError):
            expect(chosen).to_be_visible(timeout=2000)
            return
    expect(chosen).to_be_visible()


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
    expect(page.get_by_test_id("relation-split")).to_have_text("2划分")  # codes, before and after
    expect(page.get_by_test_id("moved-ground").first).to_be_visible()

    page.get_by_test_id("edition-activation").click()
    page.get_by_test_id("activate").click()
    page.get_by_test_id("confirm").click()
    rows = page.get_by_test_id("edition-row")
    expect(rows.first).to_have_attribute("data-state", "active")
    expect(rows.first).to_contain_text("明年调整")
    assert tab.errors == []
    assert tab.external == []


def shapefile_without_prj(folder: Path) -> list[Path]:
    """Villages with codes of 12 digits, in metres of EPSG:4549, which nothing says."""
    plane = {"XZQDM": ["320722101203", "320722101204"], "XZQMC": ["东村", "西村"]}
    areas = [box(371224, 3814000, 371724, 3814500), box(371724, 3814000, 372224, 3814500)]
    geopandas.GeoDataFrame(plane, geometry=areas, crs=4549).to_file(folder / "villages.shp")
    (folder / "villages.prj").unlink()
    return sorted(folder.glob("villages.*"))


def grids_with_columns_of_their_own(path: Path) -> Path:
    """Of the next level; which column is the code nobody would guess."""
    areas = [box(371224, 3814000, 371724, 3814500), box(371724, 3814000, 372224, 3814500)]
    frame = {"甲": ["A1", "A2"], "乙": ["一组", "二组"]}
    geopandas.GeoDataFrame(frame, geometry=areas, crs=4549).to_crs(4326).to_file(path)
    return path


def test_two_files_are_imported_each_with_its_level_columns_and_coordinates(
    demo_server: Server, tab: Tab, tmp_path: Path
) -> None:
    page = tab.page
    files = [
        *shapefile_without_prj(tmp_path),
        grids_with_columns_of_their_own(tmp_path / "组.geojson"),
    ]
    open_page(demo_server, page, "section=grids")
    page.get_by_test_id("open-editions").click()
    page.get_by_test_id("edition-upload").click()
    page.get_by_test_id("edition-files").set_input_files(files)
    maps = page.get_by_test_id("uploaded-map")
    villages, groups = (
        maps.and_(page.locator(f"[data-file='{name}']")) for name in ("villages.shp", "组.geojson")
    )
    problem = page.get_by_test_id("upload-problem")
    expect(villages.locator(problem)).to_have_attribute("data-code", "no_crs")
    expect(villages.locator(problem)).to_contain_text("文件没有写明坐标系")
    expect(groups.locator(problem)).to_have_attribute("data-code", "no_code_column")
    expect(page.get_by_test_id("edition-draft")).to_be_disabled()

    villages.get_by_test_id("crs").select_option("cgcs2000")
    expect(villages.locator(problem)).to_have_attribute("data-code", "not_in_crs")
    villages.get_by_test_id("crs").select_option("other")
    villages.get_by_test_id("epsg").fill("4549")
    villages.get_by_test_id("epsg").blur()
    expect(villages.locator(problem)).to_have_attribute("data-code", "no_level")
    villages.get_by_test_id("map-level").select_option("1")
    expect(villages.locator(problem)).to_have_count(0)
    groups.get_by_test_id("column-code").select_option("甲")
    groups.get_by_test_id("column-name").select_option("乙")
    groups.get_by_test_id("map-level").select_option("2")
    expect(problem).to_have_count(0)
    page.get_by_test_id("edition-draft").click()
    expect(page.get_by_test_id("edition-editor")).to_be_visible()
    assert tab.errors == []


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
    drawer = page.locator("[data-kind=feature]")
    click_the_middle(page, drawer)
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
    answer = page.request.get(f"{url}/sensors?state=alarm", headers=headers)
    sensor = answer.json()["features"][0]
    lon, lat = sensor["geometry"]["coordinates"]
    open_page(demo_server, page, f"layers=&panel=folded&at={lon},{lat},17")
    page.get_by_test_id("layers").click()
    page.evaluate("document.documentElement.dataset.map = 'choosing'")
    page.get_by_test_id("layer-sensors").check()
    wait_for_map(page)
    named = page.get_by_test_id("hit-chooser").get_by_text(sensor["properties"]["name"])
    click_the_middle(page, page.get_by_test_id("sensor-state").or_(named))
    if named.is_visible():  # another sensor may lie as near
        named.click()
    expect(page.get_by_test_id("sensor-state")).to_have_text("超限")
    expect(page.get_by_test_id("fact-water_level_m")).to_have_text("1.46 m")
    expect(page.get_by_test_id("exceedance")).to_have_count(1)

    page.goto(f"{demo_server.url}/?section=duty&duty=video")
    playing = page.get_by_test_id("playing")
    expect(playing).to_be_visible()
    before = playing.get_attribute("data-camera")
    playing.click()
    after = playing.get_attribute("data-camera")  # the round may have gone on meanwhile
    # Its layer is off: it is known all the same.
    expect(page.get_by_test_id("fact-code")).to_have_text(re.compile(f"^({before}|{after})$"))
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
    with page.expect_response(re.compile(r"/tiles/density/.*[?&]of=facilities")):
        page.get_by_test_id("of-density").select_option("facilities")
    page.evaluate("document.documentElement.dataset.map = 'choosing'")
    page.get_by_test_id("layers").click()
    wait_for_map(page)
    click_the_middle(page, page.locator("[data-kind=feature]"))
    expect(page.locator("[data-kind=feature]")).to_have_attribute("data-layer", "density")
    expect(page.get_by_test_id("fact-count")).to_be_visible()
    assert tab.errors == []
