"""What can be done with photos: adding one, making it part of a case, looking at it.

`attach` and `of_case` work inside the transaction of whoever works on the case.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from uuid import UUID, uuid4

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from data.database import Database
from data.scope import Viewer
from gis.errors import InvalidInput, NotFound, Overloaded, UnreadableFile
from patrol.idempotency import key_reused, read_key, require_the_same
from patrol.photos import store
from patrol.photos.image import Picture
from patrol.photos.photo import Attachment, Photo, PhotoRole
from patrol.photos.storage import PhotoStorage
from patrol.photos.untrusted import read_untrusted_photo

MOST_PHOTOS = 9
"""Of one event: of a report, of what was done, of a check."""

MOST_UNATTACHED = 200
"""Of one account: what a day without a network brings, and no more than a disk can take."""

MOST_OF_NOBODY = 10_000
"""Of all people without an account together: 5 GB at 0.5 MB each."""

_ANOTHER = "another photo"
_DECODED_AT_ONCE = 2  # each has a processor, and several hundred megabytes at the worst
_PATIENCE_S = 30.0


class PhotoService:
    """`clock` gives the time with a zone."""

    def __init__(
        self, database: Database, storage: PhotoStorage, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._storage = storage
        self._clock = clock
        self._decoding = BoundedSemaphore(_DECODED_AT_ONCE)

    def add(self, path: Path, viewer: Viewer, *, idempotency_key: str | None = None) -> Photo:
        """Keep the photo in a file that the viewer's account has sent; it is no case's yet.

        A viewer without an account is somebody without one; the system takes care of their photos. The
        same file again under the same key gives the photo that it gave before. Raises UnreadableFile,
        InvalidInput when the key was used for another file, and Overloaded.
        """
        key = _read_key(idempotency_key, viewer)
        source_sha256 = _sha256_of(path)
        with self._database.begin(viewer) as conn:
            earlier = None if key is None else _earlier(conn, viewer, key, source_sha256)
            if earlier is not None:
                return earlier
            _check_unattached(conn, viewer)
        picture = self._decode(path)
        photo = _photo_of(picture, source_sha256, viewer.account_id, self._clock())
        # The files first: what a row promises is there. Without a row they are cleared away
        # (`patrol.photos.clearing`).
        self._storage.put(photo.key, picture.jpeg)
        self._storage.put(photo.thumbnail_key, picture.thumbnail)
        with self._database.begin(viewer) as conn:
            earlier = None if key is None else _earlier(conn, viewer, key, source_sha256)
            if earlier is None:
                _insert(conn, photo, key)
                return photo
        self._storage.delete([photo.key, photo.thumbnail_key])
        return earlier

    @contextmanager
    def added(
        self, paths: Sequence[Path], viewer: Viewer, *, idempotency_key: str | None = None
    ) -> Iterator[list[Photo]]:
        """The photos that come together with a report, in their order, to be attached in the block. What
        is no case's at its end goes again, whether the report or one of them was refused.

        Raises what `add` does; an UnreadableFile says which of them it was.
        """
        key = _read_key(idempotency_key, viewer)
        photos: list[Photo] = []
        try:
            for number, path in enumerate(paths, start=1):
                own_key = None if key is None else _key_of_one(key, number)
                try:
                    photos.append(self.add(path, viewer, idempotency_key=own_key))
                except UnreadableFile as error:
                    raise UnreadableFile(
                        f"Picture {number}: {error.message}", field=error.field
                    ) from error
            yield photos
        finally:
            if photos:
                self._take_back(photos, viewer)

    def find(self, photo_id: UUID, viewer: Viewer) -> Photo:
        """Raises NotFound, also for one that the viewer may not see."""
        with self._database.begin(viewer) as conn:
            found = store.find_photo(conn, photo_id, viewer)
        if found is None:
            raise NotFound(f"There is no photo {photo_id} that you may see.", field="id")
        return found

    def read(self, photo: Photo, *, thumbnail: bool = False) -> bytes:
        """The JPEG file. Raises NotFound when the storage has lost it, and what `PhotoStorage` does."""
        return self._storage.read(photo.thumbnail_key if thumbnail else photo.key)

    def _take_back(self, photos: Sequence[Photo], viewer: Viewer) -> None:
        with self._database.begin(viewer) as conn:
            gone = store.drop_those_unattached(conn, [photo.id for photo in photos])
        self._storage.delete([key for photo in gone for key in (photo.key, photo.thumbnail_key)])

    def _decode(self, path: Path) -> Picture:
        if not self._decoding.acquire(timeout=_PATIENCE_S):
            raise Overloaded("Many photos are arriving just now; try again soon.", retry_after_s=10)
        try:
            return read_untrusted_photo(path)
        finally:
            self._decoding.release()


def attach(
    conn: Connection,
    photo_ids: Sequence[UUID],
    *,
    case_id: int,
    seq: int,
    role: PhotoRole,
    account_id: int | None,
) -> None:
    """Make photos part of an event of a case, in this order, in the caller's transaction.

    `account_id` is who acts: only what they have sent themselves can be attached, and once. Without an
    account (None) it is what people without one have sent, and the transaction must be the system's.
    The case must be there, and whoever acts must see it still: attach before the case's row is changed,
    for whoever gives a case away may not see it afterwards. Raises InvalidInput, which names the photo;
    then the caller's transaction has to end.
    """
    taken = store.count_of_event(conn, case_id, seq) if photo_ids else 0
    if taken + len(photo_ids) > MOST_PHOTOS:
        raise InvalidInput(
            f"At most {MOST_PHOTOS} photos go with one action; leave some out.", field="photos"
        )
    if len(set(photo_ids)) < len(photo_ids):
        raise InvalidInput("A photo is named twice; name it once.", field="photos")
    # In the order of their ids, so that two who want the same ones do not wait for each other.
    for ordinal, photo_id in sorted(enumerate(photo_ids, taken), key=lambda each: each[1]):
        attachment = Attachment(case_id=case_id, seq=seq, ordinal=ordinal, role=role)
        if not store.attach_photo(conn, photo_id, attachment, account_id=account_id):
            raise _not_attachable(conn, photo_id, account_id)


def of_case(conn: Connection, case_id: int) -> list[Photo]:
    """The photos of a case that the transaction's viewer sees, by event and place in it."""
    return store.photos_of_case(conn, case_id)


