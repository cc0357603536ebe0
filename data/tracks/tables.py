"""Files of points as tables: text with separators, maps of points, Parquet.

What a map or a GeoParquet file says with its geometry stands in the columns LON and LAT, in WGS-84.
"""

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas
import pandas
import pyarrow
import pyarrow.parquet as pq
import shapely

from data.files.crs import SourceCrs
from data.files.reading import read_features
from gis.errors import UnreadableFile

TEXT = {".csv", ".tsv", ".txt"}
MAPS = {".geojson", ".json", ".gpkg", ".fgb", ".shp"}
PARQUET = {".parquet", ".geoparquet"}
LON, LAT = "geometry lon", "geometry lat"

_SEPARATORS = ",;\t| "
_ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """`rows` come with their number as people count: lines of a text, features of a map, rows."""

    header: Sequence[str]
    rows: Iterable[tuple[int, Sequence[object]]]


def kind_of(path: Path) -> str:
    """The suffix that says what the file is: ".csv" of `a.CSV.gz`."""
    return Path(path.stem if path.suffix.lower() == ".gz" else path.name).suffix.lower()


def read_table(
    path: Path,
    *,
    names: Sequence[str] | None = None,
    crs: SourceCrs | None = None,
    layer: str | None = None,
) -> Table:
    """The table in the file. `names` are those of the columns of a text without a header; `crs`
    overrides what a map says of itself.

    Raises UnreadableFile.
    """
    kind = kind_of(path)
    if kind in TEXT:
        return _read_text(path, names)
    if kind in PARQUET:
        return _read_parquet(path)
    if kind in MAPS:
        return _read_map(path, crs, layer)
    known = ", ".join(sorted(TEXT | MAPS | PARQUET))
    raise UnreadableFile(f"{path} is no file of points that is read here; send {known}.")


def _read_text(path: Path, names: Sequence[str] | None) -> Table:
    text = _decoded(path)
    first = text.partition("\n")[0]
    # The one that occurs most; a space only where there is nothing else, for it is in times too.
    separator = max(_SEPARATORS[:-1], key=first.count)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator if separator in first else " "
    )
    header = names or [name.strip() for name in next(reader, [])]
    return Table(header=header, rows=((reader.line_num, row) for row in reader if row))


def _decoded(path: Path) -> str:
    try:
        content = path.read_bytes()
        if path.suffix.lower() == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError) as error:
        raise UnreadableFile(f"{path} cannot be read ({error}). Send it again.") from error
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(f"{path} is neither UTF-8 nor GB18030 text.")


def _read_map(path: Path, crs: SourceCrs | None, layer: str | None) -> Table:
    file = read_features(path, crs=crs, layer=layer)
    wrong = next((each for each in file.features if each.geometry.geom_type != "Point"), None)
    if wrong is not None:
        raise UnreadableFile(
            f"{path}, feature {wrong.number} is a {wrong.geometry.geom_type}; a track is read from "
            "points, each with its time."
        )
    lons, lats = shapely.get_coordinates([each.geometry for each in file.features]).T.tolist()
    return Table(
        header=(*file.fields, LON, LAT),
        rows=(
            (each.number, (*map(each.properties.get, file.fields), lon, lat))
            for each, lon, lat in zip(file.features, lons, lats, strict=True)
        ),
    )


def _read_parquet(path: Path) -> Table:
    try:
        if b"geo" in (pq.read_metadata(path).metadata or {}):
            points = geopandas.read_parquet(path).to_crs("OGC:CRS84")
            if not (points.geom_type == "Point").all():
                raise UnreadableFile(f"{path} has geometries that are no points.")
            columns = points.drop(columns=points.geometry.name)
            frame = pandas.DataFrame(columns).assign(
                **{LON: points.geometry.x, LAT: points.geometry.y}
            )
        else:
            frame = pandas.read_parquet(path)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(f"{path} cannot be read as Parquet. Export it again.") from error
    if frame.index.name is not None:  # a time is often the index
        frame = frame.reset_index()
    rows = enumerate(frame.itertuples(index=False, name=None), start=1)
    return Table(header=[str(name) for name in frame.columns], rows=rows)
