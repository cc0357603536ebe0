"""One town and one month of patrols for all tests here: they are drawn in seconds, not at once."""

from datetime import UTC, datetime

import pytest

from data.demo.patrols.history import PatrolRecord, patrol_history
from data.demo.town import Town, generate_town

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def town() -> Town:
    return generate_town()


@pytest.fixture(scope="session")
def another_town() -> Town:
    return generate_town(seed=7)


@pytest.fixture(scope="session")
def patrols(town: Town) -> list[PatrolRecord]:
    return list(patrol_history(town, now=NOW, days=9))
