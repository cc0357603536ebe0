"""Tracks out of tables of points: one row a fix, with a time, a place, perhaps a unit."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import numpy as np
import pandas

from data.files.crs import SourceCrs
from data.tracks.tables import LAT, LON, Table, read_table
from data.tracks.track import RefusedLine, Track
from gis.errors import InvalidInput, UnreadableFile

_USUAL: Mapping[str, Sequence[str]] = {
    "time": ("at", "time", "timestamp", "datetime", "t", "时间", "定位时间"),
    "lon": (LON, "lon", "lng", "longitude", "x", "经度"),
    "lat": (LAT, "lat", "latitude", "y", "纬度"),
    "altitude": ("altitude_m", "ele", "elevation", "altitude", "海拔"),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECONDS_UNTIL = 1e11
"""A number beyond this counts milliseconds: in seconds it would be after the year 5000."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PointColumns:
    """Which columns say what; None is the first of the usual names that is there, and for `unit` that
    the file is all of one. `names` are those of a text without a header."""

    unit: str | None = None
    time: str | None = None
    lon: str | None = None
    lat: str | None = None
    names: tuple[str, ...] | None = None


@dataclass(slots=True)
class _Fixes:
    """What was read of one unit so far."""

    at_us: list[int] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    altitude_m: list[float] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    places: dict[int, tuple[float, float]] = field(default_factory=dict)
    repeats: int = 0
    refused: list[RefusedLine] = field(default_factory=list)


class _NoZone(Exception):
    """A time says nothing of its zone, and nobody else does."""


def read_points(
    path: Path,
    columns: PointColumns,
    *,
    now: datetime,
    zone: tzinfo | None = None,
    crs: SourceCrs | None = None,
    layer: str | None = None,
) -> dict[str, Track]:
    """The tracks in the file by their units, which are "" where no column names them.

    Times are ISO 8601, seconds or milliseconds since 1970 UTC; `zone` is that of times that do not say
    theirs. A row that is no fix, of after `now`, or of a time that the unit spent elsewhere is refused;
    it does not stop the rest. A row that says the same as an earlier one only counts as a repeat.

    Raises UnreadableFile; also for a column that is missing and for times without a zone.
    """
    table = read_table(path, names=columns.names, crs=crs, layer=layer)
    places = _places(path, table, columns)
    latest_us = (now - _EPOCH) // _MICROSECOND
    found: dict[str, _Fixes] = {}
    for number, row in table.rows:
        unit_at = places["unit"]
        unit = "" if unit_at is None else _cell(row, unit_at).strip()
        if unit_at is not None and not unit:
            raise UnreadableFile(f"{path}, line {number} names no unit in {columns.unit!r}.")
        fixes = found.setdefault(unit, _Fixes())
        try:
            at_us = _instant_us(_value(row, places["time"]), zone)
            lon, lat = (
                _number(row, places["lon"], "longitude"),
                _number(row, places["lat"], "latitude"),
            )
            if crs is not None and places["lon"] != _index(table, LON):
                lon, lat = _converted(crs, lon, lat)
            _add(
                fixes,
                line=number,
                at_us=at_us,
                lon=lon,
                lat=lat,
                altitude_m=_altitude(row, places["altitude"]),
                latest_us=latest_us,
            )
        except _NoZone:
            raise UnreadableFile(
                f"{path}, line {number}: its time has no zone. Say which it is in with --timezone, for "
                "example --timezone Asia/Shanghai.",
                field="timezone",
            ) from None
        except ValueError as error:
            fixes.refused.append(RefusedLine(line=number, reason=str(error)))
    return {unit: _track(fixes) for unit, fixes in found.items()}


