"""Is the town being patrolled? Plans, coverage and rosters, seen in a real browser."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Connection, text

from api.accounts import Role
from data.database import Database
from data.demo.loading import create_demo_town
from gis.local_time import Window, local_midnight
from patrol.plans.checkpoints import NewCheckpoint, insert_checkpoint
from patrol.plans.plan import NewPlan, PlanKind, insert_plan
from patrol.plans.rhythm import Weekly
from tests.browser import Tab, browsing
from tests.facts import work_out
from tests.pages import account_of, chief_of, sign_in, wait_for_map
from tests.serving import Server

WEEK_AGO = datetime.now(UTC) - timedelta(days=7)
FIRST_MINUTE = Window(begins=time(), ends=time(0, 1))
ALL_DAY = Window(begins=time(), ends=time())
OVER_S = 240
"""The first minute of the day may not be over yet; the page asks again every two minutes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Patrolled:
    """A chief's plans, and the name of whoever reached the dam today and not the pump."""

    done: int
    missed: int
    walker: str
    pump: tuple[float, float]


@pytest.fixture
def chief(demo_server: Server) -> str:
    return chief_of(demo_server.database)


@pytest.fixture
def patrolled(demo_database: Database) -> Patrolled:
    [grid] = [
        person.grid_code
        for person in create_demo_town(demo_database, now=datetime.now(UTC)).people
        if person.role == Role.GRID_CHIEF and person.grid_code is not None
    ]
    with demo_database.begin() as conn:
        conn.execute(text("DELETE FROM patrol_plans; DELETE FROM checkpoints"))  # the demo's own
        dam, pump = _place(conn, "大坝", grid, 0), _place(conn, "泵站", grid, 1)
        walker = _walk_to(conn, dam)
        checkpoints = tuple(insert_checkpoint(conn, one, WEEK_AGO).id for one in (dam, pump))
        done = _plan(conn, "水库日巡", grid, checkpoints, ALL_DAY)
        missed = _plan(conn, "泵站夜巡", grid, checkpoints, FIRST_MINUTE)
    work_out(demo_database)
    return Patrolled(done=done, missed=missed, walker=walker, pump=(pump.lon, pump.lat))


def _place(conn: Connection, name: str, within: str, number: int) -> NewCheckpoint:
    """In the middle of a grid of level 2."""
    code, lon, lat = conn.execute(
        text(
            "SELECT code, ST_X(place), ST_Y(place) FROM ("
            " SELECT code, ST_PointOnSurface(geom) AS place FROM grids"
            " WHERE level = 2 AND parent_code = :within) AS middles"
            " ORDER BY code OFFSET :number LIMIT 1"
        ),
        {"within": within, "number": number},
    ).one()
    return NewCheckpoint(name=name, lon=lon, lat=lat, radius_m=30, dwell_s=0, grid_code=code)


def _walk_to(conn: Connection, there: NewCheckpoint) -> str:
    """The name of somebody at home there, who has just come."""
    unit, name = conn.execute(
        text(
            "SELECT id, name FROM units WHERE kind = 'person' AND grid_code = :grid"
            " ORDER BY id LIMIT 1"
        ),
        {"grid": there.grid_code},
    ).one()
    now = datetime.now(UTC)
    conn.execute(
        text("DELETE FROM fixes WHERE unit_id = :unit AND at >= :today"),
        {"unit": unit, "today": local_midnight(now)},
    )
    conn.execute(
        text(
            "INSERT INTO fixes (unit_id, at, lon, lat)"
            " SELECT :unit, :now - s * interval '1 second', :lon, :lat"
            " FROM generate_series(0, 90) AS s"
        ),
        {"unit": unit, "now": now, "lon": there.lon, "lat": there.lat},
    )
    # Nobody else's tracks are worked out.
    conn.execute(text("DELETE FROM changed_days"))
    conn.execute(
        text(
            "INSERT INTO changed_days (unit_id, day)"
            " SELECT DISTINCT unit_id, (at AT TIME ZONE 'Asia/Shanghai')::date FROM fixes"
            " WHERE unit_id = :unit AND at > :now - interval '2 minutes'"
        ),
        {"unit": unit, "now": now},
    )
    return str(name)


def _plan(
    conn: Connection, name: str, grid: str, checkpoints: tuple[int, ...], window: Window
) -> int:
    """Every day; half of it makes a round done."""
    new = NewPlan(
        name=name,
        grid_code=grid,
        kind=PlanKind.POINTS,
        checkpoint_ids=checkpoints,
        resolution=None,
        width_m=None,
        rhythm=Weekly(weekdays=tuple(range(1, 8)), windows=(window,)),
        in_order=False,
        at_least=0.5,
        role=None,
        unit_id=None,
        valid_from=WEEK_AGO,
        valid_to=None,
    )
    return insert_plan(conn, new)


