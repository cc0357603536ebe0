from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser import browsing


@pytest.fixture
def browser_page() -> Iterator[Page]:
    with browsing() as tab:
        yield tab.page
