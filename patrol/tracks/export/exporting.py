"""Exporting the tracks of units from the database into a file."""

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from sqlalchemy import Connection

from data.exports.provenance import PeriodProvenance
from patrol.tracking.units import Unit
from patrol.tracks.export.exported import ExportedTrack, exported_tracks
from patrol.tracks.export.formats import ExportFormat, write_export


def export_tracks(
    conn: Connection,
    units: Sequence[Unit],
    out: BinaryIO,
    *,
    to: ExportFormat,
    provenance: PeriodProvenance,
    name_of: Callable[[Unit], str],
    on_unit: Callable[[Unit], None] = lambda _unit: None,
) -> int:
    """Write the tracks of the units between `provenance.since` and `until`, in their order, and return
    how many fixes there are. One unit at a time is in memory; `on_unit` is called after each.

    Raises InvalidInput for what the format cannot hold.
    """
    fixes = 0

    def counted() -> Iterator[ExportedTrack]:
        nonlocal fixes
        for each in exported_tracks(
            conn, units, provenance.since, provenance.until, name_of=name_of
        ):
            yield each
            fixes += len(each)
            on_unit(each.track.unit)

    write_export(counted(), out, to=to, provenance=provenance)
    return fixes