@pytest.fixture
def tab(demo_server: Server) -> Iterator[Tab]:
    with browsing(
        viewport={"width": 1280, "height": 720}, locale="zh-CN", timezone_id="Asia/Shanghai"
    ) as tab:
        yield tab
        assert tab.errors == []
        assert tab.external == []


def look_at(page: Page, server: Server, username: str, query: str) -> None:
    page.goto(f"{server.url}/?{query}")
    sign_in(page, username)
    wait_for_map(page)


def click_on_map(page: Page, *, up_px: int) -> None:
    box = page.get_by_test_id("map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - up_px)


def give_reason(page: Page, cause: str) -> None:
    page.get_by_test_id(f"cause-{cause}").click()
    page.get_by_test_id("reason-submit").click()


def audited(database: Database, action: str) -> list[tuple[str, str | None]]:
    statement = text("SELECT subject, reason FROM audit_events WHERE action = :action ORDER BY id")
    with database.begin() as conn:
        return [(row.subject, row.reason) for row in conn.execute(statement, {"action": action})]


def test_a_chief_sees_which_plan_was_kept_and_which_was_missed(
    patrolled: Patrolled, chief: str, demo_server: Server, tab: Tab
) -> None:
    page = tab.page
    look_at(page, demo_server, chief, "section=live")
    page.get_by_test_id("section-duty").click()
    done = page.locator(f"[data-testid=plan-row][data-plan='{patrolled.done}']")
    missed = page.locator(f"[data-testid=plan-row][data-plan='{patrolled.missed}']")
    expect(missed).to_have_attribute("data-state", "missed", timeout=OVER_S * 1000)
    expect(missed).to_contain_text("漏巡 0/2")
    expect(done).to_contain_text("已完成 1/2")
    expect(done).to_contain_text("每天 00:00 – 24:00")
    # What went wrong stands first.
    expect(page.get_by_test_id("plan-row").first).to_have_attribute("data-state", "missed")

    done.click()
    drawer = page.get_by_test_id("drawer")
    expect(drawer).to_have_attribute("data-kind", "plan")
    expect(page.get_by_test_id("fact-least")).to_have_text("50 %")
    reached, not_yet = (page.get_by_test_id("round-checkpoint").nth(i) for i in (0, 1))
    expect(reached).to_have_attribute("data-state", "reached")
    expect(reached).to_contain_text(patrolled.walker)
    expect(not_yet).to_have_attribute("data-state", "waiting")
    assert f"open=plan:{patrolled.done}" in page.url

    # A link shows the same; a look is recorded, and one at the days before asks why.
    page.reload()
    expect(reached).to_contain_text(patrolled.walker)
    expect(page.get_by_test_id("round")).to_have_count(2)
    assert (f"plan {patrolled.done}", None) in audited(demo_server.database, "plan.read")
    page.get_by_test_id("span-7").click()
    give_reason(page, "attendance")
    expect(page.get_by_test_id("round")).to_have_count(8)
    expect(page.get_by_test_id("round").last).to_have_attribute("data-state", "missed")
    expect(page.get_by_test_id("round").last).to_contain_text("漏：大坝、泵站")
    expect(page.get_by_test_id("looked-why")).to_contain_text("核对考勤")


def test_the_record_of_a_plan_is_saved_for_a_reason(
    patrolled: Patrolled, chief: str, demo_server: Server, tab: Tab
) -> None:
    page = tab.page
    look_at(page, demo_server, chief, f"section=duty&open=plan:{patrolled.done}")
    page.get_by_test_id("export-open").click()
    page.get_by_test_id("export-csv").click()
    with page.expect_download() as download:
        give_reason(page, "attendance")
    saved = Path(download.value.path()).read_text("utf-8-sig")
    assert "大坝" in saved
    [(subject, reason)] = audited(demo_server.database, "plan.export")
    assert subject == f"plan {patrolled.done}"
    assert reason == "核对考勤"


def test_a_plan_is_made_on_the_map_and_ended(
    patrolled: Patrolled, chief: str, demo_server: Server, tab: Tab
) -> None:
    page = tab.page
    lon, lat = patrolled.pump
    look_at(page, demo_server, chief, f"section=duty&at={lon:.5f},{lat:.5f},17")
    page.get_by_test_id("make-plan").click()
    # The middle of the map is the pump; further up there is nothing yet.
    click_on_map(page, up_px=0)
    expect(page.get_by_test_id("plan-points")).to_contain_text("泵站")
    click_on_map(page, up_px=120)
    page.get_by_test_id("point-name").fill("闸口")
    page.get_by_test_id("plan-make").click()
    expect(page.get_by_test_id("plan-fault")).to_contain_text("计划名称")
    page.get_by_test_id("plan-name").fill("汛期巡查")
    page.get_by_test_id("rhythm-hours").click()
    page.get_by_test_id("rhythm-every").fill("6")
    page.get_by_test_id("plan-make").click()

    expect(page.get_by_test_id("drawer")).to_have_attribute("data-kind", "plan")
    expect(page.get_by_test_id("drawer-title")).to_have_text("汛期巡查")
    expect(page.get_by_test_id("fact-rhythm")).to_have_text("每 6 小时一轮")
    names = page.get_by_test_id("round-checkpoint")
    expect(names.nth(0)).to_contain_text("泵站")
    expect(names.nth(1)).to_contain_text("闸口")
    row = page.get_by_test_id("plan-row").filter(has_text="汛期巡查")
    expect(row).to_contain_text("进行中 0/2")

    page.get_by_test_id("plan-end").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("drawer")).to_contain_text("已结束")
    expect(page.get_by_test_id("plan-end")).to_have_count(0)
    expect(row).to_have_count(0)
    assert len(audited(demo_server.database, "plan.end")) == 1


