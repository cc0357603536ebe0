"""Figures in a real browser: the page shows the numbers that the API gives."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from api.accounts import Role
from gis.local_time import LOCAL
from tests.browser import Tab
from tests.pages import account_of, signed_in
from tests.serving import Server


@pytest.fixture
def client(demo_server: Server) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {demo_server.token('dispatcher')}"}
    with httpx.Client(base_url=f"{demo_server.url}/api/v1", headers=headers) as client:
        yield client


def showing(server: Server, username: str, link: str = "") -> AbstractContextManager[Tab]:
    """The figures of this year as somebody sees them."""
    query = f"?section=figures&period=year{link}"
    return signed_in(server, username, query, locale="en-GB", timezone_id="America/New_York")


@pytest.fixture
def tab(demo_server: Server) -> Iterator[Tab]:
    with showing(demo_server, account_of(demo_server.database, "desk", Role.DISPATCHER)) as tab:
        yield tab


@pytest.fixture
def admin(demo_server: Server) -> str:
    return account_of(demo_server.database, "boss", Role.ADMIN)


def this_year() -> dict[str, str]:
    """As it is in China, wherever the browser is."""
    year = datetime.now(LOCAL).year
    return {
        "from": datetime(year, 1, 1, tzinfo=LOCAL).isoformat(),
        "to": datetime(year + 1, 1, 1, tzinfo=LOCAL).isoformat(),
    }


def last_month() -> dict[str, str]:
    """As a report is asked for: by its first day."""
    first = (datetime.now(LOCAL).replace(day=1) - timedelta(days=1)).replace(day=1)
    return {"kind": "month", "date": first.date().isoformat()}


def threshold_of(client: httpx.Client, code: str) -> dict[str, float]:
    items = client.get("/figures/thresholds").json()["items"]
    found = next(item["threshold"] for item in items if item["code"] == code)
    return {"warn": found["warn"], "alarm": found["alarm"]}


MANY_CASES = """
INSERT INTO cases (number, state, source, category, description, geom, grid_code, reported_at, filed_at)
SELECT concat_ws('-', 'HOT', x, y, n), 'filed', 'patrol', 'other', '',
    ST_Translate(geom, x * 0.0015, y * 0.0015), grid_code, :at, :at
FROM (SELECT geom, grid_code FROM cases ORDER BY id LIMIT 1) AS somewhere,
    generate_series(-2, 2) AS x, generate_series(-2, 2) AS y, generate_series(1, 8) AS n
