"""Tracks as GPX 1.1, for navigation devices and map programs."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import numpy as np
from lxml import etree

from data.exports.provenance import PeriodProvenance
from gis.geojson import DIGITS
from patrol.tracks.export.exported import ExportedTrack
from patrol.tracks.export.xml import Element, element, instant, plain, texts
from patrol.tracks.track import instant_of

_NAMESPACE = "http://www.topografix.com/GPX/1/1"


def write_gpx(tracks: Iterable[ExportedTrack], out: BinaryIO, provenance: PeriodProvenance) -> None:
    """A track for each unit with a segment from gap to gap, and waypoints of the types "stop", "fix"
    (alone between two gaps) and "flagged": not believed, which would be a spike in a line.

    GPX wants all waypoints before the first track, so tracks wait in a file of their own.
    """
    with tempfile.TemporaryFile() as waiting, etree.xmlfile(out, encoding="UTF-8") as xml:
        xml.write_declaration()
        root = {"xmlns": _NAMESPACE, "version": "1.1", "creator": "Wangge"}
        with xml.element("gpx", root):
            xml.write(_metadata(provenance))
            for each in tracks:
                for waypoint in _waypoints(each):
                    xml.write(waypoint)
                if each.segments:
                    with etree.xmlfile(waiting, encoding="UTF-8") as later:
                        _write_track(later, each)
            xml.flush()
            waiting.seek(0)
            shutil.copyfileobj(waiting, out)


def _metadata(provenance: PeriodProvenance) -> Element:
    [name] = texts({"name": provenance.exported_by})
    return element(
        "metadata",
        *texts({"name": provenance.subject, "desc": str(provenance)}),
        element("author", name),
        *texts({"time": instant(provenance.exported_at)}),
    )


def _waypoints(each: ExportedTrack) -> Iterator[Element]:
    for stop in each.track.analysis.stops:
        about = {
            "time": instant(instant_of(stop.from_s)),
            "name": each.label,
            "desc": f"until {instant(instant_of(stop.to_s))}",
            "type": "stop",
        }
        yield element("wpt", *texts(about), **_place(stop.lon, stop.lat))
    at, words, lon, lat = each.at_text, each.flag_words, each.lon.tolist(), each.lat.tolist()
    for index in (*each.lone, *each.flagged):
        about = {"time": at[index], "name": each.label, "desc": words[index]}
        about["type"] = "flagged" if words[index] else "fix"
        yield element("wpt", *texts(about), **_place(lon[index], lat[index]))


def _write_track(xml: Any, each: ExportedTrack) -> None:
    at, lon, lat = each.at_text, each.lon.tolist(), each.lat.tolist()
    altitude_m = each.measured.altitude_m.round(1)
    known = np.isfinite(altitude_m).tolist()
    with xml.element("trk"):
        xml.write(element("name", text=plain(each.label)))
        for segment in each.segments:
            with xml.element("trkseg"):
                for index in segment.tolist():
                    point = etree.Element("trkpt", _place(lon[index], lat[index]))
                    if known[index]:
                        etree.SubElement(point, "ele").text = f"{altitude_m[index]}"
                    etree.SubElement(point, "time").text = at[index]
                    xml.write(point)


def _place(lon: float, lat: float) -> dict[str, str]:
    """xsd:decimal knows no exponent."""
    return {"lat": f"{lat:.{DIGITS}f}", "lon": f"{lon:.{DIGITS}f}"}
