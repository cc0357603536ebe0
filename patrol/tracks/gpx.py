"""A unit's track as GPX 1.1, through gpxpy."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from gpxpy.gpx import GPX, GPXTrack, GPXTrackPoint, GPXTrackSegment, GPXWaypoint
from numpy.typing import NDArray

from gis.geojson import DIGITS
from patrol.tracks.provenance import Provenance
from patrol.tracks.track import UnitTrack


def track_to_gpx(track: UnitTrack, provenance: Provenance) -> bytes:
    """One track with a segment for each trip, and a waypoint at each stop."""
    code, name = track.unit.code, provenance.name
    gpx = GPX()
    gpx.creator = "Wangge"
    gpx.name = _text(code if name == code else f"{code} {name}")
    gpx.author_name = _text(provenance.exported_by)
    gpx.time = provenance.exported_at
    gpx.description = _text(
        f"Exported by {provenance.exported_by} at {provenance.exported_at.isoformat()}. "
        f"Reason: {provenance.reason}"
    )
    gpx.waypoints.extend(_stops(track))
    way = GPXTrack(name=gpx.name)
    way.segments.extend(
        GPXTrackSegment(list(_points(track, trip.fixes))) for trip in track.analysis.trips
    )
    gpx.tracks.append(way)
    return gpx.to_xml(prettyprint=False).encode()


def _points(track: UnitTrack, fixes: NDArray[np.int64]) -> Iterator[GPXTrackPoint]:
    for t_s, lon, lat in zip(
        track.track.t_s[fixes].tolist(),
        track.track.lon[fixes].round(DIGITS).tolist(),
        track.track.lat[fixes].round(DIGITS).tolist(),
        strict=True,
    ):
        yield GPXTrackPoint(latitude=lat, longitude=lon, time=_instant(t_s))


def _stops(track: UnitTrack) -> Iterator[GPXWaypoint]:
    for stop in track.analysis.stops:
        yield GPXWaypoint(
            latitude=round(stop.lat, DIGITS),
            longitude=round(stop.lon, DIGITS),
            time=_instant(stop.from_s),
            type="stop",
            description=f"until {_instant(stop.to_s).isoformat()}",
        )


def _text(text: str) -> str:
    """Without the characters that XML cannot hold at all."""
    return "".join(letter for letter in text if letter.isprintable())


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
