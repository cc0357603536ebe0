"""A photo that is kept, and what it became part of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class PhotoRole(StrEnum):
    """What a photo shows of a case."""

    REPORT = "report"
    BEFORE = "before"
    AFTER = "after"
    CHECK = "check"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """The event of a case that a photo is part of; `ordinal` counts the photos of the event from 0."""

    case_id: int
    seq: int
    ordinal: int
    role: PhotoRole


@dataclass(frozen=True, kw_only=True, slots=True)
class Photo:
    """`sha256` is of the picture as it is kept, `source_sha256` of the file as it was sent. `size` is in
    bytes. `taken_at`, `position` (lon, lat in WGS-84 degrees), `datum` and `direction_deg` are what the
    camera said: see `patrol.photos.exif.Shot`. `uploaded_by_account_id` is None for somebody without an
    account."""

    id: UUID
    sha256: bytes
    source_sha256: bytes
    width: int
    height: int
    size: int
    taken_at: datetime | None
    position: tuple[float, float] | None
    datum: str | None
    direction_deg: float | None
    uploaded_at: datetime
    uploaded_by_account_id: int | None
    attachment: Attachment | None = None

    @property
    def key(self) -> str:
        """Of its picture in the storage."""
        return key_of(self.id, self.uploaded_at)

    @property
    def thumbnail_key(self) -> str:
        return key_of(self.id, self.uploaded_at, thumbnail=True)


def key_of(photo_id: UUID, uploaded_at: datetime, *, thumbnail: bool = False) -> str:
    """By day (UTC), so that no folder grows without end and one can be saved by day: 2026/11/27/….jpg"""
    ending = ".thumbnail.jpg" if thumbnail else ".jpg"
    return f"{folder_of(uploaded_at)}/{photo_id}{ending}"


def folder_of(uploaded_at: datetime) -> str:
    """Where the files of a day (UTC) are."""
    return f"{uploaded_at:%Y/%m/%d}"


def id_of(key: str) -> UUID | None:
    """Whose file it is; None for one that was not put there by Wangge."""
    try:
        return UUID(key.rpartition("/")[2].partition(".")[0])
    except ValueError:
        return None
