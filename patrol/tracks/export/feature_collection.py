"""Tracks as GeoJSON, for GIS programs and web maps."""

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import numpy as np
import orjson

from data.exports.provenance import PeriodProvenance
from patrol.tracks.export.exported import ExportedTrack
from patrol.tracks.geojson import track_features, track_summary
from patrol.tracks.track import instant_of


def write_geojson(
    tracks: Iterable[ExportedTrack], out: BinaryIO, provenance: PeriodProvenance
) -> None:
    """The features of each unit's track, and all of its fixes as one MultiPoint with their columns as
    lists; with who, when and why as members of the collection, and the units in numbers at its end."""
    head = _json({"type": "FeatureCollection", **provenance.to_json()})
    out.write(head[:-1] + b',"features":[')
    units = []
    separator = b"\n"
    for each in tracks:
        for feature in _features(each):
            out.write(separator + _json(feature))
            separator = b",\n"
        units.append({"unit": each.code, "name": each.name, **track_summary(each.track)})
    out.write(b'\n],"units":' + _json(units) + b"}\n")


def _features(each: ExportedTrack) -> Iterator[dict[str, Any]]:
    whose = {"unit": each.code, "name": each.name}
    for feature in track_features(each.track):
        yield {**feature, "properties": {**feature["properties"], **whose}}
    if not len(each):
        return
    t_s = each.track.track.t_s
    yield {
        "type": "Feature",
        "geometry": {
            "type": "MultiPoint",
            "coordinates": np.column_stack([each.lon, each.lat]),
        },
        "properties": {
            "kind": "fixes",
            "from": instant_of(t_s.item(0)),
            "to": instant_of(t_s.item(-1)),
            "times": t_s.round(6),
            **each.measured.columns(),
            "flags": each.flag_words,
            **whose,
        },
    }


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
