"""Each format, read back with another library than the one that wrote it, and compared fix for fix.

A town of four: one has had its morning (`tests.morning`), one a single fix, one none, and one a drive
with everything a device can say.
"""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb
import fastkml
import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import python_calamine
import shapely
from fastkml.gx import MultiTrack
from fastkml.utils import find_all
from sqlalchemy import text
from starlette.testclient import TestClient

from data.database import Database
from patrol.tracks.export import ExportFormat
from tests.morning import ALL_DAY, START, TOWN, WEST, make_town, morning

SignIn = Callable[..., dict[str, str]]
WHY = "群众反映：<核实> & 回复"
NAMES = {
    "GW-001": '王小明 & <"队长"> 😀',
    "GW-002": "=cmd|'/c calc'!A1",
    "JD-01": "苏G·12345",
    "一号&<车>": "巡逻车",
}
LOCAL_ZONE = timedelta(hours=8)


class FixRow(NamedTuple):
    """`at` to the millisecond, which is what Excel has."""

    unit: str
    at: datetime
    lon: float
    lat: float
    believed: bool


@pytest.fixture
def town(database: Database) -> list[FixRow]:
    """All fixes, by unit and time."""
    make_town(database)
    with database.begin() as conn:
        for code in ("JD-01", "一号&<车>"):
            conn.execute(
                text(
                    "INSERT INTO units (code, kind, name, role, grid_code) "
                    "VALUES (:code, 'vehicle', '', 'vehicle', :grid)"
                ),
                {"code": code, "grid": WEST},
            )
        for code, name in NAMES.items():
            conn.execute(
                text("UPDATE units SET name = :name WHERE code = :code"),
                {"code": code, "name": name},
            )
        conn.execute(
            text(
                "INSERT INTO fixes (unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, "
                "altitude_m, battery_pct) SELECT id, :at, 118.55, 34.45, 6.5, 3.25, 90, 12.5, 80 "
                "FROM units WHERE code = 'JD-01'"
            ),
            {"at": START},
        )
        conn.execute(
            text(
                "INSERT INTO fixes (unit_id, at, lon, lat) SELECT id, :at "
                "+ n * interval '2.345 s', 118.5 + n * 1e-4, 34.5 FROM units, "
                "generate_series(0, 50) AS n WHERE code = '一号&<车>'"
            ),
            {"at": START},
        )
        rows = conn.execute(
            text(
                "SELECT code, at, lon, lat, lat < 35 FROM fixes JOIN units ON units.id = unit_id "
                'ORDER BY code COLLATE "C", at'
            )
        ).all()
    return [FixRow(*row) for row in rows]


@pytest.fixture
def export(
    client: TestClient, sign_in: SignIn, town: list[FixRow], tmp_path: Path
) -> Callable[[ExportFormat], Path]:
    def export(to: ExportFormat) -> Path:
        answer = client.get(
            "/api/v1/tracks/export",
            params={**ALL_DAY, "grid": TOWN, "format": to, "reason": WHY},
            headers=sign_in("dispatcher"),
        )
        assert answer.status_code == 200, answer.text
        file = tmp_path / f"tracks{to.suffix}"
        file.write_bytes(answer.content)
        return file

    return export


def same(read: list[FixRow], expected: list[FixRow], *, tolerance_s: float = 0) -> None:
    read = sorted(read, key=lambda fix: (fix.unit.encode(), fix.at))
    assert [(fix.unit, fix.believed) for fix in read] == [
        (fix.unit, fix.believed) for fix in expected
    ]
    for one, other in zip(read, expected, strict=True):
        assert abs((one.at - other.at).total_seconds()) <= tolerance_s, (one, other)
        assert one.lon == pytest.approx(other.lon, abs=6e-8)
        assert one.lat == pytest.approx(other.lat, abs=6e-8)


def code_of(label: str) -> str:
    """Of "GW-001 王小明"."""
    return label.split(" ", maxsplit=1)[0]


