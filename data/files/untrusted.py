"""Reading maps of strangers in a process of their own (`data.confined`).

GDAL is a million lines of C that read what they are given. In that process it has the drivers of a few
file formats and no other: none that follows a link or asks a network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import shapely

from data.confined import ask_confined
from data.files.feature import FeatureFile, FileFeature
from data.files.looking import LayerContent
from data.files.ogr import driver_names
from data.files.untrusted_reader import ARCHIVES, DRIVERS, PARTS

SUFFIXES = PARTS | ARCHIVES
"""Of the files that may be sent; the parts of one map share a stem."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StrangersFile:
    """`label` is what its sender calls it, for messages only."""

    path: Path
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What is said of how to read a map; None: what it says itself."""

    crs: str | None = None
    layer: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LookedInto:
    """What the maps among some files hold, layer by layer: with its `file` where `read_untrusted` reads
    it. `problem` is what that would raise, and `problem_code` its code."""

    layers: list[tuple[StrangersFile, LayerContent]]
    problem: str | None
    problem_code: str | None

    @property
    def maps(self) -> list[tuple[StrangersFile, FeatureFile]]:
        return [(source, each.file) for source, each in self.layers if each.file is not None]


def read_untrusted(
    files: Sequence[StrangersFile],
    *,
    crs: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    maps: Mapping[str, Reading] = MappingProxyType({}),
) -> list[tuple[StrangersFile, FeatureFile]]:
    """The maps among `files`, those in archives too, in WGS-84, each with the file it came in. `maps`
    says more of some, by what they are called: the file's label, and in an archive a slash and the
    name there.

    Raises UnreadableFile and InvalidInput in the words of the sender's own file names.
    """
    every = Reading(crs=crs, layer=layer, encoding=encoding)
    found = _ask(files, every, maps, look=False)
    return [(files[each["source"]], _from_json(each)) for each in found["maps"]]


def look_into_untrusted(
    files: Sequence[StrangersFile],
    *,
    crs: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    maps: Mapping[str, Reading] = MappingProxyType({}),
) -> LookedInto:
    """What the maps among `files` hold, read once. Raises as `read_untrusted`, where not even that can
    be told."""
    every = Reading(crs=crs, layer=layer, encoding=encoding)
    found = _ask(files, every, maps, look=True)
    return LookedInto(
        layers=[(files[each["source"]], _content(each)) for each in found["layers"]],
        problem=found["problem"],
        problem_code=found["problem_code"],
    )


def _ask(
    files: Sequence[StrangersFile], every: Reading, maps: Mapping[str, Reading], *, look: bool
) -> dict[str, Any]:
    request = {
        "files": [[str(file.path), file.label] for file in files],
        "every": asdict(every),
        "maps": {label: asdict(reading) for label, reading in maps.items()},
        "look": look,
    }
    forbidden = set(driver_names()) - set().union(*DRIVERS.values())
    return ask_confined(
        "data.files.untrusted_reader",
        request,
        advice="Export them again, or in several parts.",
        environment={"OGR_SKIP": ",".join(sorted(forbidden))},
    )


def _content(answer: dict[str, Any]) -> LayerContent:
    rows = answer["rows"]
    file = None
    if answer["features"] is not None:
        features = [
            {**each, "properties": row} for each, row in zip(answer["features"], rows, strict=True)
        ]
        file = _from_json({**answer, "label": answer["path"], "features": features})
    return LayerContent(
        path=Path(answer["path"]),
        layer=answer["layer"],
        crs=answer["crs"],
        fields=tuple(answer["fields"]),
        rows=tuple(rows),
        kinds=answer["kinds"],
        vertices=answer["vertices"],
        bounds=None if answer["bounds"] is None else tuple(answer["bounds"]),
        notes=tuple(answer["notes"]),
        file=file,
        problem=answer["problem"],
        problem_code=answer["problem_code"],
    )


def _from_json(answer: dict[str, Any]) -> FeatureFile:
    geometries = shapely.from_wkb([bytes.fromhex(each["wkb"]) for each in answer["features"]])
    return FeatureFile(
        path=Path(answer["label"]),
        crs=answer["crs"],
        fields=tuple(answer["fields"]),
        notes=tuple(answer["notes"]),
        features=tuple(
            FileFeature(number=each["number"], geometry=geometry, properties=each["properties"])
            for each, geometry in zip(answer["features"], geometries, strict=True)
        ),
    )
