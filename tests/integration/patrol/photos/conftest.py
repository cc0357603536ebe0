"""Both kinds of places where photos are kept, and a desk that takes them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from data.database import Database
from data.installation import Databases
from patrol.photos import service as photo_service
from patrol.photos.image import read_photo
from patrol.photos.service import PhotoService
from patrol.photos.settings import PhotoSettings
from patrol.photos.storage import PhotoStorage
from tests.object_store import object_store
from tests.photo_desk import EAST, Desk


@pytest.fixture(scope="session")
def s3() -> Iterator[PhotoSettings]:
    with object_store() as settings:
        yield settings


@pytest.fixture(params=["memory", "directory", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoStorage:
    match request.param:
        case "memory":
            return PhotoStorage.open(PhotoSettings())
        case "directory":
            return PhotoStorage.open(PhotoSettings(dir=tmp_path / "photos"))
    settings: PhotoSettings = request.getfixturevalue("s3")
    return PhotoStorage.open(settings.model_copy(update={"prefix": tmp_path.name}))


@pytest.fixture
def desk(
    database: Database, storage: PhotoStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """王 in the east, 赵 in the west, and a case in the east."""
    # Another process for each photo is tested for itself.
    monkeypatch.setattr(
        photo_service, "read_untrusted_photo", lambda path: read_photo(path.read_bytes())
    )
    for statement in (
        "INSERT INTO staff (id, name) VALUES (1, '王'), (2, '赵')",
        "INSERT INTO accounts (id, username, role) VALUES "
        "(1, 'wang', 'grid_worker'), (2, 'zhao', 'grid_worker'), (3, 'admin', 'admin')",
        "INSERT INTO cases (id, number, state, source, category, description, geom, grid_code, "
        "reported_at) VALUES (1, 'A', 'filed', 'patrol', 'other', '', "
        f"ST_SetSRID(ST_MakePoint(118.6, 34.5), 4326), '{EAST}', now())",
    ):
        with database.begin() as conn:
            conn.execute(text(statement))
    with Databases.beside(database) as databases:
        application = databases.application
        (folder := tmp_path / "sent").mkdir()
        desk = Desk(
            service=PhotoService(application, storage, lambda: desk.now),
            application=application,
            storage=storage,
            folder=folder,
        )
        yield desk
