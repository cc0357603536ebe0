"""Lists of another system in a real browser: looked at, imported, and imported once more."""

import csv
import io
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Locator, Page, Response, expect
from shapely.geometry import shape

from api.accounts import Role
from tests.browser import Tab, browsing
from tests.pages import account_of, sign_in, signed_in
from tests.serving import Server

HEADER = ["工单编号", "诉求内容", "经度", "纬度", "诉求类别", "标题"]


@pytest.fixture
def place(demo_server: Server) -> tuple[float, float]:
    headers = {"Authorization": f"Bearer {demo_server.token('dispatcher')}"}
    answer = httpx.get(f"{demo_server.url}/api/v1/grids", params={"level": 2}, headers=headers)
    at = shape(answer.json()["features"][0]["geometry"]).representative_point()
    return at.x, at.y


@pytest.fixture
def tab(demo_server: Server) -> Iterator[Tab]:
    username = account_of(demo_server.database, "desk", Role.DISPATCHER)
    with signed_in(demo_server, username, "?section=cases") as tab:
        yield tab


def table(lon: float, lat: float, header: list[str] = HEADER) -> dict[str, object]:
    rows = [
        ["GD-1", "路灯不亮", f"{lon:.6f}", f"{lat:.6f}", "路灯损坏", "路灯"],
        ["GD-2", "巷道积水", f"{lon + 1e-4:.6f}", f"{lat:.6f}", "巷道", "积水"],
        ["GD-3", "没有位置", "", "", "路灯损坏", "路灯"],
    ]
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return {"name": "热线.csv", "mimeType": "text/csv", "buffer": out.getvalue().encode()}


def is_import(answer: Response, *, preview: bool) -> bool:
    sent = answer.request.post_data_buffer or b""
    is_preview = b'name="preview"\r\n\r\ntrue' in sent
    return answer.url.endswith("/api/v1/case-imports") and is_preview == preview


def look_at(page: Page, file: dict[str, object]) -> None:
    with page.expect_response(lambda answer: is_import(answer, preview=True)):
        page.get_by_test_id("import-file").set_input_files(file)  # type: ignore[arg-type]


def test_a_list_is_looked_at_imported_and_makes_nothing_twice(
    tab: Tab, place: tuple[float, float]
) -> None:
    page = tab.page
    page.get_by_test_id("import-cases").click()
    look_at(page, table(*place))
    expect(page.get_by_test_id("import-new")).to_have_text("2")
    expect(page.get_by_test_id("import-refused-rows")).to_contain_text("没有位置")
    expect(page.get_by_test_id("import-unknown")).to_contain_text("巷道 1")
    with page.expect_download() as download:
        page.get_by_test_id("import-refused-download").click()
    header, row = csv.reader(download.value.path().read_text("utf-8-sig").splitlines())
    assert (header, row[0], row[-2]) == ([*HEADER, "row", "reason"], "GD-3", "4")

    with page.expect_response(lambda answer: is_import(answer, preview=False)):
        page.get_by_test_id("import-take").click()
    expect(page.get_by_test_id("import-done")).to_have_text("导入完成")
    made = page.get_by_test_id("import-cases-made")
    expect(made.get_by_text("新案件")).to_have_count(2)
    made.get_by_role("button").first.click()
    expect(page.locator("[data-kind=case]")).to_contain_text("路灯不亮")

    # Once more: it is said before, and nothing is made.
    look_at(page, table(*place))
    expect(page.get_by_test_id("import-known")).to_be_visible()
    with page.expect_response(lambda answer: is_import(answer, preview=False)):
        page.get_by_test_id("import-take").click()
    expect(page.get_by_test_id("import-done")).to_contain_text("没有产生新案件")
    expect(page.get_by_test_id("import-new")).to_have_text("0")


def test_an_administrator_says_what_a_word_of_a_list_means(
    demo_server: Server, place: tuple[float, float]
) -> None:
    account_of(demo_server.database, "admin-1", Role.ADMIN)
    with browsing(viewport={"width": 1280, "height": 720}, locale="zh-CN") as tab:
        page = tab.page
        page.goto(f"{demo_server.url}/?section=cases&desk=import")
        sign_in(page, "admin-1")
        look_at(page, table(*place))
        word = page.get_by_test_id("import-unknown").get_by_role("listitem").filter(has_text="巷道")
        word.get_by_test_id("import-meaning").select_option("environment.dirt")
        with page.expect_response(lambda answer: is_import(answer, preview=True)):
            word.get_by_test_id("import-learn").click()
        expect(page.get_by_test_id("import-unknown")).to_have_count(0)
        assert tab.errors == []


def test_columns_that_nobody_knows_are_said(tab: Tab, place: tuple[float, float]) -> None:
    page = tab.page
    page.get_by_test_id("import-cases").click()
    look_at(page, table(*place, header=["甲", "乙", "丙", "丁", "戊", "己"]))
    expect(page.get_by_test_id("import-missing")).to_contain_text("编号、经度、纬度、内容")
    expect(page.get_by_test_id("import-take")).to_be_disabled()
    for field, column in (("number", "甲"), ("description", "乙"), ("lon", "丙"), ("lat", "丁")):
        with page.expect_response(lambda answer: is_import(answer, preview=True)):
            page.get_by_test_id(f"import-column-{field}").select_option(column)
    expect(page.get_by_test_id("import-new")).to_have_text("2")


