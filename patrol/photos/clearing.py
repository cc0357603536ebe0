"""What became no case's goes: photos that nobody attached in a day, and files that no row knows of."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from data.audit import Who, record
from data.background import Routine
from data.background.routine import GoOn
from data.database import Database
from data.scope import Viewer
from gis.errors import WanggeError
from patrol.photos import store
from patrol.photos.photo import folder_of, id_of
from patrol.photos.storage import PhotoStorage

_log = structlog.get_logger(__name__)

UNATTACHED_FOR = timedelta(hours=24)

_WANGGE = Who(account_id=None, name="wangge", role=None, address=None)
_AT_ONCE = 500
_DAYS_BACK = 7
_FEW = 50


def drop_unattached(
    database: Database,
    storage: PhotoStorage,
    now: datetime,
    *,
    progress: Callable[[], None] = lambda: None,
) -> int:
    """Drop the photos that have been no case's for a day, and say how many.

    The rows go first: a file that is left behind is found by `drop_orphans`. `database` is the
    application's.
    """
    dropped = 0
    while True:
        progress()
        with database.begin(Viewer.everything()) as conn:
            gone = store.drop_unattached(conn, now - UNATTACHED_FOR, most=_AT_ONCE)
            if gone:
                details = {"photos": len(gone)}
                record(conn, _WANGGE, "retention.drop", "photos of no case", details=details)
        storage.delete([key for photo in gone for key in (photo.key, photo.thumbnail_key)])
        dropped += len(gone)
        if len(gone) < _AT_ONCE:
            return dropped


def drop_orphans(
    database: Database,
    storage: PhotoStorage,
    now: datetime,
    *,
    progress: Callable[[], None] = lambda: None,
) -> int:
    """Drop the files of the last week that are older than a day and that no row knows of.

    Where those are more than the others and not few, this is more likely another database than the one
    that the files belong to: then nothing is dropped, and the log says so.
    """
    orphans, known = [], 0
    for days in range(_DAYS_BACK + 1):
        progress()
        ids = {
            file.key: photo_id
            for file in storage.files(folder_of(now - timedelta(days=days)))
            if file.modified_at < now - UNATTACHED_FOR and (photo_id := id_of(file.key)) is not None
        }
        with database.begin(Viewer.everything()) as conn:
            there = store.known_ids(conn, set(ids.values()))
        orphans += [key for key, photo_id in ids.items() if photo_id not in there]
        known += sum(photo_id in there for photo_id in ids.values())
    if len(orphans) > max(known, _FEW):
        _log.warning(
            "photos without rows are left alone: is this their database?",
            files=len(orphans),
            where=storage.where,
        )
        return 0
    storage.delete(orphans)
    return len(orphans)


class PhotoClearing(Routine):
    """`async with PhotoClearing(…):` drops both until it is left. `database` is the application's."""

    def __init__(
        self,
        database: Database,
        storage: PhotoStorage,
        *,
        look_s: float = 3600.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__("photos", self._look, retry_s=look_s / 6)
        self._database = database
        self._storage = storage
        self._look_s = look_s
        self._now = now

    def _look(self, go_on: GoOn) -> float:
        now = self._now()
        try:
            photos = drop_unattached(self._database, self._storage, now, progress=go_on)
            files = drop_orphans(self._database, self._storage, now, progress=go_on)
        except WanggeError as error:
            _log.warning("clearing photos is put off", reason=error.message)
            return self._look_s
        if photos or files:
            _log.info("dropped what became no case's", photos=photos, files=files)
        return self._look_s
