"""Alerts in a real browser: the chief hears of them at once, and nobody who should not."""

import re
from datetime import UTC, datetime, timedelta

import httpx
from playwright.sync_api import Page, expect
from sqlalchemy import text

from api.accounts import Role
from data.editions import GridIndexes
from patrol.alerts.plans import look_at_plans
from patrol.alerts.rules import Rules
from tests.browser import browsing
from tests.pages import account_of, sign_in, wait_for_map
from tests.serving import Server


def call_for_help(server: Server, unit: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers) as client:
        desk = {"Authorization": f"Bearer {server.token('dispatcher')}"}
        features = client.get("/positions", headers=desk).json()["features"]
        [place] = [one["geometry"]["coordinates"] for one in features if one["id"] == unit]
        client.post(f"/units/{unit}/duty", json={"on": True}).raise_for_status()
        fix = {
            "unit": unit,
            "at": datetime.now(UTC).isoformat(),
            "lon": place[0],
            "lat": place[1],
            "battery_pct": 80,
            "sos": True,
        }
        answer = client.post("/fixes", json=[fix]).json()
        assert answer["accepted"] == 1, answer


def open_centre(page: Page, server: Server, username: str) -> None:
    page.goto(server.url)
    sign_in(page, username)
    wait_for_map(page)
    expect(page.get_by_test_id("person-row").first).to_be_visible()


def test_a_call_for_help_is_heard_by_the_chief_and_becomes_a_case(demo_server: Server) -> None:
    database = demo_server.database
    with database.begin() as conn:
        chiefs = conn.scalars(
            text("SELECT staff_id FROM posts WHERE role = 'grid_chief' AND NOT is_deputy LIMIT 2")
        ).all()
    first, second = (
        account_of(database, f"chief{n}", Role.GRID_CHIEF, staff_id=staff_id)
        for n, staff_id in enumerate(chiefs)
    )
    with browsing(locale="zh-CN", viewport={"width": 1280, "height": 720}) as tab:
        page = tab.page
        open_centre(page, demo_server, first)
        assert page.context.browser
        other = page.context.browser.new_context(locale="en-GB").new_page()
        open_centre(other, demo_server, second)
        unit = page.get_by_test_id("person-row").first.get_attribute("data-unit")
        assert unit

        call_for_help(demo_server, unit, demo_server.token("gateway"))
        strip = page.get_by_test_id("calls")
        expect(strip).to_be_visible()
        expect(strip.locator(f"[data-unit='{unit}']")).to_contain_text("紧急求助")

        # The sound can be turned off, and stays off.
        mute = page.get_by_test_id("mute")
        mute.click()
        expect(mute).to_have_attribute("aria-pressed", "true")
        assert page.evaluate("localStorage.getItem('wangge.muted')") == "yes"

        # The unit is one click away.
        strip.get_by_test_id("alert-show").first.click()
        expect(page.get_by_test_id("person-state")).to_be_visible()

        # Somebody has heard it: it is quiet, and still on the list with who that was.
        strip.get_by_test_id("alert-acknowledge").click()
        strip.get_by_test_id("alert-note").fill("已致电，派人前往")
        strip.get_by_test_id("alert-heard").click()
        expect(strip).to_be_hidden()
        page.get_by_test_id("alerts").click()
        listed = page.locator(f"[data-testid=alert][data-kind=sos][data-unit='{unit}']")
        expect(listed).to_contain_text("已致电，派人前往")

        # One click makes it a case, which opens and is among those that the map shows.
        listed.get_by_test_id("alert-case").click()
        drawer = page.locator("[data-testid=drawer][data-kind=case]")
        expect(drawer).to_be_visible()
        desk = {"Authorization": f"Bearer {demo_server.token('dispatcher')}"}
        cases = httpx.get(f"{demo_server.url}/api/v1/cases", params={"limit": 1}, headers=desk)
        [case] = cases.json()["items"]
        assert (case["source"], case["state"]) == ("alert", "dispatched")
        expect(drawer).to_contain_text(case["number"])
        page.get_by_test_id("section-cases").click()
        expect(page.get_by_test_id("case-row").first).to_contain_text(unit)

        # Another chief was told nothing.
        expect(other.get_by_test_id("calls")).to_be_hidden()
        other.get_by_test_id("alerts").click()
        expect(other.locator(f"[data-testid=alert][data-unit='{unit}']")).to_have_count(0)
        assert tab.external == []
        assert tab.errors == []


def test_a_missed_round_is_listed_with_what_was_left_out_and_shown_on_the_map(
    demo_server: Server,
) -> None:
    database = demo_server.database
    desk = account_of(database, "desk", Role.DISPATCHER)
    headers = {"Authorization": f"Bearer {demo_server.token('dispatcher')}"}
    with httpx.Client(base_url=f"{demo_server.url}/api/v1", headers=headers) as client:
        case = client.get("/cases", params={"limit": 1}).json()["items"][0]
        place = {"lon": case["lon"], "lat": case["lat"]}
        made = [
            client.post("/checkpoints", json={"name": name, **place}).json()
            for name in ("临河路口", "水库大坝")
        ]
        plan = {
            "name": "水库夜巡",
            "grid": made[0]["properties"]["grid"],
            "kind": "points",
            "checkpoints": [each["id"] for each in made],
            "rhythm": {"every_h": 1},
            "role": "liaison",
        }
        client.post("/plans", json=plan).raise_for_status()
    with browsing(locale="zh-CN", viewport={"width": 1280, "height": 720}) as tab:
        page = tab.page
        open_centre(page, demo_server, desk)
        later = datetime.now(UTC) + timedelta(minutes=80)
        assert look_at_plans(database, GridIndexes(database), Rules(), later) >= 1
        page.get_by_test_id("alerts").click()
        listed = page.locator("[data-testid=alert][data-kind=missed_checkpoint]").filter(
            has_text="水库夜巡"  # the demo town misses some rounds of its own
        )
        expect(listed).to_contain_text("水库夜巡：临河路口、水库大坝 未到（0/2）")
        listed.get_by_test_id("alert-show").click()
        expect(listed).to_be_hidden()
        page.wait_for_url(re.compile(r"at=[\d.]+,[\d.]+,17"))
        lon, lat, _ = map(float, page.url.partition("at=")[2].partition("&")[0].split(","))
        # In the free part of the map, which is not around its middle.
        assert (abs(lon - place["lon"]) < 0.005, abs(lat - place["lat"]) < 0.005) == (True, True)
        assert tab.errors == []
