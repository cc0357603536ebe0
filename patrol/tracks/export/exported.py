"""What is exported of a unit: its track, and everything its device said of each fix."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gis.geojson import DIGITS
from gis.track import Flag
from patrol.tracking.units import Unit
from patrol.tracks.fixes import Measurements, read_measured_fixes
from patrol.tracks.track import UnitTrack, analysed

_FLAG_WORDS = np.array(
    [" ".join(flag.name.lower() for flag in Flag(bits) if flag.name) for bits in range(16)], object
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ExportedTrack:
    """`name` is what the unit may be called in the file: its code for whoever may not read names."""

    name: str
    track: UnitTrack
    measured: Measurements

    @property
    def code(self) -> str:
        return self.track.unit.code

    @property
    def label(self) -> str:
        """Code and name, once where they are the same."""
        return self.code if self.name == self.code else f"{self.code} {self.name}"

    def __len__(self) -> int:
        return len(self.track.track)

    @property
    def at(self) -> list[datetime]:
        """When each fix was, in UTC."""
        return [datetime.fromtimestamp(t_s, UTC) for t_s in self.track.track.t_s.tolist()]

    @property
    def at_text(self) -> list[str]:
        """The same as xsd:dateTime: 2026-11-20T00:00:00Z, with a fraction where any fix has one."""
        at_us = np.rint(self.track.track.t_s * 1e6).astype(np.int64)
        unit: Literal["s", "us"] = "us" if (at_us % 1_000_000).any() else "s"
        texts: list[str] = np.datetime_as_string(
            at_us.view("M8[us]"), unit=unit, timezone="UTC"
        ).tolist()
        return texts

    @property
    def lon(self) -> NDArray[np.float64]:
        """EPSG:4326, to a centimetre, as `lat`."""
        return self.track.track.lon.round(DIGITS)

    @property
    def lat(self) -> NDArray[np.float64]:
        return self.track.track.lat.round(DIGITS)

    @property
    def flag_words(self) -> list[str]:
        """Why each fix is not believed: the names of `gis.track.Flag`; "" for one that is."""
        words: list[str] = _FLAG_WORDS[self.track.analysis.flags].tolist()
        return words

    @property
    def segments(self) -> list[NDArray[np.int64]]:
        """The believed fixes from gap to gap, as indexes, at least two in each: lines of one point are
        none to many a reader."""
        return [part for part in self._parts() if len(part) > 1]

    @property
    def lone(self) -> list[int]:
        """The believed fixes that are alone between two gaps, as indexes."""
        return [part.item() for part in self._parts() if len(part) == 1]

    @property
    def flagged(self) -> list[int]:
        """The fixes that are not believed, as indexes."""
        flagged: list[int] = np.flatnonzero(self.track.analysis.flags).tolist()
        return flagged

    def _parts(self) -> Iterator[NDArray[np.int64]]:
        analysis = self.track.analysis
        believed = np.flatnonzero(analysis.flags == 0)
        cuts = np.searchsorted(believed, [gap.after for gap in analysis.gaps]).tolist()
        return (believed[begin:end] for begin, end in pairwise([0, *cuts, len(believed)]))


def exported_tracks(
    conn: Connection,
    units: Sequence[Unit],
    since: datetime,
    until: datetime,
    *,
    name_of: Callable[[Unit], str],
) -> Iterator[ExportedTrack]:
    """One unit after the other, each read when it is asked for; those without a fix too."""
    for unit in units:
        fixes, measured = read_measured_fixes(conn, unit.id, since, until)
        yield ExportedTrack(
            name=name_of(unit), track=analysed(conn, unit, fixes), measured=measured
        )
