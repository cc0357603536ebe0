"""Photos in a real browser: they go with a report and with what was done, and are looked at large."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import shapely
from playwright.sync_api import Locator, Page, expect
from shapely.geometry import mapping

from api.accounts import Role
from tests.browser import Tab
from tests.pages import account_of, signed_in, wait_for_map
from tests.photos import photo
from tests.serving import Server


@pytest.fixture
def client(demo_server: Server) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {demo_server.token('dispatcher')}"}
    with httpx.Client(base_url=f"{demo_server.url}/api/v1", headers=headers, timeout=60) as client:
        yield client


@pytest.fixture
def tab(demo_server: Server) -> Iterator[Tab]:
    username = account_of(demo_server.database, "desk", Role.DISPATCHER)
    with signed_in(demo_server, username) as tab:
        wait_for_map(tab.page)
        yield tab


def picture(name: str, colour: tuple[int, int, int]) -> Any:
    return {"name": name, "mimeType": "image/jpeg", "buffer": photo(colour)}


def give(picker: Locator, *files: Any) -> None:
    """As if they had been chosen; they have arrived afterwards."""
    before = picker.get_by_test_id("photo").count()
    picker.get_by_test_id("photo-input").set_input_files(list(files))
    sent = picker.locator("[data-testid=photo][data-state=sent]")
    expect(sent).to_have_count(before + len(files))


def report_at(page: Page, server: Server, lon: float, lat: float) -> None:
    page.goto(f"{server.url}/?section=cases&at={lon:.5f},{lat:.5f},17")
    wait_for_map(page)
    page.get_by_test_id("report-case").click()
    box = page.get_by_test_id("map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_test_id("report-owner")).to_be_visible()


def test_a_report_and_what_was_done_take_photos_that_are_looked_at_large(
    demo_server: Server, client: httpx.Client, tab: Tab
) -> None:
    page = tab.page
    place = client.get("/cases", params={"limit": 1}).json()["items"][0]
    report_at(page, demo_server, place["lon"], place["lat"])
    page.get_by_test_id("report-description").fill("桥头堆放垃圾")
    picker = page.get_by_test_id("report-photos")
    give(picker, picture("1.jpg", (200, 30, 30)), picture("2.jpg", (30, 200, 30)))

    # What is no photo says so, and one that is taken away does not go along.
    picker.get_by_test_id("photo-input").set_input_files(
        [{"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-"}]
    )
    expect(picker.get_by_test_id("photo-fault")).to_be_visible()
    picker.get_by_test_id("photo-input").set_input_files(
        [{"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}]
    )
    expect(picker.get_by_test_id("photo-problem")).to_contain_text("不是照片")
    page.get_by_test_id("report-submit").click()
    expect(page.get_by_test_id("report-fault")).to_be_visible()
    picker.locator("[data-state=failed]").get_by_test_id("photo-remove").click()
    page.get_by_test_id("report-submit").click()
    expect(page.get_by_test_id("case-notice")).to_be_visible()
    expect(page.get_by_test_id("case-photo")).to_have_count(2)

    # Handling it takes photos of afterwards.
    page.get_by_test_id("action-accept").click()
    page.get_by_test_id("action-confirm").click()
    page.get_by_test_id("action-handle").click()
    page.get_by_test_id("action-note").fill("已清走")
    give(page.get_by_test_id("case-actions"), picture("3.jpg", (30, 30, 200)))
    page.get_by_test_id("action-confirm").click()
    expect(page.get_by_test_id("case-photo")).to_have_count(3)
    case = client.get("/cases", params={"limit": 1}).json()["items"][0]
    kept = client.get(f"/cases/{case['id']}").json()["photos"]
    assert [one["role"] for one in kept] == ["report", "report", "after"]

    # One fills the drawer; arrows go round, and Escape closes the photo and not the case.
    page.get_by_test_id("case-photo").first.click()
    viewer = page.get_by_test_id("photo-viewer")
    expect(viewer.locator("img")).to_have_js_property("complete", True)
    assert viewer.locator("img").evaluate("img => img.naturalWidth") == 640
    page.keyboard.press("ArrowLeft")
    expect(viewer.get_by_test_id("photo-count")).to_have_text("3 / 3")
    expect(viewer).to_contain_text("处置后")
    page.keyboard.press("ArrowRight")
    expect(viewer.get_by_test_id("photo-count")).to_have_text("1 / 3")
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(page.locator("[data-testid=drawer][data-kind=case]")).to_be_visible()


def test_what_was_dealt_with_on_the_spot_has_photos_of_before_and_afterwards(
    demo_server: Server, client: httpx.Client, tab: Tab
) -> None:
    page = tab.page
    place = client.get("/cases", params={"limit": 1}).json()["items"][0]
    report_at(page, demo_server, place["lon"], place["lat"])
    page.get_by_test_id("report-description").fill("井盖松动")
    page.get_by_test_id("report-handled").check()
    give(page.get_by_test_id("report-photos"), picture("1.jpg", (200, 30, 30)))
    give(page.get_by_test_id("report-photos-after"), picture("2.jpg", (30, 200, 30)))
    page.get_by_test_id("report-submit").click()
    expect(page.get_by_test_id("report-fault")).to_be_visible()
    page.get_by_test_id("report-handled-how").fill("已复位并固定")
    page.get_by_test_id("report-submit").click()
    expect(page.get_by_test_id("case-notice")).to_contain_text("已当场办结")

    case = client.get("/cases", params={"limit": 1}).json()["items"][0]
    assert case["state"] == "closed"
    kept = client.get(f"/cases/{case['id']}").json()["photos"]
    assert [one["role"] for one in kept] == ["before", "after"]


def test_photos_are_pasted_and_dropped(demo_server: Server, client: httpx.Client, tab: Tab) -> None:
    page = tab.page
    place = client.get("/cases", params={"limit": 1}).json()["items"][0]
    report_at(page, demo_server, place["lon"], place["lat"])
    carried = """([bytes, event]) => {
        const carried = new DataTransfer();
        carried.items.add(new File([new Uint8Array(bytes)], "a.jpg", { type: "image/jpeg" }));
        const picker = document.querySelector("[data-testid=report-photos]");
        const pasted = new ClipboardEvent("paste", { clipboardData: carried });
        const dropped = new DragEvent("drop", { dataTransfer: carried, bubbles: true });
        if (event === "paste") window.dispatchEvent(pasted);
        else picker.dispatchEvent(dropped);
    }"""
    sent = page.get_by_test_id("report-photos").locator("[data-state=sent]")
    page.evaluate(carried, [list(photo((200, 30, 30))), "paste"])
    expect(sent).to_have_count(1)
    page.evaluate(carried, [list(photo((30, 200, 30))), "drop"])
    expect(sent).to_have_count(2)


def test_what_was_found_of_a_suspected_change_is_shown_by_a_photo(
    demo_server: Server, client: httpx.Client, tab: Tab
) -> None:
    page = tab.page
    cases = client.get("/cases").json()["items"]
    place = next(case for case in cases if case["owner"] is not None)
    area = shapely.Point(place["lon"], place["lat"]).buffer(0.0003)
    feature = {"type": "Feature", "properties": {}, "geometry": mapping(area)}
    file = ("spot.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}))
    [case_id] = client.post("/changes", files={"files": file}).raise_for_status().json()["cases"]
    changes = client.get("/changes", params={"limit": 200}).json()["features"]
    change = next(each for each in changes if each["properties"]["case"] == case_id)

    page.goto(f"{demo_server.url}/?open=feature:changes:{change['id']}")
    drawer = page.locator("[data-kind=feature]")
    drawer.get_by_test_id("verdict-confirmed").click()
    expect(drawer.get_by_role("alert")).to_contain_text("照片")
    give(drawer, picture("found.jpg", (30, 200, 30)))
    drawer.get_by_test_id("verdict-confirmed").click()
    expect(drawer.get_by_test_id("verdict-confirmed")).to_have_count(0)
    found = client.get(f"/cases/{case_id}").json()
    assert (found["state"], [one["role"] for one in found["photos"]]) == ("post_check", ["after"])
    # It is not on the map any more; who has its address still reads what came of it.
    page.reload()
    expect(drawer.get_by_test_id("change-case")).to_have_text(found["number"])
