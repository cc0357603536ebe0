"""Basemaps of others in a real browser: drawn where they belong; when away, the local one stands in."""

import io
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from api.accounts import Role
from api.settings import ServerSettings
from data.database import Database
from gis.crs import wgs84_to_gcj02
from layers.basemaps import BasemapSettings
from tests.browser import Tab, browsing
from tests.map_server import MapServer, map_server
from tests.pages import account_of, sign_in, wait_for_map
from tests.serving import Server, serving

LON, LAT = 118.65, 34.5
ENTRY = """
[[basemap]]
id = "{id}"
kind = "xyz"
title = {{ zh = "{title}", en = "{id}" }}
attribution = "© 测绘院"
url = "{url}/{id}/{{z}}/{{x}}/{{y}}.png"
crs = "{crs}"
minzoom = 1
"""
# The tests' map server counts tiles, not the page's zooms: what is drawn is one red disc at the place.
RED = (255, 0, 0)


@pytest.fixture
def maps() -> Iterator[MapServer]:
    with map_server() as server:
        yield server


@pytest.fixture
def server(database: Database, maps: MapServer, tmp_path: Path) -> Iterator[Server]:
    file = tmp_path / "basemaps.toml"
    file.write_text(
        "".join(
            ENTRY.format(id=name, title=title, url=maps.url, crs=crs)
            for name, title, crs in (
                ("aerial", "影像", "3857"),
                ("degrees", "经纬度", "4490"),
                ("shifted", "偏移", "gcj02"),
            )
        ),
        encoding="utf-8",
    )
    settings = ServerSettings(basemaps=BasemapSettings.read(file, tmp_path / "kept", {}))
    with serving(database, settings) as server:
        yield server


@pytest.fixture
def tab(server: Server) -> Iterator[Tab]:
    with browsing(viewport={"width": 1280, "height": 720}, locale="zh-CN") as tab:
        tab.page.goto(f"{server.url}/?at={LON},{LAT},15&panel=folded")
        sign_in(tab.page, account_of(server.database, "chief", Role.DISPATCHER))
        wait_for_map(tab.page)
        tab.page.get_by_test_id("layers").click()
        yield tab


def choose(page: Page, name: str) -> None:
    page.evaluate("document.documentElement.dataset.map = 'choosing'")
    page.get_by_test_id(f"basemap-{name}").check()
    wait_for_map(page)


def picture(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.get_by_test_id("map").screenshot())).convert("RGB")


def middle_of_red(image: Image.Image) -> tuple[float, float] | None:
    """In pixels from the middle of the picture."""
    data = image.load()
    assert data is not None
    found = [
        (x, y)
        for x in range(image.width)
        for y in range(image.height)
        if all(abs(a - b) < 24 for a, b in zip(data[x, y], RED, strict=True))  # type: ignore[arg-type]
    ]
    if not found:
        return None
    xs, ys = zip(*found, strict=True)
    return sum(xs) / len(xs) + 0.5 - image.width / 2, sum(ys) / len(ys) + 0.5 - image.height / 2


@pytest.mark.parametrize(
    ("name", "mark", "in_degrees"),
    [
        ("aerial", (LON, LAT), False),
        ("degrees", (LON, LAT), True),
        ("shifted", wgs84_to_gcj02(LON, LAT), False),
    ],
)
def test_a_place_is_where_it_should_be_whatever_a_map_is_drawn_in(
    tab: Tab, maps: MapServer, name: str, mark: tuple[float, float], in_degrees: bool
) -> None:
    maps.behave("picture", mark=mark, degrees=in_degrees)
    choose(tab.page, name)
    middle = middle_of_red(picture(tab.page))
    assert middle is not None
    assert math.hypot(*middle) < 1.5
    assert tab.external == []
    assert tab.errors == []


def test_unshifted_it_would_be_hundreds_of_metres_away(tab: Tab, maps: MapServer) -> None:
    maps.behave("picture", mark=wgs84_to_gcj02(LON, LAT))
    choose(tab.page, "aerial")
    middle = middle_of_red(picture(tab.page))
    assert middle is not None
    assert math.hypot(*middle) > 100  # pixels of 4 m


def test_the_choice_is_remembered_and_its_makers_named(tab: Tab) -> None:
    choose(tab.page, "aerial")
    expect(tab.page.get_by_text("© 测绘院")).to_be_visible()
    tab.page.reload()
    wait_for_map(tab.page)
    tab.page.get_by_test_id("layers").click()
    expect(tab.page.get_by_test_id("basemap-aerial")).to_be_checked()
    expect(tab.page.get_by_text("© 测绘院")).to_be_visible()


def test_while_a_map_server_is_away_the_local_map_stands_in(tab: Tab, maps: MapServer) -> None:
    maps.behave("reset")
    choose(tab.page, "aerial")
    failing = tab.page.get_by_test_id("basemap-failing")
    expect(failing).to_be_visible()
    tab.page.get_by_test_id("basemap--local").check()
    expect(failing).not_to_be_visible()
    assert tab.errors == []


def test_without_a_ground_nothing_is_asked_for(tab: Tab, maps: MapServer) -> None:
    choose(tab.page, "aerial")
    tab.page.get_by_test_id("layer-basemap").uncheck()
    expect(tab.page.get_by_test_id("basemaps")).not_to_be_visible()
    before = len(maps.paths)
    tab.page.get_by_test_id("zoom-in").click()
    tab.page.evaluate("document.documentElement.dataset.map = 'zooming'")
    tab.page.get_by_test_id("zoom-out").click()
    wait_for_map(tab.page)
    assert len(maps.paths) == before
