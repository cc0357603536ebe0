"""From a citizen's photo to their word that it is done, and the command centre looks on."""

import io
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from shapely.geometry import shape

from api.accounts import Role
from tests.browser import browsing
from tests.pages import account_of, sign_in, wait_for_map
from tests.photos import photo
from tests.running import wait_until
from tests.serving import Server

PAGE = Path(__file__).parents[2] / "docs" / "citizens.md"
DESCRIPTION = "桥头路灯不亮"
# What the map and the list show of a state: web/src/map/palette.ts, web/src/i18n/zh.ts.
SHOWN = {
    "reported": ("D55E00", "已上报"),
    "pre_check": ("D55E00", "核实中"),
    "dispatched": ("E69F00", "已派遣"),
    "in_progress": ("0072B2", "处理中"),
    "post_check": ("CC79A7", "核查中"),
    "callback": ("CC79A7", "待回访"),
    "closed": (None, "已结案"),  # its pin is translucent
}


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Somebody on the staff, asking with their own token."""

    url: str
    token: str

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, **query: object) -> dict[str, Any]:
        answer = httpx.get(f"{self.url}/api/v1{path}", params=query, headers=self._headers())
        return dict(answer.raise_for_status().json())

    def act(self, case_id: int, action: str, **more: object) -> dict[str, Any]:
        url = f"{self.url}/api/v1/cases/{case_id}/actions"
        answer = httpx.post(url, json={"action": action, **more}, headers=self._headers())
        return dict(answer.raise_for_status().json())

    def send_photo(self) -> str:
        files = {"files": ("blob", photo((30, 200, 30)), "image/jpeg")}
        url = f"{self.url}/api/v1/photos"
        answer = httpx.post(url, files=files, headers=self._headers())
        return str(answer.raise_for_status().json()["id"])


class Citizen:
    """Somebody with a telephone, no account and no cookie."""

    def __init__(self, url: str) -> None:
        self._public = f"{url}/api/v1/public"
        self.number = ""
        self._code: dict[str, str] = {}

    def send_photo(self, content: bytes) -> dict[str, Any]:
        files = {"files": ("blob", content, "image/jpeg")}
        return dict(httpx.post(f"{self._public}/photos", files=files).raise_for_status().json())

    def report(self, **body: object) -> None:
        answer = httpx.post(f"{self._public}/reports", json=body)
        assert answer.status_code == 201, answer.text
        receipt = answer.json()
        self.number, self._code = receipt["number"], {"X-Follow-Code": receipt["follow_code"]}

    def look(self) -> dict[str, Any]:
        answer = httpx.get(f"{self._public}/reports/{self.number}", headers=self._code)
        return dict(answer.raise_for_status().json())

    def rate(self, rating: str, **more: object) -> dict[str, Any]:
        url = f"{self._public}/reports/{self.number}/actions"
        body = {"action": "rate", "rating": rating, **more}
        return dict(httpx.post(url, json=body, headers=self._code).raise_for_status().json())

    def picture(self, photo_id: str) -> Image.Image:
        url = f"{self._public}/reports/{self.number}/photos/{photo_id}"
        content = httpx.get(url, headers=self._code).raise_for_status().content
        return Image.open(io.BytesIO(content))


def quiet_place(desk: Worker) -> tuple[float, float]:
    """In a level-2 grid with a grid worker on duty, and without another open case nearby."""
    for feature in desk.get("/grids", level=2)["features"]:
        at = shape(feature["geometry"]).representative_point()
        box = f"{at.x - 0.004},{at.y - 0.004},{at.x + 0.004},{at.y + 0.004}"
        owner = desk.get("/grids/locate", lon=at.x, lat=at.y)["owner"]
        if owner["role"] == "grid_worker" and not desk.get("/cases", bbox=box, open=True)["items"]:
            return round(at.x, 6), round(at.y, 6)
    raise AssertionError("the demo town has no such place")


def pin_colour(page: Page) -> str | None:
    """The colour of the open case that is seen in the middle of the map."""
    box = page.get_by_test_id("map").bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    clip = {"x": middle[0] - 40, "y": middle[1] - 60, "width": 80.0, "height": 80.0}
    picture = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")  # type: ignore[arg-type]
    seen = {f"{r:02X}{g:02X}{b:02X}": n for n, (r, g, b) in picture.getcolors(80 * 80) or ()}
    there = {colour for colour, _ in SHOWN.values() if colour and seen.get(colour, 0) > 30}
    return there.pop() if len(there) == 1 else None


def test_a_citizen_reports_it_is_dealt_with_twice_and_the_citizen_has_the_last_word(
    demo_server: Server,
) -> None:
    url = demo_server.url
    citizen, desk = Citizen(url), Worker(url=url, token=demo_server.token("dispatcher"))
    lon, lat = quiet_place(desk)
    located = desk.get("/grids/locate", lon=lon, lat=lat)
    with browsing(locale="zh-CN", viewport={"width": 1600, "height": 900}) as tab:
        page = tab.page
        page.goto(f"{url}/?section=cases&cases=all&at={lon},{lat},17")
        sign_in(page, account_of(demo_server.database, "desk", Role.DISPATCHER))
        wait_for_map(page)
        page.evaluate("window.wasNotReloaded = true")

        def shows(state: str, find: Callable[[], Any]) -> None:
            colour, words = SHOWN[state]
            expect(find()).to_contain_text(words)
            wait_until(lambda: pin_colour(page) == colour, within_s=60)

        # A photo says where it was taken, and the citizen lets the report be there.
        taken = citizen.send_photo(photo(lon=lon, lat=lat))
        assert (taken["lon"], taken["lat"]) == pytest.approx((lon, lat), abs=1e-6)
        citizen.report(
            lon=taken["lon"],
            lat=taken["lat"],
            description=DESCRIPTION,
            category="facility.lamp",
            photos=[taken["id"]],
            phone="13900002222",
        )
        case = next(
            each
            for each in desk.get("/cases", state="reported")["items"]
            if each["number"] == citizen.number
        )

        def row() -> Any:
            return page.locator(f"[data-testid=case-row][data-case='{case['id']}']")

        def everybody_sees(state: str) -> None:
            assert citizen.look()["state"]["code"] == state
            shows(state, row)

        everybody_sees("reported")
        expect(row()).to_contain_text(DESCRIPTION)

        # The nearest worker looks, the desk files it, and it goes to the owner of the grid.
        sent_to = desk.act(case["id"], "pre_check")["owner"]["staff"]
        everybody_sees("pre_check")
        worker = Worker(url=url, token=demo_server.token("grid_worker", staff_id=sent_to))
        worker.act(case["id"], "verify", note="属实")
        filed = desk.act(case["id"], "file")
        everybody_sees("dispatched")
        assert (filed["grid"]["code"], filed["grid"]["level"]) == (located["grid"]["code"], 2)
        assert filed["owner"]["staff"] == located["owner"]["staff"] == sent_to
        assert filed["owner_reason"] == located["owner"]["reason"]

        parent = located["parent"]["code"]
        inspector = Worker(url=url, token=demo_server.token("inspector", grid_code=parent))

        def deal_with_it() -> None:
            worker.act(case["id"], "accept")
            everybody_sees("in_progress")
            worker.act(case["id"], "handle", note="已更换灯泡", photos=[worker.send_photo()])
            everybody_sees("post_check")
            inspector.act(case["id"], "check", photos=[inspector.send_photo()])
            everybody_sees("callback")

        # Not good enough: it is begun again by the citizen's word alone.
        deal_with_it()
        assert citizen.look()["actions"] == ["rate", "comment"]
        again = citizen.send_photo(photo((200, 30, 30)))
        told = citizen.rate("dissatisfied", note="晚上还是不亮", photos=[again["id"]])
        assert told["state"]["code"] == "dispatched"
        everybody_sees("dispatched")
        now = desk.get(f"/cases/{case['id']}")
        assert (now["cycle"], now["owner"]["staff"]) == (2, sent_to)

        # And good enough.
        deal_with_it()
        assert citizen.rate("satisfied")["rating"] == "satisfied"
        everybody_sees("closed")
        assert page.evaluate("window.wasNotReloaded") is True
        assert tab.external == []
        assert tab.errors == []

    # What the citizen has seen of it: every step, their own photos and those of the handling.
    seen = citizen.look()
    one_round = ["accept", "handle", "check"]
    assert [event["action"] for event in seen["events"]] == [
        *("report", "pre_check", "verify", "file", "dispatch"),
        *(*one_round, "rate", "reopen", "dispatch"),
        *(*one_round, "rate", "close"),
    ]
    assert [picture["shows"] for picture in seen["photos"]] == [
        *("report", "handling", "report", "handling")
    ]
    for picture in seen["photos"]:
        shown = citizen.picture(picture["id"])
        assert (shown.format, shown.size) == ("JPEG", (picture["width"], picture["height"]))
        assert not shown.getexif()
    names = {event["actor"] for event in desk.get(f"/cases/{case['id']}")["events"]}
    assert not [name for name in names - {"citizen", "system"} if name in str(seen)]
    assert "灯泡" not in str(seen)


def test_the_examples_of_the_page_about_citizens_work(demo_server: Server, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    examples = re.findall(r"(?m)^    curl (?:.*\\\n)*.*$", PAGE.read_text(encoding="utf-8"))
    assert len(examples) == 9
    at = shape(
        Worker(url=demo_server.url, token=demo_server.token("dispatcher")).get("/grids", level=1)[
            "features"
        ][0]["geometry"]
    ).representative_point()
    (tmp_path / "photo.jpg").write_bytes(photo())
    said: dict[str, str] = {}
    for example in examples:
        here = example.replace("118.65", f"{at.x:.6f}").replace("34.50", f"{at.y:.6f}")
        done = subprocess.run(
            ["bash", "-ec", here],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "town": demo_server.url, **said},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (example, done.stderr)
        receipt = re.search(r'"number":"([^"]+)","follow_code":"([^"]+)"', done.stdout)
        if receipt is not None:
            said = {"number": receipt[1], "code": receipt[2]}
    assert '"action":"comment"' in done.stdout


def test_a_citizen_reports_and_follows_on_a_telephone_without_an_account(
    demo_server: Server, tmp_path: Path
) -> None:
    desk = Worker(url=demo_server.url, token=demo_server.token("dispatcher"))
    lon, lat = quiet_place(desk)
    file = tmp_path / "photo.jpg"
    file.write_bytes(photo(lon=lon, lat=lat))
    with browsing(locale="zh-CN", viewport={"width": 360, "height": 740}) as tab:
        page = tab.page
        page.goto(f"{demo_server.url}/report")
        expect(page.get_by_test_id("citizen-send")).to_be_disabled()
        page.get_by_test_id("citizen-photos").set_input_files(file)
        expect(page.get_by_test_id("citizen-place")).to_contain_text(f"{lat:.5f}, {lon:.5f}")
        page.get_by_test_id("citizen-category").select_option("facility.lamp")
        page.get_by_test_id("citizen-description").fill(DESCRIPTION)
        page.get_by_test_id("citizen-send").click()
        number = page.get_by_test_id("citizen-number").inner_text()
        code = page.get_by_test_id("citizen-code").inner_text()
        sheet = page.locator(".sheet").bounding_box()
        assert sheet
        assert (sheet["x"] >= 0, sheet["x"] + sheet["width"] <= 360) == (True, True)

        # Another day, another telephone: the number and the code, as somebody types them.
        page.goto("about:blank")
        page.goto(f"{demo_server.url}/report")
        page.get_by_test_id("citizen-follow").click()
        page.get_by_test_id("citizen-follow-number").fill(number.lower())
        page.get_by_test_id("citizen-follow-code").fill(code.lower().replace("-", " "))
        page.get_by_test_id("citizen-look").click()
        expect(page.get_by_test_id("citizen-state")).to_have_text("已收到")
        expect(page.get_by_test_id("citizen-progress").locator("img")).to_have_count(1)
        page.get_by_test_id("citizen-follow-code").fill("0000 0000 0000 0000")
        page.get_by_test_id("citizen-look").click()
        expect(page.get_by_test_id("citizen-problem")).to_be_visible()
        assert tab.external == []
        assert tab.errors == []