def test_who_may_report_nothing_is_not_offered_it(demo_server: Server) -> None:
    account_of(demo_server.database, "analyst", Role.ANALYST)
    with browsing(viewport={"width": 1280, "height": 720}, locale="zh-CN") as tab:
        tab.page.goto(f"{demo_server.url}/?section=cases&desk=import")
        sign_in(tab.page, "analyst")
        expect(tab.page.get_by_test_id("cases-panel")).to_be_visible()
        expect(tab.page.get_by_test_id("import-cases")).to_have_count(0)
        expect(tab.page.get_by_test_id("import-desk")).to_have_count(0)


def two_reports(
    server: Server, place: tuple[float, float], category: str, *descriptions: str
) -> list[str]:
    """The numbers of two citizens' reports about the same place, the earlier one's first."""
    numbers = []
    for words in descriptions:
        body = {"lon": place[0], "lat": place[1], "description": words, "category": category}
        made = httpx.post(f"{server.url}/api/v1/public/reports", json=body)
        numbers.append(made.raise_for_status().json()["number"])
    return numbers


def pair_of(page: Page, numbers: list[str]) -> Locator:
    return page.get_by_test_id("pair").filter(has_text=numbers[0]).filter(has_text=numbers[1])


def test_two_that_may_be_the_same_are_seen_side_by_side_and_one_goes_into_the_other(
    demo_server: Server, tab: Tab, place: tuple[float, float]
) -> None:
    numbers = two_reports(demo_server, place, "environment.water", "河边堆了垃圾", "又有人倒垃圾")
    page = tab.page
    page.get_by_test_id("case-pairs").click()
    pair = pair_of(page, numbers)
    pair.click()
    sides = page.get_by_test_id("pair-case")
    expect(sides.first).to_contain_text("河边堆了垃圾")
    expect(sides.last).to_contain_text("又有人倒垃圾")
    page.get_by_test_id("pair-open").last.click()
    expect(page.locator("[data-kind=case]")).to_contain_text(numbers[1])

    page.get_by_test_id("pair-acts").get_by_role("button").first.click()
    with page.expect_response(lambda answer: answer.url.endswith("/actions")):
        page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("pairs-told")).to_have_text(f"{numbers[1]} 已并入 {numbers[0]}。")
    expect(pair).to_have_count(0)


def test_two_that_are_not_the_same_are_listed_no_more_and_for_a_moment_that_can_be_undone(
    demo_server: Server, tab: Tab, place: tuple[float, float]
) -> None:
    numbers = two_reports(demo_server, place, "facility.fitness", "座椅断了", "座椅上有钉子")
    page = tab.page
    page.get_by_test_id("case-pairs").click()
    pair = pair_of(page, numbers)
    pair.click()
    page.get_by_test_id("pair-apart-now").click()
    expect(page.get_by_test_id("pairs-told")).to_contain_text("不是同一件")
    expect(pair).to_have_count(0)
    page.get_by_test_id("pairs-undo").click()
    expect(pair).to_have_class(re.compile(r"\bon\b"))
    expect(page.get_by_test_id("pairs-undo")).to_have_count(0)

    page.get_by_test_id("pair-apart-now").click()
    expect(page.get_by_test_id("pairs-undo")).to_be_visible()
    page.reload()
    # Listed anew, without them.
    expect(page.get_by_test_id("tab-note")).to_contain_text("对")
    expect(pair).to_have_count(0)


def test_a_desk_stands_in_the_place_of_the_map_which_is_not_drawn_behind_it(
    demo_server: Server,
) -> None:
    account_of(demo_server.database, "desk", Role.DISPATCHER)
    asked: list[str] = []
    with browsing(viewport={"width": 1280, "height": 720}, locale="zh-CN") as tab:
        page = tab.page
        page.on("request", lambda request: asked.append(urlsplit(request.url).path))
        page.goto(f"{demo_server.url}/?section=cases&desk=pairs")
        sign_in(page, "desk")
        drawn = page.get_by_test_id("map").locator("canvas")
        expect(page.get_by_test_id("tab-note")).to_contain_text("对")
        expect(drawn).to_have_count(0)
        assert [path for path in asked if "/tiles/" in path] == []

        with page.expect_request(lambda request: "/tiles/" in request.url):
            page.get_by_test_id("desk-close").click()
        expect(page.get_by_test_id("cases-panel")).to_be_visible()
        expect(drawn).not_to_have_count(0)

        page.get_by_test_id("import-cases").click()
        expect(page.get_by_test_id("import-desk")).to_be_visible()
        expect(drawn).to_have_count(0)
        page.go_back()
        expect(page.get_by_test_id("cases-panel")).to_be_visible()
        page.go_back()
        expect(page.get_by_test_id("pairs-desk")).to_be_visible()
        expect(drawn).to_have_count(0)
        # Where a new case lies is pointed at on the map.
        page.keyboard.press("n")
        expect(page.get_by_test_id("pairs-desk")).to_have_count(0)
        expect(drawn).not_to_have_count(0)
        assert tab.errors == []
