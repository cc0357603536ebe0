"""What every test may ask for: real data, and a real PostGIS with a database for each test."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.cluster import Cluster
from data.database import Database

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
    """A private cluster for this test process. Its path is short and open to PostgreSQL's user."""
    directory = Path(tempfile.mkdtemp(prefix="wangge-test-"))
    directory.chmod(0o755)
    cluster = Cluster(directory / "pg", durable=False)
    with cluster.running("template_wangge") as url:
        template = Database(url)
        template.migrate()
        template.close()
        yield cluster
    shutil.rmtree(directory)


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    """An empty, migrated database of the test's own."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    database = Database(cluster.create_database(name, template="template_wangge"))
    yield database
    database.close()
    cluster.drop_database(name)
