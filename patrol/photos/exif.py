"""What a camera wrote beside its picture (EXIF): where and when it was taken, and whither it looked."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from PIL import ExifTags, Image

from gis.crs import Crs, to_wgs84
from gis.local_time import LOCAL

_GPS, _BASE = ExifTags.GPS, ExifTags.Base
_TIMES = (
    (_BASE.DateTimeOriginal, _BASE.OffsetTimeOriginal),
    (_BASE.DateTimeDigitized, _BASE.OffsetTimeDigitized),
    (_BASE.DateTime, _BASE.OffsetTime),
)
# As cameras write them, without anything but letters and digits.
_DATUMS = {
    "": Crs.WGS84,
    "wgs84": Crs.WGS84,
    "wgs1984": Crs.WGS84,
    "cgcs2000": Crs.CGCS2000,
    "china2000": Crs.CGCS2000,
    "gcj02": Crs.GCJ02,
    "bd09": Crs.BD09,
}
_LONGEST_DATUM = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """What the camera says, which anybody can write: a hint, and no proof. None where it says nothing
    that can be used.

    `position` is lon, lat in WGS-84 degrees. `datum` is the camera's own word for its coordinate system
    where that is not WGS-84; there is no position in one that is not known here. `direction_deg` is
    clockwise from north, true or magnetic.
    """

    taken_at: datetime | None = None
    position: tuple[float, float] | None = None
    datum: str | None = None
    direction_deg: float | None = None


def read_exif(exif: Image.Exif) -> Shot:
    """By EXIF 2.32 (CIPA DC-008). A time without an offset is one of the clock on the wall here."""
    found: dict[str, Any] = {}
    # A stranger's EXIF breaks in every way there is, and each part for itself.
    for read in (_read_time, _read_gps):
        try:
            found |= read(exif)
        except Exception:
            continue
    return Shot(**found)


def _read_time(exif: Image.Exif) -> dict[str, Any]:
    tags = {**exif, **exif.get_ifd(ExifTags.IFD.Exif)}
    for when, offset in _TIMES:
        taken_at = _instant(_text(tags.get(when)), _text(tags.get(offset)))
        if taken_at is not None:
            return {"taken_at": taken_at}
    return {}


def _instant(when: str, offset: str) -> datetime | None:
    try:
        local = datetime.strptime(when, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - its zone comes next
        zone = datetime.strptime(offset, "%z").tzinfo if offset else LOCAL
        return local.replace(tzinfo=zone or LOCAL).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _read_gps(exif: Image.Exif) -> dict[str, Any]:
    tags = exif.get_ifd(ExifTags.IFD.GPSInfo)
    datum = _text(tags.get(_GPS.GPSMapDatum))[:_LONGEST_DATUM]
    crs = _DATUMS.get(re.sub("[^a-z0-9]", "", datum.lower()))
    found: dict[str, Any] = {
        "datum": None if crs is Crs.WGS84 else datum,
        "direction_deg": _direction(tags.get(_GPS.GPSImgDirection)),
    }
    if crs is not None and _text(tags.get(_GPS.GPSStatus)) != "V":  # V: the receiver knew nothing
        found["position"] = _position(tags, crs)
    return found


def _position(tags: Mapping[int, Any], crs: Crs) -> tuple[float, float] | None:
    lon = _degrees(tags.get(_GPS.GPSLongitude), _text(tags.get(_GPS.GPSLongitudeRef)), "EW", 180)
    lat = _degrees(tags.get(_GPS.GPSLatitude), _text(tags.get(_GPS.GPSLatitudeRef)), "NS", 90)
    if lon is None or lat is None or (lon, lat) == (0, 0):  # zeros are what some write for unknown
        return None
    return to_wgs84(lon, lat, crs)


def _degrees(value: Any, side: str, sides: str, most: float) -> float | None:
    """Degrees, minutes and seconds; any of them may be a fraction."""
    if not isinstance(value, Sequence) or len(value) != 3 or side not in tuple(sides):
        return None
    degrees, minutes, seconds = (float(part) for part in value)
    angle = degrees + minutes / 60 + seconds / 3600
    if not (min(degrees, minutes, seconds) >= 0 and angle <= most):
        return None
    return angle if side == sides[0] or angle == 0 else -angle


def _direction(value: Any) -> float | None:
    if value is None:
        return None
    direction_deg = float(value)
    return direction_deg % 360 if math.isfinite(direction_deg) else None


def _text(value: Any) -> str:
    """Without what ends or pads it; empty for what is no text."""
    if isinstance(value, bytes):
        value = value.decode("ascii", "ignore")
    if not isinstance(value, str):
        return ""
    return "".join(letter for letter in value if letter.isprintable()).strip()
