import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from data.tracks import RefusedPart, Track, read_gpx
from data.tracks.measured import Measured
from gis.errors import UnreadableFile

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def point(
    time: str | None = "2026-11-21T08:00:00Z", lat: object = 34.5, lon: object = 118.6
) -> str:
    inner = "" if time is None else f"<time>{time}</time>"
    return f'<trkpt lat="{lat}" lon="{lon}"><ele>27.5</ele>{inner}</trkpt>'


def written(tmp_path: Path, inner: str, *, encoding: str = "utf-8") -> Path:
    path = tmp_path / "walk.gpx"
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    gpx = f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{inner}</gpx>'
    path.write_bytes((head + gpx).encode(encoding))
    return path


def read(tmp_path: Path, *points: str) -> Track:
    path = written(tmp_path, f"<trk><trkseg>{''.join(points)}</trkseg></trk>")
    return read_gpx(path, now=NOW)


def test_a_point_is_in_utc_with_its_altitude(tmp_path: Path) -> None:
    track = read(tmp_path, point("2026-11-21T16:00:00+08:00"), point("2026-11-21T08:00:01.5"))
    assert (track.at - np.datetime64("2026-11-21T08:00:00", "us")).astype(int).tolist() == [
        0,
        1_500_000,
    ]
    assert (track.lon[0], track.lat[0]) == (118.6, 34.5)
    assert Measured(*track.measured[0]).altitude_m == 27.5
    assert (track.part, track.number.tolist()) == ("point", [1, 2])


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (point(None), "it has no time"),
        (point("yesterday"), "it has no time"),
        (point("2026-11-22T00:00:01Z"), "its time is in the future"),
        (point(lat=118.6, lon=34.5), "latitude 118.6, longitude 34.5 is not on the earth"),
        (point(lat="nan"), "latitude nan, longitude 118.6 is not on the earth"),
        (point(lat=0, lon=0), "0, 0 is where a receiver is that does not know its place"),
    ],
)
def test_a_point_that_is_no_fix_is_refused_and_does_not_stop_the_rest(
    tmp_path: Path, wrong: str, reason: str
) -> None:
    track = read(tmp_path, point(), wrong, point("2026-11-21T08:00:09Z"))
    assert track.refused == (RefusedPart(number=2, reason=reason),)
    assert track.number.tolist() == [1, 3]
    assert track.read == 3


def test_points_count_through_all_tracks_and_segments(tmp_path: Path) -> None:
    first, second = point(), point("2026-11-21T08:00:01Z")
    inner = f"<trk><trkseg>{first}{point(None)}</trkseg><trkseg/></trk>"
    path = written(tmp_path, f"{inner}<trk><trkseg>{second}</trkseg></trk>")
    assert read_gpx(path, now=NOW).number.tolist() == [1, 3]


def test_points_of_one_time_are_kept_apart_whatever_comes_next(tmp_path: Path) -> None:
    times = ["00:00.000", "00:00.001", "00:00.000", "00:00.000"]
    points = [point(f"2026-11-21T08:{time}Z", lon=118 + i) for i, time in enumerate(times)]
    track = read(tmp_path, *points, points[0])
    assert (track.at - track.at[0]).astype(int).tolist() == [0, 1_000, 2_000, 3_000]
    assert track.repeats == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_file_is_read_whatever_it_is_written_in(tmp_path: Path, encoding: str) -> None:
    inner = f"<trk><name>巡逻</name><trkseg>{point()}</trkseg></trk>"
    assert len(read_gpx(written(tmp_path, inner, encoding=encoding), now=NOW)) == 1


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("", "has no track in it. Export"),
        ("<trk/>", "has no track in it. Export"),
        ('<wpt lat="1" lon="2"/><rte/><wpt lat="1" lon="3"/>', "only 2 waypoints and 1 route"),
        ("<trk><trkseg><trkpt lat='x' lon='2'/></trkseg></trk>", "or it is broken"),
        ("<trk><trkseg><trkpt lon='2'/></trkseg></trk>", "or it is broken"),
        ("<trk>", "or it is broken"),
    ],
)
def test_what_has_no_track_says_so(tmp_path: Path, inner: str, words: str) -> None:
    path = written(tmp_path, inner)
    with pytest.raises(UnreadableFile, match=words) as raised:
        read_gpx(path, now=NOW)
    assert str(path) in raised.value.message


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe", b"lat,lon", b"<html></html>", b"\xff\xfe<"]
)
def test_what_is_no_gpx_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "walk.gpx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile):
        read_gpx(path, now=NOW)


