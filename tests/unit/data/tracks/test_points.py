"""Tables of points: whatever the file is, the same fixes; whatever is missing is named."""

import gzip
import json
import math
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas
import pandas
import pytest
from shapely import LineString, Point

from data.files.crs import parse_crs
from data.tracks import PointColumns, parse_columns, read_points
from data.tracks.track import Track
from gis.errors import InvalidInput, UnreadableFile

NOW = datetime(2026, 11, 22, tzinfo=UTC)
AT = ["2026-11-20T00:00:00Z", "2026-11-20T08:00:05+08:00"]
INSTANTS = [datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 20, 0, 0, 5, tzinfo=UTC)]
PLACES = [(118.6, 34.5), (118.601, 34.5)]


def written(folder: Path, text: str | bytes, name: str = "a.csv") -> Path:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def read(file: Path, **options: object) -> Track:
    [track] = read_points(file, PointColumns(), now=NOW, **options).values()  # type: ignore[arg-type]
    return track


def fixes(track: Track) -> list[tuple[datetime, float, float]]:
    return [
        (at.replace(tzinfo=UTC), lon, lat)
        for at, lon, lat in zip(track.at.tolist(), track.lon, track.lat, strict=True)
    ]


EXPECTED = [(at, *place) for at, place in zip(INSTANTS, PLACES, strict=True)]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "header", ["time,lon,lat", "时间,经度,纬度", "Timestamp,Longitude,Latitude"]
)
def test_a_text_says_what_is_what_in_its_header(
    tmp_path: Path, separator: str, header: str
) -> None:
    lines = [header, *(f"{at},{lon},{lat}" for at, (lon, lat) in zip(AT, PLACES, strict=True))]
    file = written(tmp_path, "\n".join(lines).replace(",", separator))
    assert fixes(read(file)) == EXPECTED


def test_a_text_may_be_compressed_and_of_excel_in_china(tmp_path: Path) -> None:
    text = f"时间,经度,纬度\n{AT[0]},118.6,34.5\n".encode("gb18030")
    assert fixes(read(written(tmp_path, gzip.compress(text), "a.csv.gz"))) == EXPECTED[:1]


def test_columns_without_a_header_are_named(tmp_path: Path) -> None:
    file = written(tmp_path, "34.5 118.6 0 1763596800\n34.5 118.601 1 1763596805000\n", "a.txt")
    columns = PointColumns(names=parse_columns("lat,lon,,time"))
    [track] = read_points(file, columns, now=NOW).values()
    first, second = (at for at, _, _ in fixes(track))
    assert (second - first).total_seconds() == 5
    assert track.number.tolist() == [1, 2]


def test_a_column_names_the_units(tmp_path: Path) -> None:
    file = written(tmp_path, f"bus,at,lon,lat\nA,{AT[0]},118.6,34.5\nB,{AT[0]},118.7,34.5\n")
    tracks = read_points(file, PointColumns(unit="bus"), now=NOW)
    assert {unit: track.lon.tolist() for unit, track in tracks.items()} == {
        "A": [118.6],
        "B": [118.7],
    }
    with pytest.raises(UnreadableFile, match="line 2 names no unit"):
        read_points(
            written(tmp_path, f"bus,at,lon,lat\n,{AT[0]},118.6,34.5\n"),
            PointColumns(unit="bus"),
            now=NOW,
        )


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".fgb", ".parquet"])
def test_points_of_a_map_are_a_track(tmp_path: Path, suffix: str) -> None:
    frame = geopandas.GeoDataFrame({"at": AT}, geometry=[Point(*p) for p in PLACES], crs=4326)
    file = tmp_path / f"a{suffix}"
    if suffix == ".parquet":
        frame.to_parquet(file)
    else:
        frame.to_file(file)
    assert sorted(fixes(read(file))) == EXPECTED  # FlatGeobuf has them by place


def test_a_parquet_table_has_real_times(tmp_path: Path) -> None:
    lon, lat = zip(*PLACES, strict=True)
    frame = pandas.DataFrame(
        {"t": pandas.to_datetime(AT, utc=True, format="ISO8601"), "x": lon, "y": lat}
    )
    frame.set_index("t").to_parquet(tmp_path / "a.parquet")
    assert fixes(read(tmp_path / "a.parquet")) == EXPECTED


