"""A track as a file, read back with other libraries than those that wrote it."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from data.audit import AuditFilter, list_records
from data.database import Database
from data.schema import units
from tests.morning import ALL_DAY, EAST, START, WEST, make_town, morning

SignIn = Callable[..., dict[str, str]]
WHY = "群众反映：<核实> & 回复"
FORMATS = ("gpx", "geojson", "csv")


@pytest.fixture
def town(database: Database) -> int:
    staff_id = make_town(database)
    with database.begin() as conn:
        conn.execute(update(units).where(units.c.code == "GW-001").values(name="王小明"))
    return staff_id


def export(
    client: TestClient, headers: dict[str, str], to: str = "gpx", unit: str = "GW-001", **query: str
) -> Any:
    return client.get(
        f"/api/v1/units/{unit}/track/export",
        params={**ALL_DAY, "format": to, "reason": WHY, **query},
        headers=headers,
    )


def exported(*arguments: Any, **query: str) -> bytes:
    answer = export(*arguments, **query)
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


def test_gdal_reads_the_gpx(client: TestClient, sign_in: SignIn, town: int, tmp_path: Path) -> None:
    file = tmp_path / "track.gpx"
    file.write_bytes(exported(client, sign_in("dispatcher"), "gpx"))
    [track] = gpd.read_file(file, layer="tracks").itertuples()
    assert (track.name, track.geometry.geom_type) == ("GW-001 王小明", "MultiLineString")
    assert len(track.geometry.geoms) == 2  # out and back
    points = gpd.read_file(file, layer="track_points")
    assert points.time.min() == START
    believed = [fix for fix in morning() if fix["north_m"] < 10_000]
    assert 0 < len(points) <= len(believed)
    assert points.geometry.y.max() < 34.52  # the jump is no part of a trip
    [stop] = gpd.read_file(file, layer="waypoints").itertuples()
    assert stop.type == "stop"
    assert stop.geometry.distance(track.geometry) < 1e-3


def test_the_gpx_says_who_when_and_why(client: TestClient, sign_in: SignIn, town: int) -> None:
    file = exported(client, sign_in("dispatcher"), "gpx")
    info = pyogrio.read_info(io.BytesIO(file), layer="tracks")
    metadata = info["dataset_metadata"]
    assert metadata["AUTHOR_NAME"].startswith("dispatcher-")
    assert metadata["NAME"] == "GW-001 王小明"
    assert metadata["DESCRIPTION"].endswith(f"Reason: {WHY}")
    assert metadata["TIME"][:10] == f"{datetime.now(UTC):%Y-%m-%d}"


def test_geopandas_reads_the_geojson(client: TestClient, sign_in: SignIn, town: int) -> None:
    answer = export(client, sign_in("dispatcher"), "geojson")
    frame = gpd.read_file(io.BytesIO(answer.content))
    assert frame.crs.to_epsg() == 4326
    assert frame["kind"].tolist() == ["trip", "trip", "stop", "gap"]
    members = answer.json()
    assert (members["unit"], members["name"], members["reason"]) == ("GW-001", "王小明", WHY)
    assert members["exported_by"].startswith("dispatcher-")
    assert datetime.fromisoformat(members["exported_at"]) <= datetime.now(UTC)


def test_pandas_reads_the_csv(client: TestClient, sign_in: SignIn, town: int) -> None:
    file = exported(client, sign_in("dispatcher"), "csv")
    assert file.startswith(b"\xef\xbb\xbfunit,name,at,")  # or Excel reads no Chinese
    frame = pd.read_csv(io.BytesIO(file), parse_dates=["at"])
    assert len(frame) == len(morning())
    assert (frame["at"].iloc[0], frame["local_time"].iloc[0]) == (START, "2026-11-20 08:00:00")
    assert frame["believed"].tolist().count(False) == 1
    assert frame["lon"].unique().tolist() == [118.65]
    assert frame["accuracy_m"].isna().all()
    assert set(frame["unit"]) == {"GW-001"}
    assert set(frame["name"]) == {"王小明"}
    assert set(frame["reason"]) == {WHY}
    [exported_by] = set(frame["exported_by"])
    assert exported_by.startswith("dispatcher-")


@pytest.mark.parametrize("to", FORMATS)
def test_a_time_without_fixes_is_a_file_without_any(
    client: TestClient, sign_in: SignIn, town: int, to: str
) -> None:
    answer = export(client, sign_in("dispatcher"), to, unit="GW-002")
    assert answer.status_code == 200
    assert b"2026-11-20 08" not in answer.content


@pytest.mark.parametrize("to", FORMATS)
def test_no_name_is_in_the_file_of_somebody_who_may_read_none(
    client: TestClient, sign_in: SignIn, town: int, to: str
) -> None:
    file = exported(client, sign_in("analyst"), to).decode()
    assert "王小明" not in file
    assert "GW-001" in file


@pytest.mark.parametrize("to", FORMATS)
def test_a_file_has_its_name_and_is_not_kept_on_the_way(
    client: TestClient, sign_in: SignIn, database: Database, town: int, to: str
) -> None:
    with database.begin() as conn:
        conn.execute(update(units).where(units.c.code == "GW-001").values(code='巡"1;\\'))
    headers = export(client, sign_in("dispatcher"), to, unit='巡"1;\\').headers
    assert headers["content-disposition"] == (
        f'attachment; filename="track-__1__-20261120T0800-20261121T0800.{to}"; '
        f"filename*=UTF-8''track-%E5%B7%A1%221%3B%5C-20261120T0800-20261121T0800.{to}"
    )
    assert headers["cache-control"] == "no-store"


def test_no_cell_is_a_formula(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    formula = "=HYPERLINK(A1)"
    with database.begin() as conn:
        conn.execute(update(units).where(units.c.code == "GW-001").values(name="+1"))
    file = exported(client, sign_in("dispatcher"), "csv", reason=formula)
    frame = pd.read_csv(io.BytesIO(file))
    assert set(frame["name"]) == {"'+1"}
    assert set(frame["reason"]) == {f"'{formula}"}


@pytest.mark.parametrize("query", [{"reason": ""}, {"reason": "x"}])
def test_an_export_always_needs_a_reason(
    client: TestClient, sign_in: SignIn, database: Database, town: int, query: dict[str, str]
) -> None:
    for headers in (sign_in("dispatcher"), sign_in("grid_worker", staff_id=town)):
        answer = export(client, headers, **query)
        assert (answer.status_code, answer.json()["field"]) == (422, "reason")
    with database.begin() as conn:
        assert list_records(conn, AuditFilter(), limit=1) == []


def test_every_export_is_on_the_record_ones_own_too(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    exported(client, sign_in("grid_worker", staff_id=town), "csv")
    exported(client, sign_in("grid_chief", grid_code=EAST), "gpx")
    with database.begin() as conn:
        second, first = list_records(conn, AuditFilter(), limit=9)
    assert (first.role, first.action, first.subject) == (
        "grid_worker",
        "track.export",
        "unit GW-001",
    )
    assert (second.role, second.reason) == ("grid_chief", WHY)
    assert dict(second.details) == {**ALL_DAY, "fixes": len(morning()), "format": "gpx"}


def test_who_may_not_export_may_not(client: TestClient, sign_in: SignIn, town: int) -> None:
    assert export(client, sign_in("grid_worker", grid_code=EAST)).status_code == 403
    assert export(client, sign_in("grid_worker", staff_id=town), unit="GW-002").status_code == 403
    assert export(client, sign_in("grid_chief", grid_code=WEST)).status_code == 403
    assert export(client, sign_in("gateway")).status_code == 403
    assert export(client, sign_in("dispatcher"), unit="GW-404").status_code == 404
    assert export(client, sign_in("dispatcher"), to="kml").status_code == 422
