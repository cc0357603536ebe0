"""The pages live within their content security policy: nothing that they do is refused."""

import pytest
from playwright.sync_api import expect

from api.accounts import Role
from api.accounts.service import create_account
from tests.browser import browsing
from tests.running import wait_until
from tests.serving import Server

PASSWORD = "a long enough password"

# The console says the same, of workers and frames too.
NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""

FORBIDDEN = """
document.body.insertAdjacentHTML("beforeend", '<i style="color:red"></i>');
document.head.append(Object.assign(document.createElement("script"), {text: "1"}));
"""


@pytest.fixture
def administrator(demo_server: Server) -> str:
    with demo_server.database.begin() as conn:
        create_account(conn, username="boss", password=PASSWORD, role=Role.ADMIN)
    return "boss"


def test_no_page_does_what_the_policy_forbids(demo_server: Server, administrator: str) -> None:
    with browsing(viewport={"width": 1280, "height": 720}, locale="zh-CN") as tab:
        page = tab.page
        complaints: list[str] = []
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if "Security Policy" in message.text or "Permissions policy" in message.text
                else None
            ),
        )
        page.add_init_script(NOTE_VIOLATIONS)
        page.goto(demo_server.url)
        form = page.get_by_test_id("sign-in")
        form.locator("input").nth(0).fill(administrator)
        form.locator("input[type=password]").fill(PASSWORD)
        page.get_by_test_id("sign-in-submit").click()
        expect(page.locator("html")).to_have_attribute("data-map", "ready")
        expect(page.get_by_test_id("person-row").first).to_be_visible()
        sections = page.locator("[data-testid^='section-']")
        assert sections.count() >= 3
        for section in sections.all():
            section.click()
            expect(section).to_be_visible()
        page.get_by_test_id("help").click()

        assert page.evaluate("window.violations") == []
        assert complaints == []
        assert tab.errors == []

        # The test itself would notice: a style and a script that the policy forbids.
        page.evaluate(FORBIDDEN)
        # Not wait_for_function: where it has to wait, it does what the policy forbids.
        wait_until(lambda: len(page.evaluate("window.violations")) >= 2)
        assert page.evaluate("window.violations") == [
            "style-src-attr inline",
            "script-src-elem inline",
        ]
