"""Tables with a geometry in each row, as WKT or as longitude and latitude: CSV and XLSX.

Only text comes out: a code that begins with zeros keeps them. A table does not say its coordinate
system, unless its WKT does (`SRID=4490;POLYGON …`).
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from data.files.feature import FeatureFile, FileFeature
from data.files.text import read_text
from gis.errors import UnreadableFile

WKT = ("wkt", "geometry", "geom", "thegeom", "shape", "wktgeom", "几何", "图形", "边界", "空间数据")
LON = (
    "lon",
    "lng",
    "long",
    "longitude",
    "经度",
    "x",
    "坐标x",
    "x坐标",
    "中心经度",
    "point_x",
    "pointx",
)
LAT = ("lat", "latitude", "纬度", "y", "坐标y", "y坐标", "中心纬度", "point_y", "pointy")
_SEPARATORS = ",;\t|"
_SRID = re.compile(r"\s*SRID\s*=\s*(\d+)\s*;\s*", re.IGNORECASE)
_MOST_CELL_CHARACTERS = 64 * 1024 * 1024  # a grid in WKT is one cell


def read_csv(path: Path, *, encoding: str | None = None) -> FeatureFile:
    """Read a table of text, whatever separates its columns. Raises UnreadableFile naming the row."""
    text = read_text(path, encoding)
    csv.field_size_limit(_MOST_CELL_CHARACTERS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text))
    try:
        header = [heading.strip() for heading in next(reader, [])]
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise UnreadableFile(
            f"{path}, line {reader.line_num}: {error}. Save the table as CSV again."
        ) from error
    return features_of_table(path, header, rows)


def separator_of(text: str) -> str:
    """What stands between the columns: the sign that occurs most in the first line."""
    first = text.partition("\n")[0]
    return max(_SEPARATORS, key=first.count)


def features_of_table(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[str | None]]
) -> FeatureFile:
    """The features of a table that has been read. Raises UnreadableFile."""
    if not any(header):
        raise UnreadableFile(f"{path} is empty: its first line must be the names of the columns.")
    repeated = next((name for name in header if name and header.count(name) > 1), None)
    if repeated is not None:
        raise UnreadableFile(f"{path} has two columns called {repeated}; rename one.")
    wkt, lon, lat = column_named(header, WKT), *position_columns(header)
    if wkt is None and (lon is None or lat is None):
        raise UnreadableFile(
            f"{path} is a table without geometry: it needs a column wkt, or lon and lat (经度, 纬度); "
            f"it has {', '.join(filter(None, header))}.",
            code="no_geometry",
        )
    features, declared = [], set()
    for number, cells in enumerate(rows, start=1):
        row = dict(zip(header, [*cells, *[None] * len(header)][: len(header)], strict=True))
        where = f"{path}, row {number}"
        if wkt is not None:
            geometry, srid = _from_wkt(row.pop(wkt), where)
            declared.add(srid)
        else:
            geometry = _point(row, lon, lat, where)
        row.pop("", None)
        properties = {name: (value or "").strip() or None for name, value in row.items()}
        features.append(FileFeature(number=number, geometry=geometry, properties=properties))
    if len(declared) > 1:
        raise UnreadableFile(f"{path} has geometries in several coordinate systems; send one each.")
    srid = next(iter(declared), None)
    return FeatureFile(
        path=path,
        crs=None if srid is None else f"EPSG:{srid}",
        fields=tuple(name for name in header if name and name != wkt),
        features=tuple(features),
    )


def column_named(header: Sequence[str], usual: Sequence[str]) -> str | None:
    """The column with one of the usual names (lower case, without "_"), the first of these."""
    by_word = {_word(name): name for name in reversed(header)}
    return next((by_word[_word(name)] for name in usual if _word(name) in by_word), None)


def position_columns(header: Sequence[str]) -> tuple[str | None, str | None]:
    """The columns of longitude and latitude."""
    return column_named(header, LON), column_named(header, LAT)


def _word(name: str) -> str:
    return re.sub(r"[\s_()（）-]|wgs84|gcj02|bd09|cgcs2000", "", name.casefold())


def _from_wkt(cell: str | None, where: str) -> tuple[BaseGeometry, str | None]:
    text = (cell or "").strip()
    if not text:
        raise UnreadableFile(f"{where} has no geometry. Draw it or remove it.", code="no_geometry")
    srid = _SRID.match(text)
    try:
        geometry = shapely.from_wkt(text[srid.end() :] if srid else text)
    except shapely.errors.GEOSException as error:
        raise UnreadableFile(
            f"{where}: {text[:30]!r} is not WKT that can be read. Export the table again."
        ) from error
    return geometry, srid[1] if srid else None


def _point(
    row: Mapping[str, str | None], lon: str | None, lat: str | None, where: str
) -> BaseGeometry:
    numbers = []
    for name in (lon, lat):
        cell = (row.get(name or "") or "").strip()
        try:
            numbers.append(float(cell))
        except ValueError as error:
            what = f"{cell[:30]!r} is not a number" if cell else "it is empty"
            raise UnreadableFile(f"{where}, {name}: {what}. Correct it.") from error
    return shapely.Point(*numbers)
