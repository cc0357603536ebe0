"""GPX: tracks of points, each with a latitude, a longitude and, mostly, a time in UTC.

Source of the rules: the GPX 1.1 schema, topografix.com/GPX/1/1. Read by gpxpy.
"""

import codecs
import re
from datetime import UTC, datetime
from pathlib import Path

import gpxpy
from gpxpy.gpx import GPX, GPXException, GPXTrackPoint

from data.tracks.gathering import Gathering
from data.tracks.measured import Measured
from data.tracks.track import Track
from gis.errors import UnreadableFile

_DECLARATION = re.compile(
    r"^\s*<\?xml[^>]*\?>"
)  # of how the bytes were written, which is done with
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']([\w.-]+)["']""")


def read_gpx(path: Path, *, now: datetime, since: datetime | None = None) -> Track:
    """Read one file. A point without a time, of after `now` or before `since`, or nowhere on the earth
    is refused; it does not stop the rest. Points count from 1, through all tracks and segments.

    Waypoints and routes are places that somebody marked, and not where anybody was.

    Raises UnreadableFile when this is no GPX, or has no track.
    """
    gpx = _parse(path)
    gathering = Gathering(now=now, since=since)
    points = [
        point for track in gpx.tracks for segment in track.segments for point in segment.points
    ]
    for number, point in enumerate(points, start=1):
        if point.time is None:
            gathering.refuse(number, "it has no time")
            continue
        gathering.add(
            number,
            point.time.replace(tzinfo=point.time.tzinfo or UTC),
            point.longitude,
            point.latitude,
            _measured(point),
        )
    if not points:
        raise UnreadableFile(f"{path} has no track in it{_instead(gpx)}. Export the track itself.")
    return gathering.track(part="point")


def _measured(point: GPXTrackPoint) -> Measured:
    """Speed (m/s) and course are elements of GPX 1.0; in 1.1 they are in extensions, as Garmin's
    TrackPointExtension and many others have them. An hdop is no accuracy in metres."""
    said = {
        part.tag.rpartition("}")[2]: part.text
        for extension in point.extensions
        for part in extension.iter()
    }
    return Measured.of(
        accuracy_m=said.get("accuracy"),
        speed_mps=said.get("speed", point.speed),
        heading_deg=said.get("course", point.course),
        altitude_m=point.elevation,
    )


def _parse(path: Path) -> GPX:
    content = path.read_bytes()
    if b"<!ENTITY" in content:
        raise UnreadableFile(f"{path} defines entities of its own, which no track needs.")
    try:
        return gpxpy.parse(_DECLARATION.sub("", _decode(content), count=1))
    except (
        GPXException,
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
        RecursionError,
    ) as error:
        raise UnreadableFile(
            f"{path} is not a GPX file, or it is broken. Export it again."
        ) from error


def _decode(content: bytes) -> str:
    """By its byte order mark, or what it says of itself; else UTF-8, or what old Chinese programs
    write."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding)
    declared = _DECLARED.match(content)
    for encoding in (declared[1].decode() if declared else "utf-8", "utf-8"):
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("gb18030")


def _instead(gpx: GPX) -> str:
    found = [
        f"{len(each)} {noun}{'s' if len(each) != 1 else ''}"
        for each, noun in ((gpx.waypoints, "waypoint"), (gpx.routes, "route"))
        if each
    ]
    return f", only {' and '.join(found)}" if found else ""