def test_times_without_a_zone_need_one_said(tmp_path: Path) -> None:
    file = written(tmp_path, "at,lon,lat\n2026-11-20 08:00:00,118.6,34.5\n")
    with pytest.raises(UnreadableFile, match=r"line 2: its time has no zone.*--timezone"):
        read(file)
    assert fixes(read(file, zone=ZoneInfo("Asia/Shanghai"))) == EXPECTED[:1]


def test_coordinates_may_be_of_another_system(tmp_path: Path) -> None:
    file = written(tmp_path, f"at,lon,lat\n{AT[0]},118.6,34.5\n")
    track = read(file, crs=parse_crs("gcj02"))
    assert 0.001 < abs(track.lon[0] - 118.6) < 0.01


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"{AT[0]},x,34.5", "longitude 'x' is not a number"),
        (f"{AT[0]},218.6,34.5", "latitude 34.5, longitude 218.6 is not on the earth"),
        (f"{AT[0]},0,0", "0, 0 is where"),
        ("yesterday,118.6,34.5", "'yesterday' is not a date and time"),
        ("2027-01-01T00:00:00Z,118.6,34.5", "in the future"),
        (f"{AT[1]},118.7,34.5", "the unit was elsewhere at that time"),
        (AT[0], "it has 1 values"),
    ],
)
def test_a_row_that_is_no_fix_is_refused_with_its_line(
    tmp_path: Path, row: str, reason: str
) -> None:
    track = read(written(tmp_path, f"at,lon,lat\n{AT[1]},118.6,34.5\n{row}\n"))
    assert len(track) == 1
    [refused] = track.refused
    assert refused.number == 3
    assert reason in refused.reason


def test_what_is_said_twice_is_a_repeat(tmp_path: Path) -> None:
    track = read(written(tmp_path, "at,lon,lat\n" + 2 * f"{AT[0]},118.6,34.5\n"))
    assert (len(track), track.repeats, track.read) == (1, 1, 2)


@pytest.mark.parametrize(
    ("header", "columns", "words"),
    [
        ("when,lon,lat", PointColumns(), "no column for the time: it has when, lon, lat"),
        ("at,a,b", PointColumns(), "--lon-column"),
        ("at,lon,lat", PointColumns(time="t"), "no column 't'"),
        ("at,lon,lat", PointColumns(unit="bus"), "no column 'bus'"),
    ],
)
def test_a_column_that_is_missing_is_named(
    tmp_path: Path, header: str, columns: PointColumns, words: str
) -> None:
    with pytest.raises(UnreadableFile, match=words):
        read_points(written(tmp_path, f"{header}\n1,2,3\n"), columns, now=NOW)


def test_lines_and_other_things_are_no_points(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"at": AT[:1]}, geometry=[LineString(PLACES)], crs=4326)
    frame.to_file(tmp_path / "a.geojson")
    with pytest.raises(UnreadableFile, match="feature 1 is a LineString"):
        read(tmp_path / "a.geojson")
    with pytest.raises(UnreadableFile, match="as Parquet"):
        read(written(tmp_path, "no", "b.parquet"))
    with pytest.raises(UnreadableFile, match="Send it again"):
        read(written(tmp_path, "no", "b.csv.gz"))
    with pytest.raises(UnreadableFile, match="no file of points"):
        read(written(tmp_path, json.dumps({}), "b.doc"))


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidInput, match="same name"):
        parse_columns("lat,lat,time")


def test_what_a_device_measured_is_read_and_what_cannot_be_is_unknown(tmp_path: Path) -> None:
    track = read(
        written(
            tmp_path,
            "time,lon,lat,accuracy,speed_mps,heading,altitude,battery_pct,speed\n"
            f"{AT[0]},118.6,34.5,8.5,1.25,360,27,80,999\n"
            f"{AT[1]},118.601,34.5,0,-1,361,-777,,fast\n",
        )
    )
    assert track.refused == ()
    nothing = [math.isnan(value) for value in track.measured[1]]
    assert (track.measured[0].tolist(), nothing) == ([8.5, 1.25, 0.0, 27.0, 80.0], [True] * 5)