def test_gdal_reads_every_fix_of_the_gpx(
    export: Callable[[ExportFormat], Path], town: list[FixRow]
) -> None:
    file = export(ExportFormat.GPX)
    tracks = gpd.read_file(file, layer="tracks")
    assert [name.partition(" ")[2] for name in tracks["name"]] == [
        NAMES["GW-001"],
        NAMES["一号&<车>"],
    ]
    points = gpd.read_file(file, layer="track_points")
    units = [code_of(tracks["name"][track]) for track in points["track_fid"]]
    read = [
        FixRow(unit, at.to_pydatetime(), point.x, point.y, True)
        for unit, at, point in zip(units, points["time"], points.geometry, strict=True)
    ]
    waypoints = gpd.read_file(file, layer="waypoints")
    read += [
        FixRow(
            code_of(one.name),
            one.time.to_pydatetime(),
            one.geometry.x,
            one.geometry.y,
            one.type == "fix",
        )
        for one in waypoints.itertuples()
        if one.type != "stop"
    ]
    same(read, town, tolerance_s=0.001)  # GDAL keeps milliseconds
    assert sorted(waypoints["type"]) == ["fix", "flagged", "stop"]
    assert waypoints.loc[waypoints["type"] == "flagged", "desc"].tolist() == ["speed"]
    metadata = pyogrio.read_info(file, layer="tracks")["dataset_metadata"]
    assert metadata["NAME"] == f"grid {TOWN}"
    assert metadata["DESCRIPTION"].endswith(f"Reason: {WHY}")


def test_fastkml_reads_every_fix_of_the_kml(
    export: Callable[[ExportFormat], Path], town: list[FixRow]
) -> None:
    document = fastkml.KML.parse(export(ExportFormat.KML)).features[0]
    assert document.name == f"grid {TOWN}"
    assert document.description.endswith(f"Reason: {WHY}")
    data = {each.name: each.value for each in document.extended_data.elements}
    assert (data["reason"], data["exported_by"][:11]) == (WHY, "dispatcher-")
    assert [folder.name.partition(" ")[2] for folder in document.features] == list(NAMES.values())
    read = []
    for folder in document.features:
        unit = code_of(folder.name)
        for track in find_all(folder, of_type=MultiTrack):
            for part in track.tracks:
                read += [
                    FixRow(unit, item.when.dt.astimezone(UTC), *item.coord.coords[0][:2], True)
                    for item in part.track_items
                ]
        read += [
            FixRow(
                unit,
                place.times.timestamp.dt,
                place.geometry.x,
                place.geometry.y,
                place.name.endswith("fix"),
            )
            for place in folder.features
            if place.name.endswith(("fix", "flagged"))
        ]
    same(read, town)


def test_gdal_reads_lines_and_stops_of_the_kml(export: Callable[[ExportFormat], Path]) -> None:
    file = export(ExportFormat.KML)
    layers = pyogrio.list_layers(file)[:, 0].tolist()
    assert [code_of(layer) for layer in layers] == list(NAMES)
    frame = gpd.read_file(file, layer=layers[0])
    assert sorted(frame.geometry.geom_type) == ["MultiLineString", "Point", "Point"]
    [line] = frame[frame.geometry.geom_type == "MultiLineString"].geometry
    assert [len(part.coords) for part in line.geoms] == [240, 61]  # before and after the gap


def test_geopandas_reads_every_fix_of_the_geojson(
    export: Callable[[ExportFormat], Path], town: list[FixRow]
) -> None:
    file = export(ExportFormat.GEOJSON)
    frame = gpd.read_file(file)
    assert frame.crs.to_epsg() == 4326
    assert set(frame["name"]) == {NAMES[code] for code in NAMES if code != "GW-002"}
    read = [
        FixRow(row.unit, datetime.fromtimestamp(t, UTC), point.x, point.y, not flag)
        for row in frame[frame["kind"] == "fixes"].itertuples()
        for t, point, flag in zip(row.times, row.geometry.geoms, row.flags, strict=True)
    ]
    same(read, town, tolerance_s=1e-6)
    members = json.loads(file.read_text())
    assert members["reason"] == WHY
    assert [unit["fixes"] for unit in members["units"]] == [len(morning()), 0, 1, 51]
    [drive] = [
        feature["properties"]
        for feature in members["features"]
        if feature["properties"]["unit"] == "JD-01" and feature["properties"]["kind"] == "fixes"
    ]
    assert (drive["accuracy_m"], drive["speed_mps"], drive["battery_pct"]) == ([6.5], [3.25], [80])


