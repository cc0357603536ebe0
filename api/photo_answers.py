"""What is answered about a photo; its pixels are at GET /photos/{id}."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from patrol.photos.photo import Photo, PhotoRole


class PhotoAnswer(BaseModel):
    """`taken_at`, `lon`, `lat` (WGS-84) and `direction_deg` (clockwise from north) are what the camera
    said, which anybody can write; null where it said nothing. `datum` is its word for its coordinate
    system where that is not WGS-84. `case`, `seq` and `role` are null until it is part of a case."""

    id: UUID
    width: int
    height: int
    size: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    datum: str | None
    direction_deg: float | None
    uploaded_at: datetime
    case: int | None
    seq: int | None
    role: PhotoRole | None

    @classmethod
    def of(cls, photo: Photo) -> "PhotoAnswer":
        lon, lat = photo.position or (None, None)
        attachment = photo.attachment
        return cls(
            id=photo.id,
            width=photo.width,
            height=photo.height,
            size=photo.size,
            taken_at=photo.taken_at,
            lon=lon,
            lat=lat,
            datum=photo.datum,
            direction_deg=photo.direction_deg,
            uploaded_at=photo.uploaded_at,
            case=None if attachment is None else attachment.case_id,
            seq=None if attachment is None else attachment.seq,
            role=None if attachment is None else attachment.role,
        )
