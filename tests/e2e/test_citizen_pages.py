"""The page for citizens asks what the chosen category needs, in the size of a telephone."""

from pathlib import Path

import httpx
from playwright.sync_api import expect
from shapely.geometry import shape

from tests.browser import browsing
from tests.photos import photo
from tests.serving import Server

WRECK = {
    "code": "traffic.wreck",
    "parent": "traffic",
    "title_zh": "僵尸车",
    "title_en": "Abandoned vehicle",
    "term": "5d",
    "photos": ["report"],
    "fields": [
        {"code": "plate", "title_zh": "车牌号", "title_en": "Number plate", "required": True},
        {"code": "wheels", "title_zh": "轮数", "title_en": "Wheels", "kind": "number"},
        {"code": "colour", "title_zh": "颜色", "kind": "choice", "choices": ["黑", "白"]},
    ],
}


def test_a_citizen_is_asked_what_the_category_needs_and_told_at_the_field(
    demo_server: Server, tmp_path: Path
) -> None:
    headers = {"Authorization": f"Bearer {demo_server.token('admin')}"}
    api = f"{demo_server.url}/api/v1"
    httpx.post(f"{api}/cases/categories", json=WRECK, headers=headers).raise_for_status()
    grids = httpx.get(f"{api}/grids", params={"level": 1}, headers=headers).json()["features"]
    at = shape(grids[0]["geometry"]).representative_point()
    file = tmp_path / "photo.jpg"
    file.write_bytes(photo())
    with browsing(locale="zh-CN", viewport={"width": 390, "height": 844}) as tab:
        page = tab.page
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"longitude": at.x, "latitude": at.y})
        page.goto(f"{demo_server.url}/report")
        page.get_by_test_id("citizen-locate").click()
        expect(page.get_by_test_id("citizen-place")).to_be_visible()
        page.get_by_test_id("citizen-description").fill("停在桥下一年了")
        expect(page.get_by_test_id("field-plate")).to_have_count(0)

        # What is needed is said where it is missing, and nothing is sent.
        page.get_by_test_id("citizen-category").select_option("traffic.wreck")
        expect(page.get_by_test_id("citizen-need-photo")).to_be_visible()
        page.get_by_test_id("citizen-send").click()
        expect(page.get_by_test_id("fault-plate")).to_have_text("请填写此项")
        expect(page.get_by_test_id("field-plate")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_test_id("fault-wheels")).to_have_count(0)

        page.get_by_test_id("field-plate").fill("苏G12345")
        page.get_by_test_id("field-colour").select_option("黑")
        page.get_by_test_id("citizen-photos").set_input_files(file)
        expect(page.get_by_test_id("citizen-need-photo")).to_have_count(0)
        page.get_by_test_id("citizen-send").click()
        number = page.get_by_test_id("citizen-number").inner_text()

        # Whoever has sent it sees at once what they answered, as it was asked.
        progress = page.get_by_test_id("citizen-progress")
        expect(progress.get_by_test_id("answer-plate")).to_have_text("苏G12345")
        expect(progress.get_by_test_id("answer-colour")).to_have_text("黑")
        expect(progress.get_by_text("车牌号")).to_be_visible()
        assert tab.external == []
        assert tab.errors == []
    cases = httpx.get(f"{api}/cases", params={"limit": 1000}, headers=headers).json()["items"]
    [case] = [each for each in cases if each["number"] == number]
    assert case["fields"] == {"plate": "苏G12345", "colour": "黑"}


def test_a_place_is_put_on_the_map_and_the_progress_goes_on_by_itself(demo_server: Server) -> None:
    headers = {"Authorization": f"Bearer {demo_server.token('admin')}"}
    api = f"{demo_server.url}/api/v1"
    with browsing(locale="zh-CN", viewport={"width": 360, "height": 780}, has_touch=True) as tab:
        page = tab.page
        page.goto(f"{demo_server.url}/report")
        with page.expect_response(lambda answer: "/public/basemap/" in answer.url) as tiles:
            page.get_by_test_id("citizen-map").scroll_into_view_if_needed()
        assert tiles.value.status in (200, 204)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360

        # By a tap, and from the middle with the keyboard.
        page.get_by_test_id("citizen-map").tap(position={"x": 60, "y": 60})
        place = page.get_by_test_id("citizen-place")
        expect(place).to_contain_text("在地图上选的")
        tapped = place.inner_text()
        page.get_by_test_id("citizen-map").press("Enter")
        expect(place).not_to_have_text(tapped)
        chosen = place.inner_text().split(" ")
        small = page.get_by_test_id("citizen-form").locator(".button:visible, .field:visible")
        assert all(each.bounding_box()["height"] >= 44 for each in small.all())  # type: ignore[index]

        page.get_by_test_id("citizen-description").fill("井盖松动，地图上标的位置")
        page.get_by_test_id("citizen-send").click()
        number = page.get_by_test_id("citizen-number").inner_text()
        code = page.get_by_test_id("citizen-code").inner_text()
        expect(page.get_by_test_id("citizen-step")).to_have_count(1)
        expect(page.get_by_test_id("citizen-step")).to_contain_text("提交")
        expect(page.get_by_test_id("citizen-next")).to_contain_text("接下来")
        assert code not in page.url

        listed = httpx.get(f"{api}/cases", params={"limit": 1000}, headers=headers).json()["items"]
        [case] = [each for each in listed if each["number"] == number]
        assert [f"{case['lat']:.5f},", f"{case['lon']:.5f}"] == chosen[:2]
        url = f"{api}/cases/{case['id']}/actions"
        httpx.post(url, json={"action": "file"}, headers=headers).raise_for_status()
        expect(page.get_by_test_id("citizen-step").nth(1)).to_contain_text("立案")

        # The link shows it, and the code is in no request's address.
        page.get_by_test_id("citizen-link").click()
        expect(page.get_by_test_id("citizen-follow-number")).to_have_value(number)
        expect(page.get_by_test_id("citizen-step").first).to_be_visible()
        assert tab.external == []
        assert tab.errors == []


def test_a_place_that_is_not_the_town_s_is_said_at_the_field(demo_server: Server) -> None:
    with browsing(locale="en-GB", viewport={"width": 360, "height": 780}) as tab:
        page = tab.page
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"longitude": 2.35, "latitude": 48.85})
        page.goto(f"{demo_server.url}/report")
        page.get_by_test_id("citizen-locate").click()
        expect(page.get_by_test_id("citizen-place-problem")).to_contain_text("outside our town")
        assert tab.errors == []
