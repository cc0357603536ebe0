"""The process that reads maps of strangers; `data.files.untrusted` starts it and says why."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path, PurePath
from typing import Any

import shapely

from data.confined import answer_confined, in_their_words
from data.files.archive import unpack
from data.files.crs import SourceCrs, parse_crs
from data.files.feature import FeatureFile
from data.files.looking import look_into
from data.files.ogr import driver_of
from data.files.reading import MOST_VERTICES, read_features, too_many_vertices
from gis.errors import UnreadableFile, WanggeError

# The file that stands for a map, and the only drivers that may open it. None: ours.
DRIVERS = {
    ".geojson": frozenset[str](),
    ".json": frozenset[str](),
    ".shp": frozenset({"ESRI Shapefile"}),
    ".gpkg": frozenset({"GPKG"}),
    ".kml": frozenset({"KML", "LIBKML"}),
    ".fgb": frozenset({"FlatGeobuf"}),
    ".tab": frozenset({"MapInfo File"}),
    ".csv": frozenset(),
    ".tsv": frozenset(),
    ".xlsx": frozenset({"XLSX"}),
}
ARCHIVES = frozenset({".zip", ".kmz"})
PARTS = frozenset(DRIVERS) | {".shx", ".dbf", ".prj", ".cpg", ".dat", ".map", ".id"}


def _answer(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    crs = None if request["crs"] is None else parse_crs(request["crs"])
    maps = list(_maps(folder, request["files"]))
    if request["look"]:
        return {
            "layers": [
                {"source": source, **content}
                for source, path, label in maps
                for content in _look(path, label, crs, request)
            ]
        }
    read, left = [], MOST_VERTICES
    for source, path, label in maps:
        file = _read(path, label, crs, request)
        left -= int(shapely.count_coordinates([each.geometry for each in file.features]))
        if left < 0:
            raise too_many_vertices("The edition", MOST_VERTICES - left)
        read.append(_to_json(source, file))
    return {"maps": read}


def _maps(folder: Path, files: list[tuple[str, str]]) -> Iterator[tuple[int, Path, str]]:
    """Of every map: the index of the file it came in, its path and what its sender calls it."""
    known = ", ".join(sorted(DRIVERS))
    found = 0
    for source, (name, label) in enumerate(files):
        path = Path(name)
        suffix = path.suffix.lower()
        if suffix in ARCHIVES:
            unpacked = unpack(path, folder, label=label, suffixes=PARTS)
            inside = [each for each in unpacked if each.path.suffix in DRIVERS]
            if not inside:
                raise UnreadableFile(f"{label} holds no map ({known}).")
            found += len(inside)
            yield from ((source, each.path, f"{label}/{each.name}") for each in inside)
        elif suffix in DRIVERS:
            found += 1
            yield source, path, label
    if not found:
        raise UnreadableFile(f"There is no map among the files; send {known} or a .zip of them.")


def _read(path: Path, label: str, crs: SourceCrs | None, request: dict[str, Any]) -> FeatureFile:
    try:
        _check_driver(path)
        read = read_features(path, crs=crs, layer=request["layer"], encoding=request["encoding"])
    except WanggeError as error:
        raise in_their_words(error, path, label) from error
    return replace(read, path=Path(label), notes=_in_words(read.notes, path, label))


def _look(
    path: Path, label: str, crs: SourceCrs | None, request: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    try:
        _check_driver(path)
        contents = look_into(path, crs=crs, layer=request["layer"], encoding=request["encoding"])
    except WanggeError as error:
        raise in_their_words(error, path, label) from error
    for content in contents:
        problem = content.problem and content.problem.replace(str(path), label)
        notes = _in_words(content.notes, path, label)
        yield asdict(replace(content, path=Path(label), problem=problem, notes=notes))


def _check_driver(path: Path) -> None:
    allowed = DRIVERS[path.suffix.lower()]
    if not path.stat().st_size:
        raise UnreadableFile(f"{path} is empty. Export it again.")
    if allowed and driver_of(path) not in allowed:
        raise UnreadableFile(f"{path} is not what its name says. Export it again.")


def _in_words(notes: Sequence[str], path: Path, label: str) -> tuple[str, ...]:
    """As their sender calls the file: by its path here, or by its name alone."""
    return tuple(
        note.replace(str(path), label).replace(path.name, PurePath(label).name) for note in notes
    )


def _to_json(source: int, file: FeatureFile) -> dict[str, Any]:
    return {
        "source": source,
        "label": str(file.path),
        "crs": file.crs,
        "fields": file.fields,
        "notes": file.notes,
        "features": [
            {
                "number": feature.number,
                "wkb": shapely.to_wkb(feature.geometry, hex=True),
                "properties": feature.properties,
            }
            for feature in file.features
        ],
    }


if __name__ == "__main__":
    answer_confined(_answer)
