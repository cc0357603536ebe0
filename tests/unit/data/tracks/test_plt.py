import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from data.tracks import RefusedPart, Track, find_track_files, read_plt, unit_of_folder
from data.tracks.measured import Measured
from gis.errors import UnreadableFile

ALTITUDE = Measured._fields.index("altitude_m")

HEADER = (
    "Geolife trajectory\r\nWGS 84\r\nAltitude is in Feet\r\nReserved 3\r\n0,2,255,My Track\r\n0\r\n"
)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def fix(
    time: str = "02:53:04", lat: object = 39.98, lon: object = 116.31, feet: object = 492
) -> str:
    return f"{lat},{lon},0,{feet},39744.12,2008-10-23,{time}"


def read(tmp_path: Path, *lines: str) -> Track:
    path = tmp_path / "track.plt"
    path.write_bytes((HEADER + "\r\n".join(lines) + "\r\n").encode())
    return read_plt(path, now=NOW)


def test_a_fix_is_in_utc_with_its_altitude_in_metres(tmp_path: Path) -> None:
    track = read(tmp_path, fix())
    assert track.at.tolist() == [datetime(2008, 10, 23, 2, 53, 4)]  # noqa: DTZ001
    assert (track.lon.tolist(), track.lat.tolist()) == ([116.31], [39.98])
    assert Measured(*track.measured[0]).altitude_m == pytest.approx(149.96, abs=0.01)
    assert track.number.tolist() == [7]


def test_an_altitude_of_minus_777_is_unknown(tmp_path: Path) -> None:
    track = read(tmp_path, fix(feet=-777), fix("02:53:05", feet=-776))
    assert np.isnan(track.measured[:, ALTITUDE]).tolist() == [True, False]


def test_positions_that_share_a_second_are_kept_a_millisecond_apart(tmp_path: Path) -> None:
    track = read(tmp_path, fix(lon=116.31), fix(lon=116.32), fix(lon=116.33), fix("02:53:05"))
    assert (track.at - track.at[0]).astype(int).tolist() == [0, 1_000, 2_000, 1_000_000]
    assert track.lon.tolist() == [116.31, 116.32, 116.33, 116.31]
    assert track.repeats == 0


def test_the_same_place_in_the_same_second_is_one_fix(tmp_path: Path) -> None:
    track = read(tmp_path, fix(), fix(lon=116.32), fix(feet=500), fix(lon=116.32))
    assert (len(track), track.repeats, track.read) == (2, 2, 4)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("39.98,116.31,0", "it has 3 values instead of 7"),
        (fix(lat="north"), "latitude, longitude or altitude is not a number"),
        (fix(lat=400.166667), "latitude 400.167, longitude 116.31 is not on the earth"),
        (fix(lat=116.31, lon=39.98), "latitude 116.31, longitude 39.98 is not on the earth"),
        (fix(lat=math.nan), "latitude nan, longitude 116.31 is not on the earth"),
        (fix(lat=0, lon=0), "0, 0 is where a receiver is that does not know its place"),
        (fix(time="25:00:00"), "2008-10-23 25:00:00 is not a date and time"),
        (fix().replace("2008", "2108"), "its time is in the future"),
    ],
)
def test_a_line_that_is_no_fix_is_refused_and_the_rest_is_read(
    tmp_path: Path, line: str, reason: str
) -> None:
    track = read(tmp_path, fix(), line, fix("02:53:05"))
    assert len(track) == 2
    assert track.refused == (RefusedPart(number=8, reason=reason),)


def test_a_second_has_room_for_a_thousand_positions(tmp_path: Path) -> None:
    track = read(tmp_path, *(fix(lon=116 + number / 10_000) for number in range(1001)))
    assert len(track) == 1000
    assert track.refused[0].number == 1007


def test_a_file_with_no_fixes_is_an_empty_track(tmp_path: Path) -> None:
    assert len(read(tmp_path)) == 0


@pytest.mark.parametrize(
    "content", [b"", b"OziExplorer Track Point File Version 2.1\n", b"\xff\xfe"]
)
def test_a_file_that_is_not_geolife_s_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.plt"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"other\.plt is not a Geolife track"):
        read_plt(path, now=NOW)


def test_files_are_found_below_folders_and_once(tmp_path: Path) -> None:
    for name in ("001/Trajectory/b.plt", "000/Trajectory/a.PLT", "000/labels.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    first, second = tmp_path / "000/Trajectory/a.PLT", tmp_path / "001/Trajectory/b.plt"
    assert find_track_files([tmp_path, first]) == [first, second]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nowhere", "does not exist"),
        ("", "holds no .plt or .gpx file"),
        ("a.doc", "no kind of track"),
    ],
)
def test_paths_without_tracks_are_refused(tmp_path: Path, name: str, reason: str) -> None:
    if name == "a.doc":
        (tmp_path / name).touch()
    with pytest.raises(UnreadableFile, match=reason):
        find_track_files([tmp_path / name])


@pytest.mark.parametrize(
    ("path", "unit"),
    [("Data/000/Trajectory/20081023025304.plt", "000"), ("GW-017/20081023.plt", "GW-017")],
)
def test_the_folder_names_the_unit(path: str, unit: str) -> None:
    assert unit_of_folder(Path(path)) == unit


def test_real_loggers_left_one_altitude_out_in_each_of_these(real_data: Path) -> None:
    unknown = {}
    for path in sorted((real_data / "geolife_sentinel").glob("*.plt")):
        track = read_plt(path, now=NOW)
        unknown[path.name[:3]] = track.number[np.isnan(track.measured[:, ALTITUDE])].tolist()
    assert unknown == {"002": [600], "030": [746], "039": [2965]}
