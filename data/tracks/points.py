"""Tracks out of tables of points: one row a fix, with a time, a place, perhaps a unit."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import numpy as np
import pandas

from data.files.crs import SourceCrs
from data.tracks.gathering import Gathering
from data.tracks.measured import Measured
from data.tracks.tables import LAT, LON, Table, read_table
from data.tracks.track import Track
from gis.errors import InvalidInput, UnreadableFile

_USUAL: Mapping[str, Sequence[str]] = {
    "time": ("at", "time", "timestamp", "datetime", "t", "时间", "定位时间"),
    "lon": (LON, "lon", "lng", "longitude", "x", "经度"),
    "lat": (LAT, "lat", "latitude", "y", "纬度"),
}
_MEASURED: Mapping[str, Sequence[str]] = {
    "accuracy_m": ("accuracy_m", "accuracy", "精度"),
    "speed_mps": ("speed_mps",),  # a mere "speed" may be in anything
    "heading_deg": ("heading_deg", "heading", "bearing", "course", "方向"),
    "altitude_m": ("altitude_m", "ele", "elevation", "altitude", "海拔"),
    "battery_pct": ("battery_pct",),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
    measured_at = _measured_places(table)
    found: dict[str, Gathering] = {}
    for number, row in table.rows:
        unit_at = places["unit"]
        unit = "" if unit_at is None else _cell(row, unit_at).strip()
        if unit_at is not None and not unit:
            raise UnreadableFile(f"{path}, line {number} names no unit in {columns.unit!r}.")
        fixes = found.setdefault(unit, Gathering(now=now, exact=True))
        try:
            at = _instant(_value(row, places["time"]), zone)
            lon, lat = (
                _number(row, places["lon"], "longitude"),
                _number(row, places["lat"], "latitude"),
            )
            if crs is not None and places["lon"] != _index(table, LON):
                lon, lat = _converted(crs, lon, lat)
        except _NoZone:
            raise UnreadableFile(
                f"{path}, line {number}: its time has no zone. Say which it is in with --timezone, for "
                "example --timezone Asia/Shanghai.",
                field="timezone",
            ) from None
        except ValueError as error:
            fixes.refuse(number, str(error))
        else:
            fixes.add(number, at, lon, lat, _measured(row, measured_at))
    return {unit: fixes.track(part="line") for unit, fixes in found.items()}


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
        places[what] = _first(lowered, usual)
        if places[what] is None:
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


def _measured_places(table: Table) -> dict[str, int]:
    """Where in a row stands what a device measured, as far as anything says so."""
    lowered = [name.casefold() for name in table.header]
    return {
        what: found
        for what, usual in _MEASURED.items()
        if (found := _first(lowered, usual)) is not None
    }


def _first(header: Sequence[str], usual: Sequence[str]) -> int | None:
    """Where the first of the usual names stands that is there."""
    return next((header.index(name) for name in usual if name in header), None)


def _measured(row: Sequence[object], places: Mapping[str, int]) -> Measured:
    return Measured.of(**{what: row[place] for what, place in places.items() if place < len(row)})


def _converted(crs: SourceCrs, x: float, y: float) -> tuple[float, float]:
    lon, lat = crs.convert(np.array([x]), np.array([y]))
    return float(lon[0]), float(lat[0])


def _instant(value: object, zone: tzinfo | None) -> datetime:
    """Raises ValueError with the reason, _NoZone."""
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
            return _since_1970(round(number * (1e6 if abs(number) < _SECONDS_UNTIL else 1e3)))
    if pandas.isna(at):
        raise ValueError("it has no time")
    if at.tzinfo is None:
        if zone is None:
            raise _NoZone
        at = at.replace(tzinfo=zone)
    return at


def _since_1970(microseconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        raise ValueError("its time is outside the calendar") from None


def parse_columns(text: str | None) -> tuple[str, ...] | None:
    """The names in "lat,lon,,time"; one that is not needed may be empty."""
    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(","))
    if len({name for name in names if name}) < len([name for name in names if name]):
        raise InvalidInput("Two columns have the same name.", field="columns")
    return names
