"""A browser comes back from the provider signed in, strict as it is about cookies."""

from urllib.parse import urlsplit

from api.access import COOKIE
from api.accounts import Role
from api.accounts.service import create_account
from api.settings import ServerSettings
from data.database import Database
from tests.browser import browsing
from tests.oidc.running import running_provider
from tests.serving import serving


def test_a_browser_comes_back_from_another_site_signed_in(database: Database) -> None:
    with database.begin() as conn:
        create_account(conn, username="zhang", password=None, role=Role.DISPATCHER)
    with (
        running_provider() as provider,
        serving(database, ServerSettings(oidc=provider.settings())) as server,
        browsing() as tab,
    ):
        # Another name of this machine is another site, as the provider is in real life.
        here = server.url.replace("127.0.0.1", "localhost")
        page = tab.page
        page.goto(f"{here}/api/v1/sessions/oidc")
        assert urlsplit(page.url).netloc == urlsplit(provider.issuer).netloc
        page.fill("[name=login]", "zhang")
        page.fill("[name=password]", "any")
        page.click("[type=submit]")
        page.click("[type=submit]")
        page.wait_for_url(f"{here}/")
        account = page.evaluate("fetch('/api/v1/sessions').then((answer) => answer.json())")
        cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert account["account"]["username"] == "zhang"
    assert cookies.keys() & {COOKIE, "wangge_oidc"} == {COOKIE}
    assert (cookies[COOKIE]["sameSite"], cookies[COOKIE]["httpOnly"]) == ("Strict", True)
