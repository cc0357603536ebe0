"""What a file of fixes holds, and where such files lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.tracks.tables import MAPS, PARQUET, TEXT, kind_of
from gis.errors import UnreadableFile

_SUFFIXES = (".plt", ".gpx")
_KNOWN = " or ".join(_SUFFIXES)
_POINTS = TEXT | MAPS | PARQUET
_GEOLIFE_FOLDER = "trajectory"


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedPart:
    """A part of the file, from 1, that is no fix, and why."""

    number: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Track:
    """The fixes of one file, as columns of one length in the order of the file.

    `at` is UTC in microseconds and occurs once; `lon` and `lat` are WGS-84; `measured` has the fields of
    `Measured` in its second dimension; `number` is which of the file's parts the fix is, and `part` what
    those are: a line, a point. `repeats` counts those that say the same as another one.
    """

    at: NDArray[np.datetime64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    measured: NDArray[np.float32]
    number: NDArray[np.int32]
    repeats: int
    refused: tuple[RefusedPart, ...]
    part: str = "line"

    def __len__(self) -> int:
        return len(self.at)

    @property
    def read(self) -> int:
        """How many parts the file has that are fixes or ought to be."""
        return len(self) + self.repeats + len(self.refused)


def find_track_files(paths: Sequence[Path]) -> list[Path]:
    """The files themselves, and the .plt and .gpx files in folders and below, by path; each once.

    Raises UnreadableFile for a path that is missing or no kind of track, and a folder without any.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(f for f in path.rglob("*") if f.suffix.lower() in _SUFFIXES)
            if not inside:
                raise UnreadableFile(f"{path} holds no {_KNOWN} file. Name the right folder.")
            found.update(dict.fromkeys(inside))
        elif not path.exists():
            raise UnreadableFile(f"{path} does not exist. Check the name.")
        elif kind_of(path) not in {*_SUFFIXES, *_POINTS}:
            raise UnreadableFile(
                f"{path} is no kind of track that is read here: {', '.join(_SUFFIXES)}, "
                f"{', '.join(sorted(_POINTS))}."
            )
        else:
            found[path] = None
    return list(found)


def unit_of_folder(path: Path) -> str:
    """The unit that a file's folder names: Geolife has `000/Trajectory/20081023025304.plt`."""
    folder = path.absolute().parent
    return folder.parent.name if folder.name.casefold() == _GEOLIFE_FOLDER else folder.name
