"""Tracks as an Excel workbook: a summary with who, when and why, then fixes, stops and gaps."""

from collections.abc import Iterable
from datetime import datetime
from typing import BinaryIO

from data.exports.provenance import PeriodProvenance
from data.exports.sheets import Sheet, open_workbook, summary_sheet, zone_of
from gis.geojson import DIGITS
from patrol.tracks.export.exported import ExportedTrack
from patrol.tracks.fixes import MEASURED
from patrol.tracks.geojson import track_summary
from patrol.tracks.track import instant_of


def write_xlsx(
    tracks: Iterable[ExportedTrack], out: BinaryIO, provenance: PeriodProvenance
) -> None:
    """Times are real ones, of the zone that their header names.

    Raises InvalidInput for more fixes than a sheet has rows.
    """
    with open_workbook(out) as book:
        zone = zone_of(provenance.since)
        summary = summary_sheet(book, provenance)
        titles = ("fixes", "flagged", "length_m", "moving_s", "stopped_s", "gap_s")
        summary.append(("unit", "name", *titles, f"first, {zone}", f"last, {zone}"))
        fixes = Sheet(
            book, "fixes", ("unit", "name", zone, "lon", "lat", *MEASURED, "believed", "flag")
        )
        spans = ("unit", "name", f"from, {zone}", f"to, {zone}", "duration_s")
        stops = Sheet(book, "stops", (*spans, "lon", "lat", "grid", "grid name"))
        gaps = Sheet(book, "gaps", spans)
        for each in tracks:
            whose = (each.code, each.name)
            numbers = track_summary(each.track)
            summary.append((*whose, *numbers.values()))
            for at, lon, lat, measured, flag in zip(
                each.at,
                each.lon.tolist(),
                each.lat.tolist(),
                each.measured.rows(),
                each.flag_words,
                strict=True,
            ):
                fixes.append((*whose, at, lon, lat, *measured, not flag, flag))
            for index, stop in enumerate(each.track.analysis.stops):
                grid = each.track.stop_grids.get(index)
                place = (round(stop.lon, DIGITS), round(stop.lat, DIGITS))
                inside = (None, None) if grid is None else (grid.code, grid.name)
                stops.append((*whose, *_span(stop.from_s, stop.to_s), *place, *inside))
            for gap in each.track.analysis.gaps:
                gaps.append((*whose, *_span(gap.from_s, gap.to_s)))


def _span(from_s: float, to_s: float) -> tuple[datetime, datetime, float]:
    return instant_of(from_s), instant_of(to_s), to_s - from_s
