"""Reading files of strangers in a process of their own.

GDAL is a million lines of C that read what they are given. In that process it has the drivers of a few
file formats and no other (none that follows a link or asks a network), no secret in its environment,
and an end to its memory and time; when it breaks, the server does not.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import shapely

from data.files.feature import FeatureFile, FileFeature
from data.files.ogr import driver_names
from data.files.untrusted_reader import DRIVERS, PARTS
from gis.errors import InvalidInput, UnreadableFile

SUFFIXES = PARTS | {".zip"}
"""Of the files that may be sent; the parts of one map share a stem."""

_MOST_S = 120


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
    with tempfile.TemporaryDirectory(prefix="wangge-reading-") as folder:
        answer = _ask(Path(folder), request)
    match answer:
        case {"error": str(message), "field": field, "unreadable": bool(unreadable)}:
            kind = UnreadableFile if unreadable else InvalidInput
            raise kind(message, field=None if field is None else str(field))
        case {"maps": [*maps]}:
            return [(files[each["source"]], _from_json(each)) for each in maps]
    raise _broken()


def _ask(folder: Path, request: dict[str, Any]) -> Any:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "OGR_SKIP": ",".join(sorted(set(driver_names()) - set().union(*DRIVERS.values()))),
    }
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    try:
        subprocess.run(
            [sys.executable, "-P", "-m", "data.files.untrusted_reader", str(folder)],
            check=True,
            input=orjson.dumps(request),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=_MOST_S,
        )
        return orjson.loads((folder / "result.json").read_bytes())
    except (subprocess.SubprocessError, OSError, orjson.JSONDecodeError) as error:
        raise _broken() from error


def _broken() -> UnreadableFile:
    return UnreadableFile(
        "The files cannot be read: they are broken, or too large to be read here. Export them again, or "
        "import them at the machine with 'wangge grids import'."
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
