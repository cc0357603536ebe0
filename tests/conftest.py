"""What every test may ask for: real data, and a real PostGIS with a database for each test."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from data.cluster import Cluster
from data.database import Database
from tests.running import open_directory

if TYPE_CHECKING:
    from tests.serving import Server

# How fast a machine is says nothing about the product; and a fixture that lasts for a whole property is
# one on purpose.
settings.register_profile(
    "wangge",
    settings.get_profile(settings.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("wangge")

PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files that the project does not carry: `WANGGE_REAL_DATA`."""
    folder = Path(os.environ.get("WANGGE_REAL_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the real data is not here ({folder}); set WANGGE_REAL_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A private cluster for this test process."""
    with open_directory() as directory:
        cluster = Cluster(directory / "pg", durable=False)
        with cluster.running("template_wangge") as url:
            template = Database(url)
            template.migrate()
            template.close()
            yield cluster


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    """An empty, migrated database of the test's own."""
    with _clone(cluster, "template_wangge") as database:
        yield database


@contextmanager
def _clone(cluster: Cluster, template: str) -> Iterator[Database]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    database = Database(cluster.create_database(name, template=template))
    yield database
    database.close()
    cluster.drop_database(name)


@pytest.fixture(scope="session")
def demo_template(cluster: Cluster) -> str:
    """The name of a template database that holds the demo town as it is now."""
    from data.demo.loading import create_demo_town

    name = "template_demo"
    database = Database(cluster.create_database(name, template="template_wangge"))
    create_demo_town(database, now=datetime.now(UTC))
    database.close()
    return name


@pytest.fixture
def demo_database(cluster: Cluster, demo_template: str) -> Iterator[Database]:
    """The demo town, for one test to change as it likes."""
    with _clone(cluster, demo_template) as database:
        yield database


@pytest.fixture
def demo_server(demo_database: Database) -> "Iterator[Server]":
    """The whole application over HTTP on a free loopback port, with the demo town."""
    from tests.serving import serving

    with serving(demo_database) as server:
        yield server
