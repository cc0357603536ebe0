"""Files of photos, in a directory or in a store that speaks S3; the only importer of obstore."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from gis.errors import InstallationError, NotFound, UpstreamAway, WanggeError
from patrol.photos.settings import PhotoSettings

_TIMEOUT = timedelta(seconds=15)
_KEYS_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    key: str
    modified_at: datetime


class PhotoStorage:
    """Files by key. A key is a path that is made here and never of what somebody sent.

    Where the store cannot be used every method raises UpstreamAway, or InstallationError where it is a
    directory.
    """

    def __init__(self, store: LocalStore | MemoryStore | S3Store, *, where: str) -> None:
        self._store = store
        self._where = where

    @classmethod
    def open(cls, settings: PhotoSettings) -> "PhotoStorage":
        """Asks nobody: an S3 store is not spoken to before the first file. A directory that is missing
        is made, for its owner only. Raises InstallationError when it cannot be."""
        if settings.bucket is not None:
            return cls(_s3_store(settings), where=f"{settings.endpoint} in {settings.bucket}")
        if settings.dir is None:
            return cls(MemoryStore(), where="memory")
        try:
            settings.dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise InstallationError(
                f"The directory of photos, {settings.dir}, cannot be made: {error.strerror}. "
                "Make it, or name another in WANGGE_PHOTOS_DIR."
            ) from error
        return cls(LocalStore(settings.dir), where=str(settings.dir))

    @property
    def where(self) -> str:
        """For whoever runs the installation."""
        return self._where

    def put(self, key: str, content: bytes) -> None:
        """On disk when this returns."""
        try:
            with self._answering():
                obstore.put(self._store, key, content)
                if isinstance(self._store, LocalStore) and self._store.prefix is not None:
                    _sync(Path(self._store.prefix), Path(self._store.prefix) / key)
        except NotFound as error:  # what is not there is the bucket
            raise self._away() from error

    def read(self, key: str) -> bytes:
        """Raises NotFound."""
        with self._answering():
            return bytes(obstore.get(self._store, key).bytes())

    def holds(self, key: str) -> bool:
        try:
            with self._answering():
                obstore.head(self._store, key)
        except NotFound:
            return False
        return True

    def delete(self, keys: Sequence[str]) -> None:
        """One that is not there is as good as deleted."""
        for key in keys:
            try:
                with self._answering():
                    obstore.delete(self._store, key)
            except NotFound:
                continue

    def files(self, folder: str) -> Iterator[StoredFile]:
        """Those under a folder, which need not be there."""
        with self._answering():
            for page in obstore.list(self._store, folder, chunk_size=_KEYS_AT_ONCE):
                for each in page:
                    yield StoredFile(key=each["path"], modified_at=each["last_modified"])

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise NotFound("This photo's file is missing; tell whoever runs the server.") from error
        except (BaseError, OSError) as error:
            raise self._away() from error  # what the store says may hold its address and more

    def _away(self) -> WanggeError:
        if isinstance(self._store, S3Store):
            return UpstreamAway(
                "The store of photos does not answer as it should; try again later, and tell whoever "
                "runs the server."
            )
        return InstallationError(
            "Photos cannot be read or written on the server; tell whoever runs it to look whether its "
            "disk is full and the directory of photos is its own."
        )


def _s3_store(settings: PhotoSettings) -> S3Store:
    assert settings.endpoint is not None
    return S3Store(
        settings.bucket,
        prefix=settings.prefix or None,
        endpoint=settings.endpoint,
        region=settings.region,
        access_key_id=settings.access_key,
        secret_access_key=settings.secret_key,
        virtual_hosted_style_request=False,  # a bucket's own host name is no thing of an intranet
        client_options={
            "allow_http": settings.endpoint.startswith("http://"),
            "timeout": _TIMEOUT,
            "connect_timeout": _TIMEOUT / 3,
        },
        retry_config={"max_retries": 2, "retry_timeout": 2 * _TIMEOUT},
    )


def _sync(top: Path, path: Path) -> None:
    """What a phone is told is stored it forgets: the file, and that it is there, up to the top."""
    for each in (path, *path.parents):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if each == top:
            return
