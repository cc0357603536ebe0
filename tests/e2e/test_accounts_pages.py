"""Accounts in a real browser: getting in, what each role is shown, and what an administrator does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from api.accounts import Role
from api.accounts.settings import SignInSettings
from api.settings import ServerSettings
from data.database import Database
from tests.browser import Tab, browsing
from tests.pages import PASSWORD, account_of, chief_of, sign_in, sign_out, wait_for_map
from tests.serving import Server, serving

ANOTHER_PASSWORD = "one that nobody else knows"


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """A page of the server in China's time, and every path it has asked the API for."""

    tab: Tab
    asked: list[str]

    @property
    def page(self) -> Page:
        return self.tab.page


@contextmanager
def desk_at(url: str, **context: Any) -> Iterator[Desk]:
    size = {"width": 1280, "height": 720}
    with browsing(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", **context) as tab:
        desk = Desk(tab=tab, asked=[])
        tab.page.on("request", lambda request: desk.asked.append(urlsplit(request.url).path))
        tab.page.goto(url)
        yield desk
        assert tab.errors == []
        assert tab.external == []


@pytest.fixture
def desk(demo_server: Server) -> Iterator[Desk]:
    with desk_at(demo_server.url) as desk:
        yield desk


@pytest.fixture
def audited(demo_database: Database) -> Callable[[str], list[tuple[Any, ...]]]:
    """The subjects and reasons on record for an action."""

    def read(action: str) -> list[tuple[Any, ...]]:
        statement = text(
            "SELECT subject, reason FROM audit_events WHERE action = :action ORDER BY id"
        )
        with demo_database.begin() as conn:
            return [tuple(row) for row in conn.execute(statement, {"action": action})]

    return read


def choose_somebody_on_duty(page: Page) -> str:
    """Opens the first person of the list; their unit."""
    row = page.get_by_test_id("person-row").first
    expect(row).to_be_visible()
    unit = row.get_attribute("data-unit")
    assert unit
    # By its name: the list is still sorting itself.
    page.locator(f"[data-testid=person-row][data-unit='{unit}']").click()
    expect(page.get_by_test_id("track-day")).to_be_visible()
    return unit


def give_reason(page: Page, cause: str) -> None:
    page.get_by_test_id(f"cause-{cause}").click()
    page.get_by_test_id("reason-submit").click()


def change_password(page: Page, old: str, new: str) -> None:
    for name, value in (("old", old), ("new", new), ("repeated", new)):
        page.locator(f"input[name={name}]").fill(value)
    page.get_by_test_id("change-password-submit").click()


def test_who_was_given_a_password_changes_it_before_anything_opens(
    demo_server: Server, desk: Desk
) -> None:
    account_of(demo_server.database, "wang", Role.DISPATCHER)
    with demo_server.database.begin() as conn:
        conn.execute(text("UPDATE accounts SET must_change_password = true"))
    page = desk.page
    sign_in(page, "wang")
    expect(page.get_by_test_id("pending")).to_have_attribute("data-step", "change_password")

    change_password(page, PASSWORD, "12345678")
    expect(page.get_by_test_id("new-password-wrong")).to_be_visible()
    assert "/api/v1/positions" not in desk.asked

    change_password(page, PASSWORD, ANOTHER_PASSWORD)
    wait_for_map(page)
    sign_out(page)
    sign_in(page, "wang")
    expect(page.get_by_test_id("sign-in-problem")).to_be_visible()
    sign_in(page, "wang", ANOTHER_PASSWORD)
    expect(page.get_by_test_id("person-row").first).to_be_visible()


def test_a_second_factor_is_set_up_and_then_asked_for(demo_server: Server, desk: Desk) -> None:
    chief = chief_of(demo_server.database)
    page = desk.page
    sign_in(page, chief)
    wait_for_map(page)
    page.get_by_test_id("account").click()
    page.get_by_test_id("own-totp").click()
    totp = pyotp.TOTP(page.get_by_test_id("totp-secret").inner_text().replace(" ", ""))
    used = totp.now()
    page.get_by_test_id("totp-code").fill(used)
    page.get_by_test_id("totp-submit").click()
    expect(page.get_by_test_id("own-done")).to_be_visible()
    sign_out(page)

    sign_in(page, chief)
    code = page.get_by_test_id("totp-code")
    expect(code).to_be_focused()
    expect(code).to_have_attribute("autocomplete", "one-time-code")
    code.fill(used)
    page.get_by_test_id("sign-in-submit").click()
    expect(page.get_by_test_id("sign-in-problem")).to_be_visible()
    code.fill(next_code(totp))
    page.get_by_test_id("sign-in-submit").click()
    expect(page.get_by_test_id("person-row").first).to_be_visible()


def next_code(totp: pyotp.TOTP) -> str:
    """The one after the present: a code counts once, and a clock may be a step ahead."""
    return totp.at(datetime.now(UTC), counter_offset=1)


def test_a_role_that_must_have_a_second_factor_sets_it_up_first(demo_database: Database) -> None:
    account_of(demo_database, "boss", Role.ADMIN)
    settings = ServerSettings(sign_in=SignInSettings(totp_roles=frozenset({Role.ADMIN})))
    with serving(demo_database, settings) as server, desk_at(server.url) as desk:
        page = desk.page
        sign_in(page, "boss")
        expect(page.get_by_test_id("pending")).to_have_attribute("data-step", "set_up_totp")
        secret = page.get_by_test_id("totp-secret").inner_text().replace(" ", "")
        page.get_by_test_id("totp-code").fill(pyotp.TOTP(secret).now())
        page.get_by_test_id("totp-submit").click()
        wait_for_map(page)


def test_who_guesses_passwords_is_told_how_long_to_wait(desk: Desk) -> None:
    page = desk.page
    submit, problem = page.get_by_test_id("sign-in-submit"), page.get_by_test_id("sign-in-problem")
    for _ in range(20):
        with page.expect_response("**/api/v1/sessions") as answer:
            sign_in(page, "nobody", "a guess")
        expect(submit).to_have_text("登录")
        if answer.value.status == 429:
            break
    expect(problem).to_contain_text("秒")
    page.locator("input[type=password]").fill("another guess")
    expect(submit).to_be_disabled()


def test_a_look_at_yesterday_needs_a_reason_once(
    demo_server: Server, desk: Desk, audited: Callable[[str], list[tuple[Any, ...]]]
) -> None:
    page = desk.page
    sign_in(page, account_of(demo_server.database, "dispatcher", Role.DISPATCHER))
    unit = choose_somebody_on_duty(page)
    expect(page.get_by_test_id("reason-form")).to_have_count(0)

    page.get_by_test_id("day-before").click()
    expect(page.get_by_test_id("reason-submit")).to_be_disabled()
    give_reason(page, "attendance")
    expect(page.get_by_test_id("looked-why")).to_contain_text("核对考勤")
    page.get_by_test_id("day-before").click()
    expect(page.get_by_test_id("reason-form")).to_have_count(0)
    assert audited("track.read")[-1] == (f"unit {unit}", "核对考勤")

    # Another person is another look, and another reason.
    page.get_by_test_id("person-row").nth(1).click()
    page.get_by_test_id("day-before").click()
    expect(page.get_by_test_id("reason-form")).to_be_visible()


def test_a_replay_of_yesterday_asks_in_its_panel(demo_server: Server, desk: Desk) -> None:
    page = desk.page
    sign_in(page, account_of(demo_server.database, "dispatcher", Role.DISPATCHER))
    choose_somebody_on_duty(page)
    page.get_by_test_id("day-before").click()
    expect(page.get_by_test_id("reason-form")).to_be_visible()
    page.get_by_test_id("replay-today").click()
    panel = page.get_by_test_id("replay-panel")
    expect(panel.get_by_test_id("reason-form")).to_be_visible()
    give_reason(page, "complaint")
    expect(panel.get_by_test_id("reason-form")).to_have_count(0)
    expect(panel.get_by_test_id("problem")).to_have_count(0)


def test_a_track_is_exported_for_a_reason(demo_server: Server, desk: Desk) -> None:
    page = desk.page
    sign_in(page, account_of(demo_server.database, "dispatcher", Role.DISPATCHER))
    unit = choose_somebody_on_duty(page)
    expect(page.get_by_test_id("track-summary")).to_be_visible()
    page.get_by_test_id("export-open").click()
    page.get_by_test_id("export-gpx").click()
    with page.expect_download() as download:
        give_reason(page, "case")
    assert unit in download.value.suggested_filename
    assert "<gpx" in Path(download.value.path()).read_text()
    for file_format, beginning in (("xlsx", b"PK"), ("geoparquet", b"PAR1")):
        with page.expect_download() as download:
            page.get_by_test_id(f"export-{file_format}").click()  # the reason counts here too
        assert Path(download.value.path()).read_bytes().startswith(beginning)


def test_the_day_of_a_whole_grid_is_exported_for_a_reason(
    demo_server: Server, desk: Desk, audited: Callable[[str], list[tuple[Any, ...]]]
) -> None:
    page = desk.page
    sign_in(page, chief_of(demo_server.database))
    wait_for_map(page)
    page.get_by_test_id("section-replay").click()
    page.get_by_test_id("replay-by-grid").click()
    page.get_by_test_id("replay-choice").first.click()
    page.get_by_test_id("export-open").click()
    page.get_by_test_id("export-csv").click()
    with page.expect_download() as download:
        give_reason(page, "case")
    assert download.value.suggested_filename.startswith("track-grid-")
    rows = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert len({row.partition(",")[0] for row in rows[1:]}) > 1
    [(_, reason)] = audited("track.export")
    assert reason == "案件调查"


def test_a_telephone_number_is_shown_to_who_says_why(
    demo_server: Server, desk: Desk, audited: Callable[[str], list[tuple[Any, ...]]]
) -> None:
    page = desk.page
    sign_in(page, chief_of(demo_server.database))
    wait_for_map(page)
    page.get_by_test_id("section-grids").click()
    page.get_by_test_id("grids-panel").get_by_role("button").filter(
        has_text="第一网格"
    ).first.click()
    number = page.get_by_test_id("masked-value").first
    expect(number).to_contain_text("****")
    page.get_by_test_id("unmask").first.click()
    give_reason(page, "safety")
    expect(number).not_to_contain_text("*")
    assert [reason for _, reason in audited("phone.unmask")] == ["安全事件"]


def test_an_administrator_makes_an_account_and_somebody_signs_in_with_it(
    demo_server: Server, desk: Desk
) -> None:
    page = desk.page
    sign_in(page, account_of(demo_server.database, "boss", Role.ADMIN))
    page.get_by_test_id("section-settings").click()
    page.get_by_test_id("new-account").click()
    form = page.get_by_test_id("account-form")
    form.locator("input").first.fill("zhao.min")
    form.get_by_test_id("role").select_option("dispatcher")
    page.get_by_test_id("account-create").click()
    password = page.get_by_test_id("secret").inner_text()
    expect(page.get_by_test_id("accounts")).to_contain_text("zhao.min")
    sign_out(page)

    sign_in(page, "zhao.min", password)
    change_password(page, password, ANOTHER_PASSWORD)
    # They begin at their own start page, not where the other was.
    expect(page.get_by_test_id("section-live")).to_have_attribute("aria-current", "page")
    page.get_by_test_id("section-settings").click()
    # What cases are about may be looked up there, and nothing else.
    expect(page.get_by_test_id("tab-categories")).to_be_visible()
    expect(page.get_by_test_id("tab-accounts")).to_have_count(0)


def test_a_device_is_enrolled_and_its_token_is_shown_once(demo_server: Server, desk: Desk) -> None:
    page = desk.page
    sign_in(page, account_of(demo_server.database, "boss", Role.ADMIN))
    page.get_by_test_id("section-settings").click()
    page.get_by_test_id("tab-units").click()
    row = page.get_by_test_id("units").locator("tbody tr").first
    unit = row.locator("td").first.inner_text()
    row.click()
    page.get_by_test_id("device-new").click()
    page.get_by_test_id("device-enrol").click()
    token = page.get_by_test_id("secret").inner_text()
    expect(page.get_by_test_id("devices")).to_contain_text(unit)

    headers = {"Authorization": f"Bearer {token}"}
    session = httpx.get(f"{demo_server.url}/api/v1/sessions", headers=headers)
    assert session.json()["account"]["permissions"] == ["post_fixes_device"]
    page.get_by_test_id("device-revoke").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("devices")).to_have_count(0)
    assert httpx.get(f"{demo_server.url}/api/v1/sessions", headers=headers).status_code == 401


