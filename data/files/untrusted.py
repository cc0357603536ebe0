"""Reading maps of strangers in a process of their own (`data.confined`).

GDAL is a million lines of C that read what they are given. In that process it has the drivers of a few
file formats and no other: none that follows a link or asks a network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
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


def read_untrusted(
    files: Sequence[StrangersFile],
    *,
    crs: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
) -> list[tuple[StrangersFile, FeatureFile]]:
    """The maps among `files`, those in archives too, in WGS-84, each with the file it came in.

    Raises UnreadableFile and InvalidInput in the words of the sender's own file names.
    """
    found = _ask(files, crs=crs, layer=layer, encoding=encoding, look=False)
    return [(files[each["source"]], _from_json(each)) for each in found["maps"]]


def look_into_untrusted(
    files: Sequence[StrangersFile],
    *,
    crs: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
) -> list[tuple[StrangersFile, LayerContent]]:
    """What the maps among `files` hold, layer by layer. Raises as `read_untrusted`, where not even that
    can be told."""
    found = _ask(files, crs=crs, layer=layer, encoding=encoding, look=True)
    return [(files[each["source"]], _content(each)) for each in found["layers"]]


def _ask(
    files: Sequence[StrangersFile],
    *,
    crs: str | None,
    layer: str | None,
    encoding: str | None,
    look: bool,
) -> dict[str, Any]:
    request = {
        "files": [[str(file.path), file.label] for file in files],
        "crs": crs,
        "layer": layer,
        "encoding": encoding,
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
    return LayerContent(
        path=Path(answer["path"]),
        layer=answer["layer"],
        crs=answer["crs"],
        fields=tuple(answer["fields"]),
        rows=tuple(answer["rows"]),
        kinds=answer["kinds"],
        vertices=answer["vertices"],
        bounds=None if answer["bounds"] is None else tuple(answer["bounds"]),
        notes=tuple(answer["notes"]),
        problem=answer["problem"],
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
