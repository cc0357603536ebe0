"""A browser of the test's own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

_CHROMIUM = "/usr/bin/chromium"
_WITHOUT_A_GPU = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader"]


@pytest.fixture
def browser_page() -> Iterator[Page]:
    """Not pytest-playwright's `page`: its event loop lives as long as the test process and would be in
    the way of every asynchronous test after it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_WITHOUT_A_GPU)
        yield browser.new_page()
        browser.close()
