"""Geolife's .plt: six lines of header, then `lat,lon,0,altitude in feet,days,date,time` in UTC.

Source of the rules: Geolife GPS trajectories 1.3, User Guide (Zheng et al., Microsoft Research).
"""

from datetime import datetime
from pathlib import Path

from data.tracks.gathering import Gathering
from data.tracks.measured import Measured
from data.tracks.track import Track
from gis.errors import UnreadableFile

_HEADER_LINES = 6
_UNKNOWN_ALTITUDE_FT = -777.0
_M_PER_FT = 0.3048


def read_plt(path: Path, *, now: datetime) -> Track:
    """Read one file. A line that is no fix, or of after `now`, is refused; it does not stop the rest.

    Raises UnreadableFile when this is not a Geolife track.
    """
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    if not lines or not lines[0].startswith("Geolife"):
        raise UnreadableFile(f"{path} is not a Geolife track: its first line does not say so.")
    gathering = Gathering(now=now)
    for number, line in enumerate(lines[_HEADER_LINES:], start=_HEADER_LINES + 1):
        if not line.strip():
            continue
        try:
            at, lon, lat, measured = _parse(line)
        except ValueError as error:
            gathering.refuse(number, str(error))
        else:
            gathering.add(number, at, lon, lat, measured)
    return gathering.track(part="line")


def _parse(line: str) -> tuple[datetime, float, float, Measured]:
    """Time, lon, lat, the rest. Raises ValueError with the reason."""
    values = line.split(",")
    if len(values) != 7:
        raise ValueError(f"it has {len(values)} values instead of 7")
    try:
        lat, lon, altitude_ft = float(values[0]), float(values[1]), float(values[3])
    except ValueError:
        raise ValueError("latitude, longitude or altitude is not a number") from None
    try:
        at = datetime.fromisoformat(f"{values[5]}T{values[6].strip()}+00:00")
    except ValueError:
        raise ValueError(f"{values[5]} {values[6].strip()} is not a date and time") from None
    is_unknown = altitude_ft == _UNKNOWN_ALTITUDE_FT
    return at, lon, lat, Measured.of(altitude_m=None if is_unknown else altitude_ft * _M_PER_FT)