def _not_attachable(conn: Connection, photo_id: UUID, account_id: int | None) -> InvalidInput:
    """Of somebody else's nothing is said but that it is not one's own."""
    if store.is_attached(conn, photo_id, account_id):
        return InvalidInput(
            f"The photo {photo_id} belongs to a case already; send it again for another one.",
            field="photos",
            code="photo_attached",
        )
    return InvalidInput(
        f"You have sent no photo {photo_id}, or so long ago that it was cleared away; send it again.",
        field="photos",
        code="unknown_photo",
    )


def _earlier(conn: Connection, viewer: Viewer, key: str, source_sha256: bytes) -> Photo | None:
    """What the account has sent under the key, and nobody else can until the transaction ends."""
    assert viewer.account_id is not None
    store.lock_key(conn, viewer.account_id, key)
    earlier = store.find_by_key(conn, viewer.account_id, key)
    if earlier is not None:
        require_the_same(earlier.source_sha256, source_sha256, what=_ANOTHER)
    return earlier


def _check_unattached(conn: Connection, viewer: Viewer) -> None:
    """Raises Overloaded. Of people without an account nobody can say who has sent how many: the route
    counts by address, and here all of them have an end."""
    account_id = viewer.account_id
    most = MOST_OF_NOBODY if account_id is None else MOST_UNATTACHED
    if store.count_unattached(conn, account_id) < most:
        return
    if account_id is None:
        raise Overloaded(
            "Too many photos wait for the reports that they belong to; report without one, or try again "
            "later.",
            retry_after_s=3600,
        )
    raise Overloaded(
        f"You have sent {MOST_UNATTACHED} photos that belong to no case; send the reports that they "
        "belong to first, or wait a day.",
        retry_after_s=3600,
    )


def _insert(conn: Connection, photo: Photo, key: str | None) -> None:
    try:
        store.insert_photo(conn, photo, idempotency_key=key)
    except IntegrityError as error:  # for a photo of a case that the account does not see any more
        raise key_reused(_ANOTHER) from error


def _read_key(value: str | None, viewer: Viewer) -> str | None:
    """Of somebody without an account it says nothing: they all share one."""
    key = read_key(value)
    return None if viewer.account_id is None else key


def _key_of_one(key: str, number: int) -> str:
    """For one of the photos that came together under a key, which may be as long as a key can be."""
    return f"{hashlib.sha256(key.encode()).hexdigest()} {number}"


def _sha256_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _photo_of(
    picture: Picture, source_sha256: bytes, account_id: int | None, at: datetime
) -> Photo:
    shot = picture.shot
    return Photo(
        id=uuid4(),
        sha256=hashlib.sha256(picture.jpeg).digest(),
        source_sha256=source_sha256,
        width=picture.width,
        height=picture.height,
        size=len(picture.jpeg),
        taken_at=shot.taken_at,
        position=shot.position,
        datum=shot.datum,
        direction_deg=shot.direction_deg,
        uploaded_at=at,
        uploaded_by_account_id=account_id,
    )
