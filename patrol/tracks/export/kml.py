"""Tracks as KML 2.2, for Google Earth and its kin, with the time of every fix (gx:Track)."""

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import numpy as np
from lxml import etree

from data.exports.provenance import PeriodProvenance
from gis.geojson import DIGITS
from patrol.tracks.export.exported import ExportedTrack
from patrol.tracks.export.xml import Element, element, instant, texts
from patrol.tracks.track import instant_of

_NAMESPACE = "http://www.opengis.net/kml/2.2"
_GOOGLE = "http://www.google.com/kml/ext/2.2"
_GX = f"{{{_GOOGLE}}}"
_COLOURS = {
    "track": "ffb27200",
    "stop": "ff739e00",
    "flagged": "ff005ed5",
}  # alpha, blue, green, red


def write_kml(tracks: Iterable[ExportedTrack], out: BinaryIO, provenance: PeriodProvenance) -> None:
    """A folder for each unit: its track with a part from gap to gap, its stops with the time they
    lasted, and the fixes that are alone between two gaps or not believed, each at its time."""
    with etree.xmlfile(out, encoding="UTF-8") as xml:
        xml.write_declaration()
        with (
            xml.element("kml", {"xmlns": _NAMESPACE}, nsmap={"gx": _GOOGLE}),
            xml.element("Document"),
        ):
            about = {"name": provenance.subject, "description": str(provenance)}
            for head in (*texts(about), *_styles(), _extended_data(provenance)):
                xml.write(head)
            for each in tracks:
                with xml.element("Folder"):
                    xml.write(*texts({"name": each.label}))
                    _write_track(xml, each)
                    for placemark in (*_stops(each), *_moments(each)):
                        xml.write(placemark)


def _styles() -> Iterator[Element]:
    for kind, colour in _COLOURS.items():
        [line_colour, width] = texts({"color": colour, "width": "3"})
        [icon_colour] = texts({"color": colour})
        yield element(
            "Style",
            element("IconStyle", icon_colour),
            element("LineStyle", line_colour, width),
            id=kind,
        )


def _extended_data(provenance: PeriodProvenance) -> Element:
    return element(
        "ExtendedData",
        *(
            element("Data", *texts({"value": value}), name=key)
            for key, value in provenance.to_json().items()
        ),
    )


def _write_track(xml: Any, each: ExportedTrack) -> None:
    if not each.segments:
        return
    at, lon, lat = each.at_text, each.lon.tolist(), each.lat.tolist()
    altitude_m = np.nan_to_num(each.measured.altitude_m, nan=0.0).round(1).tolist()
    with xml.element("Placemark"):
        for head in texts({"name": each.label, "styleUrl": "#track"}):
            xml.write(head)
        with xml.element(f"{_GX}MultiTrack"):
            for segment in each.segments:
                with xml.element(f"{_GX}Track"):
                    for index in segment.tolist():
                        with xml.element("when"):
                            xml.write(at[index])
                    for index in segment.tolist():
                        with xml.element(f"{_GX}coord"):
                            xml.write(
                                f"{lon[index]:.{DIGITS}f} {lat[index]:.{DIGITS}f} {altitude_m[index]}"
                            )


def _stops(each: ExportedTrack) -> Iterator[Element]:
    for stop in each.track.analysis.stops:
        begin, end = (instant(instant_of(at_s)) for at_s in (stop.from_s, stop.to_s))
        lasted = element("TimeSpan", *texts({"begin": begin, "end": end}))
        text = f"{begin} – {end}"
        yield _placemark(each, "stop", text, lasted, (stop.lon, stop.lat))


def _moments(each: ExportedTrack) -> Iterator[Element]:
    at, words, lon, lat = each.at_text, each.flag_words, each.lon.tolist(), each.lat.tolist()
    for index in (*each.lone, *each.flagged):
        moment = element("TimeStamp", *texts({"when": at[index]}))
        kind = "flagged" if words[index] else "fix"
        yield _placemark(each, kind, words[index], moment, (lon[index], lat[index]))


def _placemark(
    each: ExportedTrack, kind: str, text: str, time: Element, lonlat: tuple[float, float]
) -> Element:
    name = {"name": f"{each.label} · {kind}", "description": text}
    lon, lat = lonlat
    return element(
        "Placemark",
        *texts(name),
        time,
        *texts({"styleUrl": f"#{kind}"}),
        element("Point", *texts({"coordinates": f"{lon:.{DIGITS}f},{lat:.{DIGITS}f}"})),
    )