def test_a_permission_of_a_role_is_changed_and_shown_as_different(
    demo_server: Server, desk: Desk
) -> None:
    page = desk.page
    sign_in(page, account_of(demo_server.database, "boss", Role.ADMIN))
    page.get_by_test_id("section-settings").click()
    page.get_by_test_id("tab-roles").click()
    page.get_by_test_id("grant-analyst-read_names").click()
    expect(page.get_by_test_id("tab-note")).to_contain_text("1")
    expect(page.get_by_test_id("grant-admin-administer")).to_be_disabled()


def test_an_auditor_lands_at_the_audit_and_loads_no_map(demo_server: Server, desk: Desk) -> None:
    page = desk.page
    sign_in(page, account_of(demo_server.database, "auditor", Role.AUDITOR))
    expect(page.get_by_test_id("audit-record").first).to_be_visible()
    page.get_by_test_id("audit-verify").click()
    expect(page.get_by_test_id("audit-verified")).to_contain_text("校验通过")
    expect(page.get_by_test_id("problem")).to_have_count(0)
    expect(page.get_by_test_id("map")).to_have_count(0)
    asked = {path for path in desk.asked if path.startswith("/api/")}
    assert asked == {
        "/api/v1/sessions",
        "/api/v1/sessions/providers",
        "/api/v1/audit",
        "/api/v1/audit/verify",
    }
    assert not any("openlayers" in path or "CommandCentre" in path for path in desk.asked)


