"""A chief's morning in a real browser: watch, replay, report a case and see who got it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import expect
from shapely.geometry import shape

from api.accounts import Role
from tests.browser import Tab, browsing
from tests.pages import account_of, chief_of, sign_in, wait_for_map
from tests.serving import Server


class Api:
    """The same server, asked directly with a token."""

    def __init__(self, server: Server, role: str) -> None:
        self._url = f"{server.url}/api/v1"
        self._headers = {"Authorization": f"Bearer {server.token(role)}"}

    def get(self, path: str, **query: object) -> dict:
        answer = httpx.get(self._url + path, params=query, headers=self._headers)
        return answer.raise_for_status().json()

    def post(self, path: str, body: object) -> dict:
        answer = httpx.post(self._url + path, json=body, headers=self._headers)
        return answer.raise_for_status().json()


def zone_where_it_is_noon() -> str:
    """So that the last hours' patrols are today's, whenever the test runs."""
    offset = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-offset:+}" if offset else "Etc/GMT"


@pytest.fixture
def chief(demo_server: Server) -> str:
    return chief_of(demo_server.database)


@pytest.fixture(params=["1280x720", "1920x1080"])
def tab(demo_server: Server, request: pytest.FixtureRequest) -> Iterator[Tab]:
    width, height = map(int, request.param.split("x"))
    with browsing(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        timezone_id=zone_where_it_is_noon(),
    ) as tab:
        tab.page.goto(demo_server.url)
        yield tab


def test_a_wrong_password_is_answered_in_words(demo_server: Server, chief: str) -> None:
    with browsing(locale="en-GB") as tab:
        tab.page.goto(demo_server.url)
        sign_in(tab.page, chief, "not the password")
        problem = tab.page.get_by_test_id("sign-in-problem")
        expect(problem).to_be_visible()
        assert "401" not in problem.inner_text()
        assert tab.external == []


def test_windows_side_by_side_do_not_wait_for_each_other(demo_server: Server) -> None:
    """A browser has six connections to a server, and an open stream keeps one."""
    desk = account_of(demo_server.database, "desk", Role.DISPATCHER)
    streams: list[str] = []
    with browsing(locale="zh-CN") as tab:
        context = tab.page.context
        context.on("request", lambda asked: "/stream" in asked.url and streams.append(asked.url))
        tab.page.goto(f"{demo_server.url}/?section=cases")
        sign_in(tab.page, desk)
        for window in (tab.page, context.new_page(), context.new_page()):
            if window is not tab.page:
                window.goto(tab.page.url)
            expect(window.get_by_test_id("case-row").first).to_be_visible()
            # Its stream begins a little after its list has come.
            expect(window.get_by_text("实时连接")).to_be_visible()
    assert len(streams) == 3


def test_a_chief_watches_replays_and_sends_a_case(
    demo_server: Server, chief: str, tab: Tab
) -> None:
    page = tab.page
    dispatcher, gateway = Api(demo_server, "dispatcher"), Api(demo_server, "gateway")
    sign_in(page, chief)
    wait_for_map(page)

    # The people of the chief's own grid, and nobody else's.
    rows = page.get_by_test_id("person-row")
    expect(rows.first).to_be_visible()
    units = {unit["id"]: unit for unit in dispatcher.get("/units", limit=500)["items"]}
    assert 0 < rows.count() < len(units)

    # A fix arrives, and the page shows it without being asked.
    live = page.get_by_test_id("live-panel")
    seen = live.get_attribute("data-seq")
    on_duty = [unit["id"] for unit in units.values() if unit["on_duty"]]
    walkers = [row for row in rows.all() if row.get_attribute("data-unit") in on_duty]
    walker = walkers[0].get_attribute("data-unit")
    assert walker
    position = next(
        feature for feature in dispatcher.get("/positions")["features"] if feature["id"] == walker
    )
    lon, lat = position["geometry"]["coordinates"]
    began = datetime.now(UTC) - timedelta(minutes=5)
    patrol = [
        {
            "unit": walker,
            "at": (began + timedelta(seconds=10 * step)).isoformat(),
            "lon": lon + 0.0001 * step,
            "lat": lat,
            "speed_mps": 1.1,
        }
        for step in range(30)
    ]
    assert gateway.post("/fixes", patrol)["rejected"] == []
    expect(live).not_to_have_attribute("data-seq", seen or "")

    # From the person to today's track, and from there to the replay.
    page.locator(f"[data-testid=person-row][data-unit='{walker}']").click()
    expect(page.get_by_test_id("drawer-title")).to_contain_text(units[walker]["name"])
    summary, question = page.get_by_test_id("track-summary"), page.get_by_test_id("reason-form")
    expect(summary.or_(question)).to_be_visible()
    if question.is_visible():
        # The server's day is China's: where this browser is at noon, its morning may be yesterday.
        page.get_by_test_id("cause-case").click()
        page.get_by_test_id("reason-submit").click()
    expect(summary).to_be_visible()
    page.get_by_test_id("replay-today").click()
    clock = page.get_by_test_id("replay-clock")
    expect(clock).to_be_visible()
    if page.get_by_test_id("replay-play").get_attribute("aria-pressed") != "true":
        page.get_by_test_id("replay-play").click()
    shown = clock.inner_text()
    expect(clock).not_to_have_text(shown)
    page.get_by_test_id("replay-close").click()

    # A case: a click on the map says whose ground it is, and sending says who got it. The ground is the
    # chief's own, wherever the walker has got to: of another's the page would not say who it is.
    home = dispatcher.get(f"/grids/{units[walker]['grid']['code']}")
    ground = shape(home["geometry"]).representative_point()
    page.goto(f"{demo_server.url}/?section=cases&at={ground.x:.5f},{ground.y:.5f},17")
    wait_for_map(page)
    page.get_by_test_id("report-case").click()
    box = page.get_by_test_id("map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_test_id("report-owner")).to_be_visible()
    promised = page.get_by_test_id("report-owner").inner_text()
    page.get_by_test_id("report-description").fill("桥头路灯不亮")
    page.get_by_test_id("report-submit").click()
    expect(page.get_by_test_id("case-notice")).to_be_visible()

    case = dispatcher.get("/cases", limit=1)["items"][0]
    assert case["description"] == "桥头路灯不亮"
    assert case["state"] == "dispatched"
    located = dispatcher.get("/grids/locate", lon=case["lon"], lat=case["lat"])
    assert case["grid"]["code"] == located["grid"]["code"]
    assert case["grid"]["level"] == 2
    assert case["owner"]["name"] == located["owner"]["name"]
    assert case["owner"]["name"] in promised
    expect(page.get_by_test_id("drawer")).to_contain_text(case["owner"]["name"])
    expect(page.get_by_test_id("drawer")).to_contain_text(case["number"])

    assert tab.external == []
    assert tab.errors == []


def test_the_page_speaks_english_too_and_a_link_shows_the_same_again(
    demo_server: Server, chief: str
) -> None:
    with browsing(locale="en-GB", viewport={"width": 1280, "height": 720}) as tab:
        page = tab.page
        page.goto(demo_server.url)
        sign_in(page, chief)
        wait_for_map(page)
        expect(page.get_by_test_id("section-live")).to_contain_text("Live")
        page.get_by_test_id("person-row").first.click()
        name = page.get_by_test_id("drawer-title").inner_text()
        page.goto("about:blank")
        page.go_back()
        wait_for_map(page)
        expect(page.get_by_test_id("drawer-title")).to_have_text(name)
        assert tab.external == []