def _places(path: Path, table: Table, columns: PointColumns) -> dict[str, int | None]:
    """Where in a row each thing stands; None for what is not there and need not be."""
    places: dict[str, int | None] = {"unit": None}
    if columns.unit is not None:
        places["unit"] = _named(path, table, columns.unit)
    lowered = [name.casefold() for name in table.header]
    for what, usual in _USUAL.items():
        wanted = getattr(columns, what, None)
        if wanted is not None:
            places[what] = _named(path, table, wanted)
            continue
        places[what] = next((lowered.index(name) for name in usual if name in lowered), None)
        if places[what] is None and what != "altitude":
            raise UnreadableFile(
                f"{path} has no column for the {what}: it has {', '.join(table.header)}. Name it with "
                f"--{what}-column, or all columns with --columns if the first line is no header.",
                field=what,
            )
    return places


def _named(path: Path, table: Table, name: str) -> int:
    found = _index(table, name)
    if found is None:
        raise UnreadableFile(f"{path} has no column {name!r}; it has {', '.join(table.header)}.")
    return found


def _index(table: Table, name: str) -> int | None:
    return table.header.index(name) if name in table.header else None


def _value(row: Sequence[object], place: int | None) -> object:
    if place is None or place >= len(row):
        raise ValueError(f"it has {len(row)} values")
    return row[place]


def _cell(row: Sequence[object], place: int) -> str:
    value = _value(row, place) if place < len(row) else ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _number(row: Sequence[object], place: int | None, what: str) -> float:
    value = _value(row, place)
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f"{what} {str(value)[:40]!r} is not a number") from None


def _altitude(row: Sequence[object], place: int | None) -> float:
    try:
        return math.nan if place is None else _number(row, place, "altitude")
    except ValueError:
        return math.nan


def _converted(crs: SourceCrs, x: float, y: float) -> tuple[float, float]:
    lon, lat = crs.convert(np.array([x]), np.array([y]))
    return float(lon[0]), float(lat[0])


def _instant_us(value: object, zone: tzinfo | None) -> int:
    """Microseconds since 1970 UTC. Raises ValueError with the reason, _NoZone."""
    at = value if isinstance(value, datetime) else None
    if at is None:
        text = str(value).strip()
        try:
            number = float(text)
        except ValueError:
            try:
                at = datetime.fromisoformat(text.replace("/", "-"))
            except ValueError:
                raise ValueError(f"{text[:40]!r} is not a date and time") from None
        else:
            if not math.isfinite(number):
                raise ValueError("it has no time")
            return round(number * (1e6 if abs(number) < _SECONDS_UNTIL else 1e3))
    if pandas.isna(at):
        raise ValueError("it has no time")
    if at.tzinfo is None:
        if zone is None:
            raise _NoZone
        at = at.replace(tzinfo=zone)
    return (at - _EPOCH) // _MICROSECOND


def _add(
    fixes: _Fixes,
    *,
    line: int,
    at_us: int,
    lon: float,
    lat: float,
    altitude_m: float,
    latest_us: int,
) -> None:
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # NaN neither
        raise ValueError(f"latitude {lat:g}, longitude {lon:g} is not on the earth")
    if lat == lon == 0:
        raise ValueError("0, 0 is where a receiver is that does not know its place")
    if at_us > latest_us:
        raise ValueError("its time is in the future")
    if at_us in fixes.places:
        if fixes.places[at_us] != (lon, lat):
            raise ValueError("the unit was elsewhere at that time")
        fixes.repeats += 1
        return
    fixes.places[at_us] = (lon, lat)
    fixes.at_us.append(at_us)
    fixes.lon.append(lon)
    fixes.lat.append(lat)
    fixes.altitude_m.append(altitude_m)
    fixes.line.append(line)


def _track(fixes: _Fixes) -> Track:
    return Track(
        at=np.array(fixes.at_us, np.int64).view("M8[us]"),
        lon=np.array(fixes.lon, np.float64),
        lat=np.array(fixes.lat, np.float64),
        altitude_m=np.array(fixes.altitude_m, np.float32),
        line=np.array(fixes.line, np.int32),
        repeats=fixes.repeats,
        refused=tuple(fixes.refused),
    )


def parse_columns(text: str | None) -> tuple[str, ...] | None:
    """The names in "lat,lon,,time"; one that is not needed may be empty."""
    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(","))
    if len({name for name in names if name}) < len([name for name in names if name]):
        raise InvalidInput("Two columns have the same name.", field="columns")
    return names