def test_a_department_handler_has_cases_and_a_map_without_people(
    demo_server: Server, desk: Desk
) -> None:
    page = desk.page
    sign_in(page, account_of(demo_server.database, "handler", Role.DEPARTMENT_HANDLER))
    wait_for_map(page)
    shown = [
        one.get_attribute("data-testid") for one in page.locator("[data-testid^=section-]").all()
    ]
    assert shown == ["section-cases", "section-grids", "section-figures", "section-settings"]
    expect(page.get_by_test_id("feed")).to_have_count(0)
    page.get_by_test_id("layers").click()
    expect(page.get_by_test_id("layer-cases")).to_be_visible()
    expect(page.get_by_test_id("layer-people")).to_have_count(0)
    assert not any(path.startswith(("/api/v1/positions", "/api/v1/units")) for path in desk.asked)


def test_an_analyst_sees_codes_instead_of_names(demo_server: Server, desk: Desk) -> None:
    page = desk.page
    sign_in(page, account_of(demo_server.database, "analyst", Role.ANALYST))
    unit = choose_somebody_on_duty(page)
    expect(page.get_by_test_id("drawer-title")).to_have_text(unit)
    page.get_by_test_id("search").fill(unit)
    expect(page.get_by_test_id("search-results")).to_contain_text(unit)


def test_signing_out_everywhere_ends_this_session_too(demo_server: Server, desk: Desk) -> None:
    page = desk.page
    chief = chief_of(demo_server.database)
    sign_in(page, chief)
    wait_for_map(page)
    page.get_by_test_id("account").click()
    page.get_by_test_id("own-sessions-open").click()
    expect(page.get_by_test_id("own-sessions").locator("li")).to_have_count(1)
    page.get_by_test_id("sign-out-everywhere").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("sign-in")).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("sign-in")).to_be_visible()
