"""A photo in the least data, as a file of a phone."""

import io
from collections.abc import Mapping
from typing import Any

from PIL import ExifTags, Image


def photo(
    colour: tuple[int, int, int] = (30, 30, 200),
    *,
    size: tuple[int, int] = (640, 480),
    lon: float | None = 118.65,
    lat: float = 34.5,
) -> bytes:
    """A JPEG of one colour, taken on 2026-11-27 at 10:20:30 in UTC+8, looking west."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.DateTimeOriginal: "2026:11:27 10:20:30",
            ExifTags.Base.OffsetTimeOriginal: "+08:00",
        }
    )
    if lon is not None:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(
            {
                ExifTags.GPS.GPSLatitudeRef: "N",
                ExifTags.GPS.GPSLatitude: (lat, 0.0, 0.0),
                ExifTags.GPS.GPSLongitudeRef: "E",
                ExifTags.GPS.GPSLongitude: (lon, 0.0, 0.0),
                ExifTags.GPS.GPSImgDirection: 270.0,
            }
        )
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG", exif=exif)
    return file.getvalue()


def sent_photo(client: Any, headers: Mapping[str, str]) -> str:
    """The id of a photo that an account has sent over HTTP, and that is no case's yet."""
    files = {"files": ("photo.jpg", photo(), "image/jpeg")}
    answer = client.post("/api/v1/photos", files=files, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
