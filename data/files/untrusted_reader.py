"""The process that reads maps of strangers; `data.files.untrusted` starts it and says why."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely

from data.files.archive import unpack
from data.files.confined import answer_confined, in_their_words
from data.files.crs import SourceCrs, parse_crs
from data.files.feature import FeatureFile
from data.files.ogr import driver_of
from data.files.reading import read_features
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
}
PARTS = frozenset(DRIVERS) | {".shx", ".dbf", ".prj", ".cpg", ".dat", ".map", ".id"}


def _answer(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    crs = None if request["crs"] is None else parse_crs(request["crs"])
    return {
        "maps": [
            _to_json(source, _read(path, label, crs, request))
            for source, path, label in _maps(folder, request["files"])
        ]
    }


def _maps(folder: Path, files: list[tuple[str, str]]) -> Iterator[tuple[int, Path, str]]:
    """Of every map: the index of the file it came in, its path and what its sender calls it."""
    known = ", ".join(sorted(DRIVERS))
    found = 0
    for source, (name, label) in enumerate(files):
        path = Path(name)
        if path.suffix == ".zip":
            unpacked = unpack(path, folder, label=label, suffixes=PARTS)
            inside = [each for each in unpacked if each.path.suffix in DRIVERS]
            if not inside:
                raise UnreadableFile(f"{label} holds no map ({known}).")
            found += len(inside)
            yield from ((source, each.path, f"{label}/{each.name}") for each in inside)
        elif path.suffix in DRIVERS:
            found += 1
            yield source, path, label
    if not found:
        raise UnreadableFile(f"There is no map among the files; send {known} or a .zip of them.")


def _read(path: Path, label: str, crs: SourceCrs | None, request: dict[str, Any]) -> FeatureFile:
    try:
        allowed = DRIVERS[path.suffix]
        if allowed and driver_of(path) not in allowed:
            raise UnreadableFile(f"{path} is not what its name says. Export it again.")
        read = read_features(path, crs=crs, layer=request["layer"], encoding=request["encoding"])
    except WanggeError as error:
        raise in_their_words(error, path, label) from error
    notes = tuple(note.replace(str(path), label) for note in read.notes)
    return replace(read, path=Path(label), notes=notes)


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
