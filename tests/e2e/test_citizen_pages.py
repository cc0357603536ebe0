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

        # Whoever follows it reads what they answered, as it was asked.
        page.get_by_test_id("citizen-receipt").get_by_role("button").click()
        progress = page.get_by_test_id("citizen-progress")
        expect(progress.get_by_test_id("answer-plate")).to_have_text("苏G12345")
        expect(progress.get_by_test_id("answer-colour")).to_have_text("黑")
        expect(progress.get_by_text("车牌号")).to_be_visible()
        assert tab.external == []
        assert tab.errors == []
    cases = httpx.get(f"{api}/cases", params={"limit": 1000}, headers=headers).json()["items"]
    [case] = [each for each in cases if each["number"] == number]
    assert case["fields"] == {"plate": "苏G12345", "colour": "黑"}
