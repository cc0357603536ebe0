"""A directory and a store that speaks S3, by the same tests."""

import socket
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.installation import Installation
from gis.errors import InstallationError, NotFound, UpstreamAway
from patrol.photos.settings import PhotoSettings
from patrol.photos.storage import PhotoStorage

KEY = "2026/11/27/a.jpg"


def test_what_is_put_there_is_read_again(storage: PhotoStorage) -> None:
    storage.put(KEY, b"content")
    assert storage.read(KEY) == b"content"
    assert storage.holds(KEY)


def test_what_is_not_there_is_not_found(storage: PhotoStorage) -> None:
    with pytest.raises(NotFound, match="missing"):
        storage.read(KEY)
    assert not storage.holds(KEY)


def test_what_is_deleted_is_gone_and_may_be_deleted_again(storage: PhotoStorage) -> None:
    storage.put(KEY, b"content")
    storage.put("2026/11/27/b.jpg", b"other")
    storage.delete([KEY])
    storage.delete([KEY])
    assert not storage.holds(KEY)
    assert storage.holds("2026/11/27/b.jpg")


def test_the_files_of_a_day_are_listed_with_when_they_were_written(storage: PhotoStorage) -> None:
    for day in ("2026/11/27", "2026/11/28"):
        storage.put(f"{day}/a.jpg", b"content")
    [file] = storage.files("2026/11/27")
    assert file.key == KEY
    assert abs(datetime.now(UTC) - file.modified_at) < timedelta(minutes=5)
    assert list(storage.files("2026/11/29")) == []


def test_the_directory_is_its_owners_only(tmp_path: Path) -> None:
    PhotoStorage.open(PhotoSettings(dir=tmp_path / "photos"))
    assert stat.S_IMODE((tmp_path / "photos").stat().st_mode) == 0o700


def test_a_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InstallationError, match="WANGGE_PHOTOS_DIR"):
        PhotoStorage.open(PhotoSettings(dir=tmp_path / "file" / "photos"))


def test_a_directory_that_is_gone_is_not_the_senders_fault(tmp_path: Path) -> None:
    storage = PhotoStorage.open(PhotoSettings(dir=tmp_path / "photos"))
    (tmp_path / "photos").rmdir()
    (tmp_path / "photos").touch()
    with pytest.raises(InstallationError, match="disk"):
        storage.put(KEY, b"content")


def test_a_store_that_is_away_is_said_without_its_secrets() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        storage = PhotoStorage.open(
            PhotoSettings(
                bucket="b",
                endpoint=f"http://127.0.0.1:{taken.getsockname()[1]}",
                access_key="somebody",
                secret_key="a secret",
            )
        )
        with pytest.raises(UpstreamAway, match="store of photos") as away:
            storage.put(KEY, b"content")
    assert "127.0.0.1" not in away.value.message
    assert "secret" not in str(away.value.__cause__)


def test_a_bucket_that_is_not_there_is_said(s3: PhotoSettings) -> None:
    storage = PhotoStorage.open(s3.model_copy(update={"bucket": "another"}))
    with pytest.raises(UpstreamAway):
        storage.put(KEY, b"content")


def test_the_environment_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation = Installation(data_dir=tmp_path)
    assert PhotoSettings.of(installation).dir == tmp_path / "photos"
    monkeypatch.setenv("WANGGE_PHOTOS_DIR", "/srv/photos")
    assert PhotoSettings.of(installation).dir == Path("/srv/photos")
    monkeypatch.setenv("WANGGE_PHOTOS_BUCKET", "b")
    monkeypatch.setenv("WANGGE_PHOTOS_SECRET_KEY", "a secret")
    with pytest.raises(InstallationError, match="ENDPOINT and WANGGE_PHOTOS_ACCESS_KEY"):
        PhotoSettings.of(installation)
    monkeypatch.setenv("WANGGE_PHOTOS_ACCESS_KEY", "somebody")
    for wrong in ("store.town", "https://somebody:secret@store.town"):
        monkeypatch.setenv("WANGGE_PHOTOS_ENDPOINT", wrong)
        with pytest.raises(InstallationError, match="must be the store's address") as refused:
            PhotoSettings.of(installation)
        assert "somebody" not in refused.value.message
    monkeypatch.setenv("WANGGE_PHOTOS_ENDPOINT", "https://store.town")
    settings = PhotoSettings.of(installation)
    assert settings.bucket == "b"
    assert "secret" not in repr(settings)
    assert "somebody" not in repr(settings)