def test_csv_has_every_fix_and_no_formula(
    export: Callable[[ExportFormat], Path], town: list[FixRow]
) -> None:
    file = export(ExportFormat.CSV)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")  # or Excel reads no Chinese
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    read = [
        FixRow(
            row["unit"],
            datetime.fromisoformat(row["at"]),
            float(row["lon"]),
            float(row["lat"]),
            row["believed"] == "true",
        )
        for row in rows
    ]
    same(read, town)
    assert {row["name"] for row in rows} == {NAMES[fix.unit] for fix in town}
    assert {row["reason"] for row in rows} == {WHY}
    assert [row["flag"] for row in rows if row["flag"]] == ["speed"]
    [drive] = [row for row in rows if row["unit"] == "JD-01"]
    assert (drive["local_time"], drive["speed_mps"]) == ("2026-11-20 08:00:00", "3.25")


def test_calamine_reads_every_fix_of_the_workbook(
    export: Callable[[ExportFormat], Path], town: list[FixRow]
) -> None:
    book = python_calamine.CalamineWorkbook.from_path(export(ExportFormat.XLSX))
    assert book.sheet_names == ["summary", "fixes", "stops", "gaps"]
    header, *rows = book.get_sheet_by_name("fixes").to_python()
    assert header[2] == "local time (Asia/Shanghai, UTC+08:00)"
    believed = header.index("believed")
    read = [
        FixRow(row[0], (row[2] - LOCAL_ZONE).replace(tzinfo=UTC), row[3], row[4], row[believed])
        for row in rows
    ]
    same(read, town, tolerance_s=0.001)
    assert [row[-1] for row in rows if row[-1]] == ["speed"]
    summary = book.get_sheet_by_name("summary").to_python()
    said = {row[0]: row[1] for row in summary[:6]}
    assert (said["reason"], said["about"]) == (WHY, f"grid {TOWN}")
    assert said["from, local time (Asia/Shanghai, UTC+08:00)"] == START.replace(tzinfo=None, hour=8)
    assert [tuple(row[:3]) for row in summary[-4:]] == [
        ("GW-001", NAMES["GW-001"], len(morning())),
        ("GW-002", NAMES["GW-002"], 0),
        ("JD-01", NAMES["JD-01"], 1),
        ("一号&<车>", NAMES["一号&<车>"], 51),
    ]
    assert len(book.get_sheet_by_name("stops").to_python()) == 2
    assert len(book.get_sheet_by_name("gaps").to_python()) == 2


def test_no_cell_of_the_workbook_is_a_formula(export: Callable[[ExportFormat], Path]) -> None:
    with zipfile.ZipFile(export(ExportFormat.XLSX)) as book:
        sheets = [name for name in book.namelist() if "/worksheets/sheet" in name]
        assert len(sheets) == 4
        assert not any(b"<f" in book.read(name).replace(b"<fo", b"") for name in sheets)


def test_duckdb_reads_every_fix_of_the_geoparquet(
    export: Callable[[ExportFormat], Path], town: list[FixRow]
) -> None:
    file = export(ExportFormat.GEOPARQUET)
    with duckdb.connect(":memory:") as duck:
        found = dict(
            duck.execute(
                "SELECT decode(key), decode(value) FROM parquet_kv_metadata(?)", [str(file)]
            ).fetchall()
        )
        rows = duck.execute(
            'SELECT unit, epoch_us("at"), ST_AsWKB(geometry), believed FROM read_parquet(?)',
            [str(file)],
        ).fetchall()
    read = []
    for unit, at_us, wkb, believed in rows:
        point = shapely.from_wkb(bytes(wkb))
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
        read.append(FixRow(unit, at, point.x, point.y, believed))
    same(read, town)
    geo = json.loads(found["geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    column = geo["columns"]["geometry"]
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["Point"])
    assert json.loads(found["wangge"])["reason"] == WHY


def test_geopandas_takes_the_geoparquet_for_one(export: Callable[[ExportFormat], Path]) -> None:
    frame = gpd.read_parquet(export(ExportFormat.GEOPARQUET))
    assert frame.crs == "OGC:CRS84"
    assert set(frame["name"]) == {NAMES[code] for code in NAMES if code != "GW-002"}
    assert frame.loc[frame["unit"] == "JD-01", "heading_deg"].tolist() == [90]
    assert frame.loc[frame["unit"] == "GW-001", "heading_deg"].isna().all()
    assert isinstance(frame["at"].dtype, pd.DatetimeTZDtype)
