"""The process that reads maps of strangers; `data.files.untrusted` starts it and says why."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path, PurePath
from typing import Any, TypedDict

import shapely

from data.confined import answer_confined, in_their_words
from data.files.archive import unpack
from data.files.crs import SourceCrs, parse_crs
from data.files.feature import FeatureFile
from data.files.looking import LayerContent, look_into
from data.files.ogr import driver_of, layer_to_read
from data.files.reading import MOST_VERTICES, read_features, too_many_vertices
from gis.errors import InvalidInput, UnreadableFile, WanggeError

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


class _Reading(TypedDict):
    """As `read_features` takes it."""

    crs: SourceCrs | None
    layer: str | None
    encoding: str | None


def _answer(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    maps = list(_maps(folder, request["files"]))
    readings = _readings([label for _, _, label in maps], request)
    if request["look"]:
        return _looked_into(maps, readings)
    read, left = [], MOST_VERTICES
    for (source, path, label), reading in zip(maps, readings, strict=True):
        file = _read(path, label, reading)
        left -= int(shapely.count_coordinates([each.geometry for each in file.features]))
        if left < 0:
            raise too_many_vertices("The edition", MOST_VERTICES - left)
        read.append(_to_json(source, file))
    return {"maps": read}


def _looked_into(
    maps: Sequence[tuple[int, Path, str]], readings: Sequence[_Reading]
) -> dict[str, Any]:
    """Every layer, with the features of those that an import would read, unless there is a problem."""
    layers, left = [], MOST_VERTICES
    problem: WanggeError | None = None
    for (source, path, label), reading in zip(maps, readings, strict=True):
        contents = _look(path, label, reading)
        chosen = None
        try:
            chosen = _to_read(path, contents, reading["layer"])
            left -= chosen.vertices
            if left < 0:
                raise too_many_vertices("The edition", MOST_VERTICES - left)
        except WanggeError as error:
            problem = problem or in_their_words(error, path, label)
        layers += [
            _content_to_json(source, each, with_features=each is chosen) for each in contents
        ]
    return {
        "layers": layers,
        "problem": problem and problem.message,
        "problem_code": problem and problem.code,
    }


def _readings(labels: Sequence[str], request: dict[str, Any]) -> list[_Reading]:
    """How each map is read. Raises InvalidInput for a coordinate system, or a map that is none."""
    said: dict[str, dict[str, str | None]] = request["maps"]
    known = [str(PurePath(label)) for label in labels]
    for label in said:
        if label not in known:
            raise InvalidInput(
                f"There is no map called {label[:80]!r} among the files; there are: "
                f"{', '.join(known)}.",
                field="map",
                code="no_such_map",
            )
    every = request["every"]
    for_each = [
        {name: said.get(label, {}).get(name) or every[name] for name in every} for label in known
    ]
    systems = {each["crs"]: parse_crs(each["crs"]) for each in for_each if each["crs"] is not None}
    return [
        _Reading(
            crs=None if each["crs"] is None else systems[each["crs"]],
            layer=each["layer"],
            encoding=each["encoding"],
        )
        for each in for_each
    ]


def _to_read(path: Path, contents: Sequence[LayerContent], wanted: str | None) -> LayerContent:
    """The layer that an import reads. Raises UnreadableFile, as the import does."""
    if not contents:
        raise UnreadableFile(f"{path} holds no layer. Export it again.")
    name = layer_to_read(path, wanted) if len(contents) > 1 else wanted
    chosen = next((each for each in contents if each.layer == name), contents[0])
    if chosen.problem is not None:
        raise UnreadableFile(chosen.problem, code=chosen.problem_code)
    return chosen


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


def _read(path: Path, label: str, reading: _Reading) -> FeatureFile:
    try:
        _check_driver(path)
        read = read_features(path, **reading)
    except WanggeError as error:
        raise in_their_words(error, path, label) from error
    return replace(read, path=Path(label), notes=_in_words(read.notes, path, label))


def _look(path: Path, label: str, reading: _Reading) -> list[LayerContent]:
    try:
        _check_driver(path)
        contents = look_into(path, **reading)
    except WanggeError as error:
        raise in_their_words(error, path, label) from error
    return [
        replace(
            content,
            path=Path(label),
            problem=content.problem and content.problem.replace(str(path), label),
            notes=_in_words(content.notes, path, label),
        )
        for content in contents
    ]


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


def _content_to_json(source: int, content: LayerContent, *, with_features: bool) -> dict[str, Any]:
    """The rows of the features are those of the content."""
    features = None
    if with_features and content.file is not None:
        features = [
            {"number": each.number, "wkb": shapely.to_wkb(each.geometry, hex=True)}
            for each in content.file.features
        ]
    return {"source": source, **asdict(replace(content, file=None)), "features": features}


if __name__ == "__main__":
    answer_confined(_answer)
