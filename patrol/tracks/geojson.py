"""A unit's track as GeoJSON: a feature for each trip, stop and gap."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.geojson import DIGITS
from patrol.tracks.track import UnitTrack, instant_of


def track_to_geojson(track: UnitTrack, since: datetime, until: datetime) -> dict[str, Any]:
    """A FeatureCollection with the members `unit`, `from`, `to` and `summary`, for orjson with numpy.

    A trip is a LineString with the `times` of its vertices in seconds since 1970 UTC, a stop a Point, a
    gap a LineString from the last fix before to the first after. WGS-84, lon before lat.
    """
    return {
        "type": "FeatureCollection",
        "unit": track.unit.code,
        "from": since,
        "to": until,
        "summary": track_summary(track),
        "features": list(track_features(track)),
    }


def track_features(track: UnitTrack) -> Iterator[dict[str, Any]]:
    """A feature for each trip, then each stop, then each gap."""
    yield from _trips(track)
    yield from _stops(track)
    yield from _gaps(track)


def _trips(track: UnitTrack) -> Iterator[dict[str, Any]]:
    for trip in track.analysis.trips:
        properties = {
            "kind": "trip",
            "from": instant_of(trip.from_s),
            "to": instant_of(trip.to_s),
            "length_m": round(trip.length_m, 1),
            "times": track.track.t_s[trip.fixes].round(3),
        }
        yield _feature("LineString", _coordinates(track, trip.fixes), properties)


def _stops(track: UnitTrack) -> Iterator[dict[str, Any]]:
    for index, stop in enumerate(track.analysis.stops):
        grid = track.stop_grids.get(index)
        properties = {
            "kind": "stop",
            "from": instant_of(stop.from_s),
            "to": instant_of(stop.to_s),
            "duration_s": stop.duration_s,
            "grid": None if grid is None else {"code": grid.code, "name": grid.name},
        }
        yield _feature("Point", [round(stop.lon, DIGITS), round(stop.lat, DIGITS)], properties)


def _gaps(track: UnitTrack) -> Iterator[dict[str, Any]]:
    for gap in track.analysis.gaps:
        properties = {
            "kind": "gap",
            "from": instant_of(gap.from_s),
            "to": instant_of(gap.to_s),
            "duration_s": gap.duration_s,
        }
        ends = _coordinates(track, np.array([gap.before, gap.after]))
        yield _feature("LineString", ends, properties)


def track_summary(track: UnitTrack) -> dict[str, Any]:
    """The track in numbers."""
    analysis, t_s = track.analysis, track.track.t_s
    return {
        "fixes": len(t_s),
        "flagged": int(np.count_nonzero(analysis.flags)),
        "length_m": round(analysis.length_m, 1),
        "moving_s": analysis.moving_s,
        "stopped_s": analysis.stopped_s,
        "gap_s": analysis.gap_s,
        "first_at": instant_of(t_s.item(0)) if len(t_s) else None,
        "last_at": instant_of(t_s.item(-1)) if len(t_s) else None,
    }


def _feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def _coordinates(track: UnitTrack, fixes: NDArray[np.int64]) -> NDArray[np.float64]:
    lonlat = np.column_stack([track.track.lon[fixes], track.track.lat[fixes]])
    rounded: NDArray[np.float64] = lonlat.round(DIGITS)
    return rounded
