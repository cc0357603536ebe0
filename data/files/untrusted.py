"""Reading maps of strangers in a process of their own (`data.files.confined`).

GDAL is a million lines of C that read what they are given. In that process it has the drivers of a few
file formats and no other: none that follows a link or asks a network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from data.files.confined import ask_confined
from data.files.feature import FeatureFile, FileFeature
from data.files.ogr import driver_names
from data.files.untrusted_reader import DRIVERS, PARTS

SUFFIXES = PARTS | {".zip"}
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
    """The maps among `files`, those in zip archives too, in WGS-84, each with the file it came in.

    Raises UnreadableFile and InvalidInput in the words of the sender's own file names.
    """
    request = {
        "files": [[str(file.path), file.label] for file in files],
        "crs": crs,
        "layer": layer,
        "encoding": encoding,
    }
    forbidden = set(driver_names()) - set().union(*DRIVERS.values())
    found = ask_confined(
        "data.files.untrusted_reader",
        request,
        command="wangge grids import",
        environment={"OGR_SKIP": ",".join(sorted(forbidden))},
    )
    return [(files[each["source"]], _from_json(each)) for each in found["maps"]]


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
