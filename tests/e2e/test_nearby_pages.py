"""Who passed here? Asked in a real browser, with a reason, and answered with people and their day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from api.accounts import Role
from data.database import Database
from tests.browser import Tab, browsing
from tests.facts import work_out
from tests.pages import account_of, sign_in, wait_for_map
from tests.serving import Server


@dataclass(frozen=True, kw_only=True, slots=True)
class Walker:
    """Somebody of the demo town, and where they were half an hour ago."""

    unit: str
    at: datetime
    lon: float
    lat: float


@pytest.fixture
def walker(demo_database: Database) -> Walker:
    """What their tracks mean is worked out."""
    with demo_database.begin() as conn:
        code, at, lon, lat = conn.execute(
            text(
                "SELECT units.code, at, lon, lat FROM fixes JOIN units ON units.id = unit_id"
                " WHERE fixes.at < now() - interval '30 minutes' AND kind = 'person'"
                " AND flags = 0 ORDER BY fixes.at DESC LIMIT 1"
            )
        ).one()
    work_out_only(demo_database, code)
    return Walker(unit=code, at=at, lon=lon, lat=lat)


def in_a_field(at: datetime) -> str:
    """As a field of the page has it."""
    return f"{at.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%dT%H:%M}"


def work_out_only(database: Database, unit: str) -> None:
    """What this unit's tracks mean; of nobody else's it is asked."""
    with database.begin() as conn:
        conn.execute(
            text(
                "DELETE FROM changed_days USING units"
                " WHERE units.id = unit_id AND units.code <> :unit"
            ),
            {"unit": unit},
        )
    work_out(database)


@pytest.fixture
def tab(demo_server: Server) -> Iterator[Tab]:
    with browsing(
        viewport={"width": 1280, "height": 720}, locale="zh-CN", timezone_id="Asia/Shanghai"
    ) as tab:
        yield tab
        assert tab.errors == []
        assert tab.external == []


def leave_fixes_to_work_out(database: Database, unit: str) -> None:
    """As after a batch of fixes: the server lets the day rest for a minute first."""
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO changed_days (unit_id, day)"
                " SELECT id, (now() AT TIME ZONE 'Asia/Shanghai')::date FROM units WHERE code = :unit"
            ),
            {"unit": unit},
        )


def look_at(page: Page, server: Server, walker: Walker, role: Role) -> None:
    page.goto(f"{server.url}/?at={walker.lon:.5f},{walker.lat:.5f},17")
    sign_in(page, account_of(server.database, role.value, role))
    wait_for_map(page)


def ask_for_menu_in_the_middle(page: Page) -> None:
    box = page.get_by_test_id("map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, button="right")


def give_reason(page: Page, cause: str) -> None:
    page.get_by_test_id(f"cause-{cause}").click()
    page.get_by_test_id("reason-submit").click()


def audited(database: Database, action: str) -> list[tuple[str, str]]:
    statement = text("SELECT subject, reason FROM audit_events WHERE action = :action ORDER BY id")
    with database.begin() as conn:
        return [(row.subject, row.reason) for row in conn.execute(statement, {"action": action})]


def test_who_passed_a_place_is_found_for_a_reason_and_leads_to_their_day(
    walker: Walker, demo_server: Server, tab: Tab
) -> None:
    page = tab.page
    look_at(page, demo_server, walker, Role.DISPATCHER)
    ask_for_menu_in_the_middle(page)
    page.get_by_test_id("menu-nearby").click()
    expect(page.get_by_test_id("drawer")).to_have_attribute("data-kind", "nearby")
    expect(page.get_by_test_id("reason-submit")).to_be_disabled()
    assert audited(demo_server.database, "nearby.read") == []

    # The town may be older than two hours by now.
    page.get_by_test_id("nearby-from").fill(in_a_field(walker.at - timedelta(minutes=10)))
    give_reason(page, "complaint")
    found = page.locator(f"[data-testid=nearby-unit][data-unit='{walker.unit}']")
    expect(found).to_contain_text("米")
    expect(page.get_by_test_id("looked-why")).to_contain_text("投诉处理")
    [(subject, reason)] = audited(demo_server.database, "nearby.read")
    looked_at = float(subject.removeprefix("place ").partition(",")[0])
    assert looked_at == pytest.approx(walker.lon, abs=0.005)
    assert reason == "投诉处理"

    expect(page.get_by_test_id("nearby-as-of")).to_have_count(0)

    # A wider circle at the same place is another look, for the same reason.
    leave_fixes_to_work_out(demo_server.database, walker.unit)
    page.get_by_test_id("nearby-radius-200").click()
    expect(found).to_have_count(0)
    page.get_by_test_id("nearby-ask").click()
    expect(found).to_be_visible()
    expect(page.get_by_test_id("nearby-as-of")).to_contain_text("可能不全")
    assert len(audited(demo_server.database, "nearby.read")) == 2

    # From a passage to that moment of their day, with the list still there.
    passage = found.get_by_test_id("nearby-passage").first
    shown = passage.inner_text()
    passage.click()
    expect(page.get_by_test_id("replay-clock")).to_be_visible()
    expect(passage).to_have_class("passage on")
    assert passage.inner_text() == shown
    assert audited(demo_server.database, "replay.read")[-1][1] == "投诉处理"

    # The address has the question; the answer is another look, and asks for its reason.
    page.reload()
    expect(page.get_by_test_id("nearby-radius-200")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("reason-form")).to_be_visible()
    page.get_by_test_id("drawer-close").click()
    expect(page.get_by_test_id("drawer")).to_have_count(0)
    assert "near=" not in page.url


def test_a_case_asks_about_the_hour_around_its_report(
    walker: Walker, demo_server: Server, tab: Tab
) -> None:
    page = tab.page
    look_at(page, demo_server, walker, Role.DISPATCHER)
    page.get_by_test_id("section-cases").click()
    page.get_by_test_id("case-row").first.click()
    number = page.get_by_test_id("drawer").locator("header p").inner_text()
    page.get_by_test_id("nearby-button").click()
    expect(page.get_by_test_id("drawer")).to_have_attribute("data-kind", "nearby")
    # The reason stands there already.
    page.get_by_test_id("reason-submit").click()
    expect(page.get_by_test_id("looked-why")).to_contain_text(f"案件调查: {number}")
    [(_, reason)] = audited(demo_server.database, "nearby.read")
    assert reason == f"案件调查: {number}"
    page.get_by_test_id("drawer-close").click()
    expect(page.get_by_test_id("drawer")).to_have_attribute("data-kind", "case")


def test_a_place_can_be_pointed_at_and_an_impossible_period_is_not_asked(
    walker: Walker, demo_server: Server, tab: Tab
) -> None:
    page = tab.page
    look_at(page, demo_server, walker, Role.DISPATCHER)
    page.get_by_test_id("nearby-pick-place").click()
    expect(page.get_by_test_id("nearby-pick")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("drawer")).to_have_count(0)

    page.get_by_test_id("nearby-pick-place").click()
    box = page.get_by_test_id("map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_test_id("cause-safety").click()
    page.get_by_test_id("nearby-from").fill("2026-01-01T09:00")
    page.get_by_test_id("nearby-to").fill("2026-01-01T08:00")
    expect(page.get_by_test_id("nearby-fault")).to_contain_text("晚于")
    expect(page.get_by_test_id("reason-submit")).to_be_disabled()
    page.get_by_test_id("nearby-to").fill("2026-01-01T10:00")
    page.get_by_test_id("reason-submit").click()
    expect(page.get_by_test_id("drawer")).to_contain_text("没有人经过")


def test_a_way_between_two_positions_is_said_to_be_worked_out(
    demo_server: Server, tab: Tab
) -> None:
    with demo_server.database.begin() as conn:
        # The middle is further than the radius from either.
        unit, at, lon, lat = conn.execute(
            text(
                "SELECT code, at, (lon + next_lon) / 2, (lat + next_lat) / 2 FROM ("
                " SELECT unit_id, at, lon, lat,"
                "  lead(lon) OVER following AS next_lon, lead(lat) OVER following AS next_lat,"
                "  lead(at) OVER following AS next_at"
                " FROM fixes WHERE flags = 0 AND at > now() - interval '1 day'"
                " WINDOW following AS (PARTITION BY unit_id ORDER BY at)) AS legs"
                " JOIN units ON units.id = unit_id"
                " WHERE next_at < at + interval '1 minute'"
                " AND ST_DistanceSphere(ST_Point(lon, lat), ST_Point(next_lon, next_lat)) > 106"
                " ORDER BY at DESC LIMIT 1"
            )
        ).one()
    work_out_only(demo_server.database, unit)
    between = f"{in_a_field(at)},{in_a_field(at + timedelta(minutes=2))}"
    page = tab.page
    page.goto(f"{demo_server.url}/?near={lon:.5f},{lat:.5f},50&between={between}")
    sign_in(page, account_of(demo_server.database, "dispatcher", Role.DISPATCHER))
    give_reason(page, "safety")
    found = page.locator(f"[data-testid=nearby-unit][data-unit='{unit}']")
    expect(found.get_by_test_id("nearby-interpolated").first).to_have_text("推算")


def test_a_grid_says_who_was_there_today_when_asked(
    walker: Walker, demo_server: Server, tab: Tab
) -> None:
    with demo_server.database.begin() as conn:
        unit, grid = conn.execute(
            text(
                # It still lasts, so it is one of today whenever the test runs.
                "UPDATE visits SET to_at = now() FROM units, grids"
                " WHERE units.id = unit_id AND grids.id = grid_id"
                " AND visits.to_at = (SELECT max(to_at) FROM visits)"
                " RETURNING units.code, grids.code"
            )
        ).one()
    assert unit == walker.unit
    page = tab.page
    page.goto(f"{demo_server.url}/?open=grid:{grid}")
    sign_in(page, account_of(demo_server.database, "dispatcher", Role.DISPATCHER))
    page.get_by_test_id("grid-visits").click()
    visit = page.get_by_test_id("grid-visit").first
    expect(visit).to_have_attribute("data-unit", unit)
    assert audited(demo_server.database, "grid_visits.read") == [(f"grid {grid}", None)]
    visit.click()
    expect(page.get_by_test_id("replay-clock")).to_be_visible()


def test_who_may_not_see_tracks_is_not_offered_the_question(
    walker: Walker, demo_server: Server, tab: Tab
) -> None:
    page = tab.page
    with demo_server.database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO role_permissions (role, permission, granted)"
                " VALUES ('dispatcher', 'read_tracks', false)"
            )
        )
    look_at(page, demo_server, walker, Role.DISPATCHER)
    expect(page.get_by_test_id("zoom-in")).to_be_visible()
    expect(page.get_by_test_id("nearby-pick-place")).to_have_count(0)
    ask_for_menu_in_the_middle(page)
    expect(page.get_by_test_id("menu-report")).to_be_visible()
    expect(page.get_by_test_id("menu-nearby")).to_have_count(0)
