"""What `wangge doctor` says about photos."""

import os

from sqlalchemy import func, select

from api.cli.finding import Answer, Verdict
from data.database import Database
from data.installation import Installation
from data.schema import photos
from patrol.photos.settings import PhotoSettings
from patrol.photos.storage import PhotoStorage
from patrol.photos.store import newest_photos

_LOOKED_AT = 50


def check_photos(installation: Installation, database: Database | None) -> Answer:
    """Whether the newest photos that the database knows of are where photos are kept. Makes nothing."""
    settings = PhotoSettings.of(installation)
    if settings.dir is not None:
        if not settings.dir.is_dir():
            return _without_directory(settings, database)
        if not os.access(settings.dir, os.R_OK | os.W_OK | os.X_OK):
            return Verdict.WRONG, f"{settings.dir} may not be read or written: give it to this user"
    if database is None:
        return Verdict.NOTE, "there are none yet"
    storage = PhotoStorage.open(settings)
    with database.begin() as conn:
        count, size = conn.execute(select(func.count(), func.sum(photos.c.size))).one()
        newest = newest_photos(conn, _LOOKED_AT)
    missing = sum(not storage.holds(photo.key) for photo in newest)
    if missing:
        return (
            Verdict.WRONG,
            f"of the newest {len(newest)}, {missing} are not in {storage.where}: bring them back "
            "from the copy that belongs to this database",
        )
    return Verdict.OK, f"{count} with {(size or 0) / 2**30:.1f} GB in {storage.where}"


def _without_directory(settings: PhotoSettings, database: Database | None) -> Answer:
    there_are = False
    if database is not None:
        with database.begin() as conn:
            there_are = conn.scalar(select(photos.c.id).limit(1)) is not None
    if there_are:
        return (
            Verdict.WRONG,
            f"{settings.dir} is missing: bring it back from the copy that belongs to this database",
        )
    return Verdict.NOTE, f"there are none yet; they will lie in {settings.dir}"
