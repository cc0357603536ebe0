"""Things at a place from any file: a table with lon and lat (CSV), or whatever `data.files` reads.

A line that cannot be used is a problem of its own and stops nothing else.
"""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from data.files.crs import SourceCrs, parse_crs
from data.files.feature import FileFeature
from data.files.reading import read_features
from data.files.untrusted import SUFFIXES, StrangersFile, read_untrusted
from gis.errors import InvalidInput, UnreadableFile

_TABLES = frozenset({".csv", ".tsv", ".txt"})
POINT_SUFFIXES = SUFFIXES | _TABLES
"""Of the files that may be sent."""

MOST_LINES = 500_000
_LON = frozenset({"lon", "lng", "long", "longitude", "x", "经度"})
_LAT = frozenset({"lat", "latitude", "y", "纬度"})
_MIRRORED_CHINA = (3.0, 54.0, 73.0, 136.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """`number` is the line of a table, as a text editor counts, or the feature of a map, from 1."""

    number: int
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacesFile:
    """`features` are in EPSG:4326, whatever their geometry; `label` is what people call the file."""

    label: str
    fields: tuple[str, ...]
    features: tuple[FileFeature, ...]
    problems: tuple[Problem, ...] = ()


def read_places(path: Path, *, crs: str | None = None) -> PlacesFile:
    """A file at the machine. `crs` overrides what it says of itself; a table without one is WGS-84.

    Raises UnreadableFile and InvalidInput.
    """
    source = None if crs is None else parse_crs(crs)
    if path.suffix.lower() in _TABLES:
        return _read_table(path, path.name, source)
    read = read_features(path, crs=source)
    return PlacesFile(label=path.name, fields=read.fields, features=read.features)


def read_strangers_places(
    files: Sequence[StrangersFile], *, crs: str | None = None
) -> list[PlacesFile]:
    """The same of files that somebody sent: a table here, for it is only text, maps in a process of
    their own. Raises UnreadableFile and InvalidInput in the words of the sender's own file names."""
    source = None if crs is None else parse_crs(crs)
    tables = [file for file in files if file.path.suffix.lower() in _TABLES]
    maps = [file for file in files if file.path.suffix.lower() not in _TABLES]
    found = [_read_table(file.path, file.label, source) for file in tables]
    if maps:
        found += [
            PlacesFile(label=str(read.path), fields=read.fields, features=read.features)
            for _, read in read_untrusted(maps, crs=crs)
        ]
    return found


def _read_table(path: Path, label: str, crs: SourceCrs | None) -> PlacesFile:
    text = _text_of(path, label)
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        headings = [heading.strip() for heading in next(rows, [])]
        lon, lat = _column(label, headings, _LON), _column(label, headings, _LAT)
        features: list[FileFeature] = []
        problems: list[Problem] = []
        for number, row in _lines(rows):
            if number > MOST_LINES:
                raise UnreadableFile(f"{label} has more than {MOST_LINES:,} lines; split it.")
            cells = dict(zip(headings, (cell.strip() for cell in row), strict=False))
            try:
                place = _place(cells.pop(lon, ""), cells.pop(lat, ""), crs)
            except InvalidInput as error:
                problems.append(Problem(number=number, message=error.message))
                continue
            properties: Mapping[str, object] = MappingProxyType(cells)
            features.append(FileFeature(number=number, geometry=place, properties=properties))
    except csv.Error as error:
        raise UnreadableFile(
            f"{label}, line {rows.line_num}: {error}. Save the table as CSV again."
        ) from error
    fields = tuple(heading for heading in headings if heading not in (lon, lat))
    return PlacesFile(
        label=label, fields=fields, features=tuple(features), problems=tuple(problems)
    )


def _lines(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line that it begins at; a cell may hold line breaks."""
    ends = rows.line_num  # type: ignore[attr-defined]
    for row in rows:
        begins, ends = ends + 1, rows.line_num  # type: ignore[attr-defined]
        if any(cell.strip() for cell in row):
            yield begins, row


def _text_of(path: Path, label: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{label} cannot be read: {error.strerror}.") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(f"{label} is neither UTF-8 nor GB 18030; save it as CSV in UTF-8.")


def _column(label: str, headings: Sequence[str], names: frozenset[str]) -> str:
    found = [heading for heading in headings if heading.lower() in names]
    if len(found) != 1:
        raise UnreadableFile(
            f"{label} must have one column for the longitude (lon, 经度) and one for the latitude (lat, "
            "纬度) in its first line."
        )
    return found[0]


def _place(lon: str, lat: str, crs: SourceCrs | None) -> BaseGeometry:
    try:
        x, y = float(lon), float(lat)
    except ValueError:
        raise InvalidInput(f"{lon!r}, {lat!r} is no position in numbers.", field="lon") from None
    if crs is not None:
        converted = crs.convert(*(shapely.get_coordinates(Point(x, y)).T))
        x, y = (float(axis[0]) for axis in converted)
    if not (math.isfinite(x) and math.isfinite(y) and abs(x) <= 180 and abs(y) <= 90):
        raise InvalidInput(
            f"{lon}, {lat} is not a place on earth; name the coordinate system with crs.",
            field="lon",
        )
    west, east, south, north = _MIRRORED_CHINA
    if west <= x <= east and south <= y <= north:
        raise InvalidInput(f"lon {lon} and lat {lat} look swapped.", field="lon")
    return Point(x, y)