def test_grids_are_coloured_and_listed_by_who_was_there_last(
    patrolled: Patrolled, chief: str, demo_server: Server, tab: Tab
) -> None:
    page = tab.page
    dispatcher = account_of(demo_server.database, "dispatcher", Role.DISPATCHER)
    look_at(page, demo_server, dispatcher, "section=duty&duty=coverage")
    expect(page.get_by_test_id("coverage-legend")).to_contain_text("从未")
    first = page.get_by_test_id("coverage-row").first
    expect(first).to_have_attribute("data-since", "never")
    expect(page.get_by_test_id("since-h4")).not_to_have_text("0")
    empty = first.get_attribute("data-grid")
    first.click()
    expect(page.get_by_test_id("drawer")).to_have_attribute("data-kind", "grid")
    assert f"open=grid:{empty}&duty=coverage" in page.url


def test_who_is_on_duty_by_the_roster_and_who_really_is(demo_server: Server, tab: Tab) -> None:
    page = tab.page
    dispatcher = account_of(demo_server.database, "dispatcher", Role.DISPATCHER)
    look_at(page, demo_server, dispatcher, "section=duty&duty=rosters")
    card = page.get_by_test_id("roster-card")
    expect(card).to_contain_text("昼夜值班")
    expect(card.get_by_test_id("on-duty").first).to_contain_text("带班")
    present = card.locator("[data-testid=on-duty][data-present=true]").count()
    expect(card.get_by_test_id("present")).to_contain_text(f"{present}/")

    card.get_by_test_id("roster-row").click()
    expect(page.get_by_test_id("drawer")).to_have_attribute("data-kind", "roster")
    expect(page.get_by_test_id("fact-planned")).to_have_text("全天有人")
    expect(page.get_by_test_id("shift").first).to_be_visible()
    page.get_by_test_id("span-7").click()
    give_reason(page, "attendance")
    expect(page.get_by_test_id("looked-why")).to_contain_text("核对考勤")
    expect(page.get_by_test_id("ratio-covered")).to_contain_text("%")
    assert audited(demo_server.database, "roster.read")[-1][1] == "核对考勤"


def test_what_was_drawn_by_lot_is_shown_and_saved_to_be_verified(
    demo_server: Server, tab: Tab
) -> None:
    page = tab.page
    headers = {"Authorization": f"Bearer {demo_server.token('dispatcher')}"}
    with httpx.Client(base_url=f"{demo_server.url}/api/v1", headers=headers) as client:
        wanted = {"name": "学校抽查", "facility_kinds": ["school"], "targets_wanted": 1}
        prepared = client.post("/inspections", json=wanted).raise_for_status().json()
        drawn = client.post(
            f"/inspections/{prepared['id']}/draw",
            json={"public_number": "3 5 1", "witness": "三粒骰子，王女士掷"},
        )
        sheet = drawn.raise_for_status().json()
    desk = account_of(demo_server.database, "desk", Role.DISPATCHER)
    look_at(page, demo_server, desk, "section=duty&duty=inspections")
    expect(page.get_by_test_id("inspection-row")).to_contain_text("已抽取")
    page.get_by_test_id("inspection-row").click()
    expect(page.get_by_test_id("fact-number")).to_have_text("3 5 1")
    [assignment] = sheet["assignments"]
    [target] = [one for one in sheet["names"]["targets"] if one["id"] == assignment["target"]]
    expect(page.get_by_test_id("assignments")).to_contain_text(target["name"])
    with page.expect_download() as download:
        page.get_by_test_id("inspection-save").click()
    assert json.loads(Path(download.value.path()).read_text()) == sheet


def test_who_may_not_see_tracks_has_no_such_section(demo_server: Server, tab: Tab) -> None:
    page = tab.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    handler = account_of(demo_server.database, "handler", Role.DEPARTMENT_HANDLER)
    look_at(page, demo_server, handler, "section=duty&duty=coverage&open=plan:1")
    expect(page.get_by_test_id("section-grids")).to_be_visible()
    expect(page.get_by_test_id("section-duty")).to_have_count(0)
    expect(page.get_by_test_id("drawer")).to_have_count(0)
    assert [url for url in asked if "/plans" in url or "/coverage" in url] == []
