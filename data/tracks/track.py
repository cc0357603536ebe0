"""What a file of fixes holds, and where such files lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.tracks.tables import MAPS, PARQUET, TEXT, kind_of
from gis.errors import UnreadableFile

_SUFFIX = ".plt"
_POINTS = TEXT | MAPS | PARQUET
_GEOLIFE_FOLDER = "trajectory"


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedLine:
    """A line of the file, from 1, that is no fix, and why."""

    line: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Track:
    """The fixes of one file, as columns of one length in the order of the file.

    `at` is UTC in microseconds and occurs once; `lon` and `lat` are WGS-84; an unknown `altitude_m`
    is NaN; `line` is where the fix stands. `repeats` counts lines that say the same as another one.
    """

    at: NDArray[np.datetime64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    altitude_m: NDArray[np.float32]
    line: NDArray[np.int32]
    repeats: int
    refused: tuple[RefusedLine, ...]

    def __len__(self) -> int:
        return len(self.at)

    @property
    def read(self) -> int:
        """How many lines of fixes the file has."""
        return len(self) + self.repeats + len(self.refused)


def find_track_files(paths: Sequence[Path]) -> list[Path]:
    """The files themselves, and the .plt files in folders and below, by path; each once.

    Raises UnreadableFile for a path that is missing or no kind of track, and a folder without any.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(f for f in path.rglob("*") if f.suffix.lower() == _SUFFIX)
            if not inside:
                raise UnreadableFile(f"{path} holds no {_SUFFIX} file. Name the right folder.")
            found.update(dict.fromkeys(inside))
        elif not path.exists():
            raise UnreadableFile(f"{path} does not exist. Check the name.")
        elif kind_of(path) not in {_SUFFIX, *_POINTS}:
            raise UnreadableFile(
                f"{path} is no kind of track that is read here: {_SUFFIX}, {', '.join(sorted(_POINTS))}."
            )
        else:
            found[path] = None
    return list(found)


def unit_of_folder(path: Path) -> str:
    """The unit that a file's folder names: Geolife has `000/Trajectory/20081023025304.plt`."""
    folder = path.absolute().parent
    return folder.parent.name if folder.name.casefold() == _GEOLIFE_FOLDER else folder.name