def test_entities_that_would_grow_without_end_are_not_expanded(tmp_path: Path) -> None:
    path = tmp_path / "walk.gpx"
    path.write_text('<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><gpx>&b;</gpx>')
    with pytest.raises(UnreadableFile, match="entities"):
        read_gpx(path, now=NOW)


_NONE = " has no track in it. Export the track itself."
_ONE_WAYPOINT = " has no track in it, only 1 waypoint. Export the track itself."
# Of each file: how many points became fixes and how many were refused, or what it has instead.
ODD_FILES: dict[str, tuple[int, int] | str] = {
    "Mojstrovka.gpx": (184, 0),
    "around-visnjan-with-car.gpx": (104, 0),
    "cerknicko-jezero-no-creator.gpx": (296, 0),
    "cerknicko-jezero-with-elevations-zero.gpx": (296, 0),
    "cerknicko-jezero-without-elevations.gpx": (295, 1),
    "cerknicko-jezero.gpx": (296, 0),
    "cerknicko-without-times.gpx": (5, 291),
    "custom_schema_locations.gpx": _NONE,
    "default_schema_locations.gpx": _NONE,
    "first_and_last_elevation.gpx": (10, 0),
    "gpx-with-node-with-comments.gpx": (1, 0),
    "gpx1.0_with_all_fields.gpx": (1, 0),
    "gpx1.1_with_all_fields.gpx": (1, 0),
    "gpx1.1_with_extensions.gpx": _ONE_WAYPOINT,
    "gpx1.1_with_extensions_without_namespaces.gpx": _ONE_WAYPOINT,
    "gpx_with_garmin_extension.gpx": _ONE_WAYPOINT,
    "korita-zbevnica.gpx": (513, 358),
    "route.gpx": " has no track in it, only 1 route. Export the track itself.",
    "track-with-empty-segment.gpx": (9, 0),
    "track-with-extremes.gpx": (0, 25),
    "track-with-less-sec-time.gpx": (2, 0),
    "track-with-small-floats.gpx": (0, 3),
    "track_with_dilution_errors.gpx": (0, 1),
    "track_with_speed.gpx": (3, 0),
    "unicode.gpx": " has no track in it, only 6 waypoints. Export the track itself.",
    "unicode2.gpx": _NONE,
    "unicode_with_bom.gpx": _ONE_WAYPOINT,
    "unicode_with_bom_noencoding.gpx": _ONE_WAYPOINT,
}


def test_odd_files_give_a_track_or_one_clear_sentence(real_data: Path) -> None:
    files = sorted((real_data / "gpx_edge").glob("*.gpx"))
    assert {file.name: _outcome(file) for file in files} == ODD_FILES


def _outcome(file: Path) -> tuple[int, int] | str:
    try:
        track = read_gpx(file, now=NOW)
    except UnreadableFile as error:
        return error.message.removeprefix(str(file))
    return len(track) + track.repeats, len(track.refused)


def test_speed_and_course_are_read_from_extensions(tmp_path: Path) -> None:
    at = "<time>2026-11-21T08:00:00Z</time>"
    garmin = "http://www.garmin.com/xmlschemas/TrackPointExtension/v2"
    track = read(
        tmp_path,
        f'<trkpt lat="34.5" lon="118.6">{at}<extensions>'
        f'<TrackPointExtension xmlns="{garmin}"><speed>1.25</speed><course>90</course>'
        "</TrackPointExtension></extensions></trkpt>",
    )
    measured = Measured(*track.measured[0].tolist())
    assert (measured.speed_mps, measured.heading_deg) == (1.25, 90.0)
    assert math.isnan(measured.accuracy_m)