"""


def shown(page: Page, code: str, part: str) -> str:
    return page.locator(f"[data-code={code}]").get_by_test_id(part).inner_text()


def asks_from(url: str, begins: datetime) -> bool:
    """Whether figures are asked for that begin then."""
    address = urlsplit(url)
    if address.path != "/api/v1/figures":
        return False
    [asked] = parse_qs(address.query)["from"]
    return datetime.fromisoformat(asked) == begins


def test_the_panel_shows_what_the_api_answers(client: httpx.Client, tab: Tab) -> None:
    page = tab.page
    expect(page.get_by_test_id("figure").first).to_be_visible()
    answer = client.get("/figures", params=this_year()).json()
    items: dict[str, Any] = {item["code"]: item for item in answer["items"]}
    assert sum(item["indicator"] for item in items.values()) == 15
    cards = [card.get_attribute("data-code") for card in page.get_by_test_id("figure").all()]
    assert {code for code, item in items.items() if item["indicator"]} <= {*cards}

    closing = items["closing_rate"]
    numerator, denominator = int(closing["numerator"]), int(closing["denominator"])
    assert denominator > 0
    assert shown(page, "closing_rate", "figure-parts") == f"{numerator:,} / {denominator:,}"
    percent = float(shown(page, "closing_rate", "figure-value").removesuffix(" %"))
    assert percent == pytest.approx(100 * numerator / denominator, abs=0.1)
    standing = page.locator("[data-code=closing_rate]").get_by_test_id("standing")
    expect(standing).to_have_attribute("data-standing", closing["standing"])
    assert shown(page, "received", "figure-value") == f"{int(items['received']['value']):,}"
    # A year ago there was nothing to compare with.
    assert shown(page, "closing_rate", "figure-lastYear") == "no data"


def test_a_part_of_the_town_and_another_period_are_asked_for(
    client: httpx.Client, tab: Tab
) -> None:
    page = tab.page
    ranking = client.get("/figures/rankings", params={**this_year(), "of": "grids"}).json()
    some = next(item for item in ranking["items"] if item["received"] > 0)
    page.get_by_test_id("figures-grid").select_option(some["key"])
    expect(page.locator("[data-testid=count][data-code=received]")).to_contain_text(
        str(some["received"])
    )

    page.get_by_test_id("period-own").click()
    first = (datetime.now(UTC).astimezone(LOCAL) - timedelta(days=3)).date().isoformat()
    begins = datetime.fromisoformat(f"{first}T00:00:00+08:00")
    # The answer to what was shown before may still be on its way.
    with page.expect_response(lambda answer: asks_from(answer.url, begins)) as asked:
        page.get_by_test_id("period-from").fill(first)
        page.get_by_test_id("period-from").blur()
    assert datetime.fromisoformat(asked.value.json()["period"]["from"]) == begins
    # The address shows the same to somebody else.
    assert f"in={some['key']}" in page.url
    assert f"from={first}" in page.url


def test_grids_are_ranked_and_lead_to_the_map(client: httpx.Client, tab: Tab) -> None:
    page = tab.page
    page.get_by_test_id("figures-rankings").click()
    rows = page.get_by_test_id("ranked")
    expect(rows.first).to_be_visible()
    ranking = client.get("/figures/rankings", params={**this_year(), "of": "grids"}).json()
    keys = [item["key"] for item in ranking["items"]]
    assert [row.get_attribute("data-key") for row in rows.all()] == keys
    best = ranking["items"][0]
    expect(rows.first).to_contain_text(f"{best['score']:.2f}")
    page.get_by_test_id("ranked-categories").click()
    expect(page.locator("[data-testid=ranked][data-key='other']")).to_be_visible()

    page.get_by_test_id("ranked-grids").click()
    rows.first.get_by_role("button").click()
    expect(page.get_by_test_id("figures")).to_be_hidden()
    expect(page.get_by_test_id("drawer-title")).to_have_text(best["name"]["zh"])


def test_a_report_is_made_looked_at_and_saved(client: httpx.Client, tab: Tab) -> None:
    page = tab.page
    page.get_by_test_id("figures-reports").click()
    page.get_by_test_id("new-report").click()
    page.get_by_test_id("report-kind").select_option("week")
    page.get_by_test_id("report-make").click()
    report = page.get_by_test_id("report")
    expect(report.get_by_test_id("report-intact")).to_have_text("As it was made")
    [kept] = client.get("/reports").json()["items"]
    whole = client.get(f"/reports/{kept['id']}").json()
    received = next(one for one in whole["content"]["figures"] if one["code"] == "received")
    assert shown(page, "received", "figure-value") == f"{int(received['value']):,}"
    with page.expect_download() as saving:
        page.get_by_test_id("report-html").click()
    assert saving.value.suggested_filename.endswith(".html")

    # The list is narrowed to a kind, and to a grid.
    page.get_by_test_id("report-back").click()
    rows = page.get_by_test_id("report-row")
    page.get_by_test_id("reports-kind").select_option("month")
    expect(rows).to_have_count(0)
    page.get_by_test_id("reports-kind").select_option("week")
    expect(rows).to_have_count(1)
    page.get_by_test_id("reports-grid").select_option(index=1)
    expect(rows).to_have_count(0)
    page.get_by_test_id("reports-grid").select_option(index=0)
    expect(rows).to_have_count(1)

    # Another one of the same says why.
    page.get_by_test_id("new-report").click()
    page.get_by_test_id("report-kind").select_option("week")
    page.get_by_test_id("report-make").click()
    page.get_by_test_id("report-reason").fill("two cases were filled in later")
    page.get_by_test_id("report-make").click()
    expect(report).to_contain_text("version 2: two cases were filled in later")


def test_a_report_shows_what_its_files_hold(client: httpx.Client, tab: Tab) -> None:
    page = tab.page
    [month] = [client.post("/reports", json=last_month()).json()]
    content = client.get(f"/reports/{month['id']}").json()["content"]
    page.get_by_test_id("figures-reports").click()
    page.get_by_test_id("report-row").get_by_role("button").click()
    report = page.get_by_test_id("report")
    expect(report.get_by_test_id("figure-row")).to_have_count(len(content["figures"]))
    closing = next(one for one in content["figures"] if one["code"] == "closing_rate")
    parts = f"{int(closing['numerator']):,} / {int(closing['denominator']):,}"
    assert shown(page, "closing_rate", "figure-parts") == parts
    received = next(one for one in content["figures"] if one["code"] == "received")
    assert shown(page, "received", "was-previous") == f"{int(received['previous']['value']):,}"
    for ranking in content["rankings"]:
        report.get_by_test_id(f"ranked-{ranking['of']}").click()
        rows = report.get_by_test_id("ranked")
        expect(rows).to_have_count(len(ranking["items"]))
        for best in ranking["items"][:1]:
            expect(rows.first).to_contain_text(f"{best['score']:.2f}")
            share = next(one for one in best["shares"] if one["denominator"])
            of = f"{int(share['numerator']):,} / {int(share['denominator']):,}"
            expect(rows.first).to_contain_text(of)
    assert sum(len(ranking["items"]) > 0 for ranking in content["rankings"]) >= 3
    expect(report).to_contain_text(month["sha256"])
    expect(report.get_by_test_id("hot-spot")).to_have_count(len(content["hot_spots"]))


def test_a_hot_spot_of_a_report_leads_to_the_map(
    client: httpx.Client, tab: Tab, demo_server: Server
) -> None:
    page = tab.page
    begins = datetime.fromisoformat(f"{last_month()['date']}T00:00:00+08:00")
    with demo_server.database.begin() as conn:
        # One full cell alone is no hot spot.
        conn.execute(text(MANY_CASES), {"at": begins + timedelta(days=3)})
    report = client.post("/reports", json=last_month()).json()
    spots = client.get(f"/reports/{report['id']}").json()["content"]["hot_spots"]
    page.get_by_test_id("figures-reports").click()
    page.get_by_test_id("report-row").get_by_role("button").click()
    row = page.get_by_test_id("hot-spot").first
    expect(row).to_contain_text(spots[0]["cell"])
    with page.expect_response(lambda answer: "/tiles/hotspots/" in answer.url) as asked:
        row.get_by_role("button").click()
    [span] = parse_qs(urlsplit(asked.value.url).query)["datetime"]
    assert datetime.fromisoformat(span.split("/")[0]) == begins
    assert asked.value.ok
    expect(page.get_by_test_id("figures")).to_be_hidden()
    page.wait_for_function("location.search.includes('at=')")
    lon, lat = page.evaluate("new URLSearchParams(location.search).get('at')").split(",")[:2]
    assert (float(lon), float(lat)) == pytest.approx((spots[0]["lon"], spots[0]["lat"]), abs=0.05)


def test_hot_spots_are_told_against_the_periods_before(
    client: httpx.Client, tab: Tab, demo_server: Server
) -> None:
    page = tab.page
    begins = datetime.fromisoformat(f"{last_month()['date']}T00:00:00+08:00")
    with demo_server.database.begin() as conn:
        for days, name in ((3, "HOT"), (-3, "OLD")):
            many = MANY_CASES.replace("HOT", name)
            conn.execute(text(many), {"at": begins + timedelta(days=days)})
    report = client.post("/reports", json=last_month()).json()
    content = client.get(f"/reports/{report['id']}").json()["content"]
    assert len(content["spot_windows"]) >= 2
    page.get_by_test_id("figures-reports").click()
    page.get_by_test_id("report-row").get_by_role("button").click()
    first = page.get_by_test_id("hot-spot").first.get_by_test_id("spot-trend")
    expect(first).to_have_attribute("data-trend", content["hot_spots"][0]["trend"])
    since = datetime.fromisoformat(content["hot_spots"][0]["since"]).astimezone(LOCAL)
    expect(first).to_contain_text(f"since {since.date().isoformat()}")


def test_a_threshold_is_tried_saved_and_taken_back(
    client: httpx.Client, demo_server: Server, admin: str
) -> None:
    with showing(demo_server, admin, "&figures=thresholds") as tab:
        page = tab.page
        row = page.locator("[data-testid=threshold][data-code=satisfaction]")
        warn, alarm = row.get_by_test_id("limit-warn"), row.get_by_test_id("limit-alarm")
        expect(warn).to_have_value("95")
        # Not everybody is satisfied; what stands there says so before anything is saved.
        standing = row.get_by_test_id("standing")
        expect(standing).not_to_have_attribute("data-standing", "none")
        warn.fill("100")
        alarm.fill("100")
        expect(standing).to_have_attribute("data-standing", "alarm")
        row.get_by_test_id("limit-save").click()
        expect(row.get_by_test_id("limit-saved")).to_be_visible()
        assert threshold_of(client, "satisfaction") == {"warn": 1.0, "alarm": 1.0}

        # What cannot be is said where it was typed.
        warn.fill("50")
        row.get_by_test_id("limit-save").click()
        expect(row.get_by_test_id("limit-wrong")).to_be_visible()
        expect(alarm).to_have_attribute("aria-invalid", "true")
        alarm.press("Escape")
        expect(row.get_by_test_id("limit-wrong")).to_be_hidden()

        row.get_by_test_id("limit-usual").click()
        expect(warn).to_have_value("95")
        assert threshold_of(client, "satisfaction") == {"warn": 0.95, "alarm": 0.9}


def test_weights_are_tried_on_the_order_before_they_are_saved(
    client: httpx.Client, demo_server: Server, admin: str
) -> None:
    with showing(demo_server, admin, "&figures=weights") as tab:
        page = tab.page
        page.get_by_test_id("ranked-categories").click()
        expect(page.get_by_test_id("weight-sum")).to_have_text("100")
        page.get_by_test_id("weight").first.wait_for()
        for row in page.get_by_test_id("weight").all():
            row.get_by_test_id("weight-field").fill("")
        expect(page.get_by_test_id("weights-save")).to_be_disabled()
        chosen = page.locator("[data-testid=weight][data-code=satisfaction]")
        chosen.get_by_test_id("weight-field").fill("3")
        expect(chosen.get_by_test_id("weight-share")).to_have_text("100.00 %")

        params = {**this_year(), "of": "categories", "weights": "satisfaction:3"}
        tried = client.get("/figures/rankings", params=params).json()["items"]
        best = tried[0]
        first = page.get_by_test_id("order-row").first
        expect(first).to_have_attribute("data-key", best["key"])
        expect(first).to_contain_text(f"{best['score']:.2f}")
        usual = client.get("/figures/weights").json()["items"]
        assert len(usual) == 5

        page.get_by_test_id("weights-save").click()
        expect(page.get_by_test_id("weights-saved")).to_be_visible()
        [only] = client.get("/figures/weights").json()["items"]
        assert (only["code"], only["weight"]) == ("satisfaction", 3)
        page.get_by_test_id("weights-usual").click()
        expect(page.get_by_test_id("weight-sum")).to_have_text("100")
        page.get_by_test_id("weights-save").click()
        expect(page.get_by_test_id("weights-saved")).to_be_visible()
        assert client.get("/figures/weights").json()["items"] == usual


def test_whoever_may_only_read_sees_thresholds_and_weights(tab: Tab) -> None:
    page = tab.page
    page.get_by_test_id("figures-thresholds").click()
    row = page.locator("[data-testid=threshold][data-code=closing_rate]")
    expect(row.get_by_test_id("limit-warn")).to_have_text("95")
    expect(page.locator("[data-testid=thresholds] input")).to_have_count(0)
    page.get_by_test_id("figures-weights").click()
    row = page.locator("[data-testid=weight][data-code=on_time_rate]")
    expect(row.get_by_test_id("weight-field")).to_have_text("35")
    expect(row.get_by_test_id("weight-share")).to_have_text("35.00 %")
    expect(page.locator("[data-testid=weights] input")).to_have_count(0)
    expect(page.get_by_test_id("weights-save")).to_be_hidden()


def test_the_hot_spots_of_a_period_are_shown_on_the_map(tab: Tab) -> None:
    page = tab.page
    with page.expect_response(lambda answer: "/tiles/hotspots/" in answer.url) as asked:
        page.get_by_test_id("figures-spots").click()
    [span] = parse_qs(urlsplit(asked.value.url).query)["datetime"]
    since, until = (datetime.fromisoformat(each) for each in span.split("/"))
    assert (since.isoformat(), until.isoformat()) == tuple(
        datetime.fromisoformat(each).astimezone(UTC).isoformat() for each in this_year().values()
    )
    assert asked.value.ok
    expect(page.get_by_test_id("figures")).to_be_hidden()


def test_hot_spots_are_asked_over_time_and_the_legend_names_what_became_of_them(
    tab: Tab, demo_server: Server
) -> None:
    page = tab.page
    with demo_server.database.begin() as conn:
        conn.execute(text(MANY_CASES), {"at": datetime.now(UTC) - timedelta(hours=1)})
    expect(page.get_by_test_id("figures")).to_be_visible()  # signed in
    page.goto(f"{demo_server.url}/?also=hotspots&layers=basemap")
    page.get_by_test_id("layers").click()
    windows = page.get_by_test_id("windows-hotspots")
    expect(windows).to_have_value("1")
    legend = page.locator("li[data-value]")
    expect(legend).to_have_text(["Hot spot", "Cold spot"])
    with page.expect_response(
        lambda answer: "/tiles/hotspots/" in answer.url and "windows=6" in answer.url
    ) as asked:
        windows.select_option("6")
    assert asked.value.ok
    expect(page.get_by_test_id("period-hotspots")).to_have_value("30")
    expect(windows.locator("option:checked")).to_have_text("Over time: 6 parts of 5 days")
    expect(legend).to_have_text(["New", "Persistent", "Recurring", "Diminishing"])
    # What holds now has no parts.
    page.get_by_test_id("period-hotspots").select_option("")
    expect(windows).to_have_value("1")
    expect(legend).to_have_text(["Hot spot", "Cold spot"])
