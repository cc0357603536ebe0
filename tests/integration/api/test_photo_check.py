"""What `wangge doctor` says about photos."""

from pathlib import Path

import pytest
from sqlalchemy import text

from api.cli.finding import Verdict
from api.cli.photos import check_photos
from data.database import Database
from data.installation import Installation
from patrol.photos.settings import PhotoSettings
from patrol.photos.storage import PhotoStorage
from patrol.photos.store import newest_photos


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(data_dir=tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "photos"


def add_photo(database: Database) -> None:
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO photos (id, sha256, source_sha256, width, height, size, uploaded_at) "
                "VALUES (gen_random_uuid(), '', '', 1, 1, 1, now())"
            )
        )


def test_before_the_first_photo_there_is_nothing_to_say(
    installation: Installation, folder: Path, database: Database
) -> None:
    for known in (None, database):
        verdict, message = check_photos(installation, known)
        assert (verdict, str(folder) in message) == (Verdict.NOTE, True)
    assert not folder.exists()  # it changes nothing


def test_photos_that_are_there_are_counted(
    installation: Installation, folder: Path, database: Database
) -> None:
    add_photo(database)
    with database.begin() as conn:
        [photo] = newest_photos(conn, 1)
    PhotoStorage.open(PhotoSettings(dir=folder)).put(photo.key, b"x")
    verdict, message = check_photos(installation, database)
    assert verdict is Verdict.OK
    assert message.startswith("1 with 0.0 GB")


def test_photos_that_are_missing_are_told(
    installation: Installation, folder: Path, database: Database
) -> None:
    add_photo(database)
    assert check_photos(installation, database)[0] is Verdict.WRONG
    folder.mkdir()
    verdict, message = check_photos(installation, database)
    assert verdict is Verdict.WRONG
    assert "of the newest 1, 1 are not in" in message
