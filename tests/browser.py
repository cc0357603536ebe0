"""Headless Chromium, on a machine without a GPU."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, Route, expect, sync_playwright

_CHROMIUM = "/usr/bin/chromium"
_WITHOUT_A_GPU = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader"]
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

# How fast a machine is says nothing about the product.
_PATIENCE_MS = 60_000
expect.set_options(timeout=_PATIENCE_MS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tab:
    """A page, what went wrong on it, and the requests to other machines, which are not let through."""

    page: Page
    external: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@contextmanager
def browsing(**context: Any) -> Iterator[Tab]:
    """A new browser with one page. `context` is Playwright's: viewport, locale, timezone_id…

    Not pytest-playwright's `page`: its event loop lives as long as the test process and would be in the
    way of every asynchronous test after it.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_WITHOUT_A_GPU)
        opened = browser.new_context(**context)
        opened.set_default_timeout(_PATIENCE_MS)
        tab = Tab(page=opened.new_page())

        def only_loopback(route: Route, request: Request) -> None:
            if urlsplit(request.url).hostname in _LOOPBACK:
                route.continue_()
            else:
                tab.external.append(request.url)
                route.abort()

        tab.page.route("http*://**/*", only_loopback)
        tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
        yield tab
        browser.close()
