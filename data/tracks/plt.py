"""Geolife's .plt: six lines of header, then `lat,lon,0,altitude in feet,days,date,time` in UTC.

Source of the rules: Geolife GPS trajectories 1.3, User Guide (Zheng et al., Microsoft Research).
"""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from data.tracks.track import RefusedLine, Track
from gis.errors import UnreadableFile

_HEADER_LINES = 6
_UNKNOWN_ALTITUDE_FT = -777.0
_M_PER_FT = 0.3048
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MILLISECOND_US = 1000
_MOST_IN_A_SECOND = 1000


def read_plt(path: Path, *, now: datetime) -> Track:
    """Read one file. A line that is no fix, or of after `now`, is refused; it does not stop the rest.

    The loggers' clock is coarser than their fixes: several positions can share a second. All are
    kept, the k-th of a second (from 0) at k milliseconds past it, which comes out the same however
    often the file is read. A line with the time and place of an earlier one only counts as a repeat.

    Raises UnreadableFile when this is not a Geolife track.
    """
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    if not lines or not lines[0].startswith("Geolife"):
        raise UnreadableFile(f"{path} is not a Geolife track: its first line does not say so.")
    latest_us = (now - _EPOCH) // _MICROSECOND
    fixes: list[tuple[int, float, float, float, int]] = []
    refused: list[RefusedLine] = []
    repeats = 0
    places_of_second: dict[int, list[tuple[float, float]]] = {}
    for number, line in enumerate(lines[_HEADER_LINES:], start=_HEADER_LINES + 1):
        if not line.strip():
            continue
        try:
            at_us, lon, lat, altitude_m = _parse(line)
            if at_us > latest_us:
                raise ValueError("its time is in the future")
            places = places_of_second.setdefault(at_us, [])
            if (lon, lat) in places:
                repeats += 1
                continue
            if len(places) == _MOST_IN_A_SECOND:
                raise ValueError(f"there are {_MOST_IN_A_SECOND} fixes in its second already")
        except ValueError as error:
            refused.append(RefusedLine(line=number, reason=str(error)))
            continue
        fixes.append((at_us + len(places) * _MILLISECOND_US, lon, lat, altitude_m, number))
        places.append((lon, lat))
    at, lons, lats, altitudes, numbers = zip(*fixes, strict=True) if fixes else ((),) * 5
    return Track(
        at=np.array(at, np.int64).view("M8[us]"),
        lon=np.array(lons, np.float64),
        lat=np.array(lats, np.float64),
        altitude_m=np.array(altitudes, np.float32),
        line=np.array(numbers, np.int32),
        repeats=repeats,
        refused=tuple(refused),
    )


def _parse(line: str) -> tuple[int, float, float, float]:
    """Microseconds since 1970, lon, lat, altitude in metres. Raises ValueError with the reason."""
    values = line.split(",")
    if len(values) != 7:
        raise ValueError(f"it has {len(values)} values instead of 7")
    try:
        lat, lon, altitude_ft = float(values[0]), float(values[1]), float(values[3])
    except ValueError:
        raise ValueError("latitude, longitude or altitude is not a number") from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # NaN neither
        raise ValueError(f"latitude {lat:g}, longitude {lon:g} is not on the earth")
    if lat == lon == 0:
        raise ValueError("0, 0 is where a receiver is that does not know its place")
    try:
        at = datetime.fromisoformat(f"{values[5]}T{values[6].strip()}+00:00")
    except ValueError:
        raise ValueError(f"{values[5]} {values[6].strip()} is not a date and time") from None
    unknown = altitude_ft == _UNKNOWN_ALTITUDE_FT or not math.isfinite(altitude_ft)
    altitude_m = math.nan if unknown else altitude_ft * _M_PER_FT
    return (at - _EPOCH) // _MICROSECOND, lon, lat, altitude_m
