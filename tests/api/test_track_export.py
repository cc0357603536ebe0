"""Tracks as files: who may have them, what they are called, and what the audit says. What is in them is
in `test_export_formats`."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from fastapi import FastAPI
from sqlalchemy import text, update
from starlette.testclient import TestClient

from data.audit import AuditFilter, list_records
from data.database import Database
from data.schema import units
from patrol.tracks.export import ExportFormat
from tests.morning import ALL_DAY, EAST, START, TOWN, WEST, make_town, morning

SignIn = Callable[..., dict[str, str]]
WHY = "群众反映：<核实> & 回复"
FORMATS = [to.value for to in ExportFormat]


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


def text_of(file: bytes, to: str) -> str:
    """Everything in it that can be read."""
    if to == "xlsx":
        with zipfile.ZipFile(io.BytesIO(file)) as book:
            return "".join(book.read(name).decode() for name in book.namelist())
    if to == "geoparquet":
        table = pq.read_table(io.BytesIO(file))
        return f"{table.to_pylist()}{shapely.from_wkb(table['geometry'].to_pylist())}"
    return file.decode()


@pytest.mark.parametrize("to", FORMATS)
def test_a_time_without_fixes_is_a_file_without_any(
    client: TestClient, sign_in: SignIn, town: int, to: str
) -> None:
    answer = export(client, sign_in("dispatcher"), to, unit="GW-002")
    assert answer.status_code == 200
    assert "118.65" not in text_of(answer.content, to)


@pytest.mark.parametrize("to", FORMATS)
def test_no_name_is_in_the_file_of_somebody_who_may_read_none(
    client: TestClient, sign_in: SignIn, town: int, to: str
) -> None:
    file = text_of(exported(client, sign_in("analyst"), to), to)
    assert "王小明" not in file
    assert "GW-001" in file
    assert "王小明" in text_of(exported(client, sign_in("dispatcher"), to), to)


@pytest.mark.parametrize("to", FORMATS)
def test_a_file_has_its_name_and_is_not_kept_on_the_way(
    client: TestClient, sign_in: SignIn, database: Database, town: int, to: str
) -> None:
    with database.begin() as conn:
        conn.execute(update(units).where(units.c.code == "GW-001").values(code='巡"1;\\'))
    suffix = ExportFormat(to).suffix
    headers = export(client, sign_in("dispatcher"), to, unit='巡"1;\\').headers
    assert headers["content-disposition"] == (
        f'attachment; filename="track-__1__-20261120T0800-20261121T0800{suffix}"; '
        f"filename*=UTF-8''track-%E5%B7%A1%221%3B%5C-20261120T0800-20261121T0800{suffix}"
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
    assert export(client, sign_in("dispatcher"), to="shp").status_code == 422


def export_many(client: TestClient, headers: dict[str, str], **query: str) -> Any:
    return client.get(
        "/api/v1/tracks/export",
        params={**ALL_DAY, "format": "csv", "reason": WHY, **query},
        headers=headers,
    )


def units_in(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.text
    return set(pd.read_csv(io.BytesIO(answer.content))["unit"])


def test_a_file_of_many_is_one_record_with_every_unit(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    answer = export_many(client, sign_in("dispatcher"), grid=TOWN)
    assert units_in(answer) == {"GW-001"}  # GW-002 has no fix
    assert 'filename="track-grid-320722001-2026' in answer.headers["content-disposition"]
    answer = export_many(client, sign_in("dispatcher"), units="GW-002,GW-001")
    assert 'filename="track-2-units-2026' in answer.headers["content-disposition"]
    with database.begin() as conn:
        by_units, by_grid = list_records(conn, AuditFilter(), limit=9)
    assert (by_grid.action, by_grid.subject, by_grid.reason) == (
        "track.export",
        f"grid {TOWN}",
        WHY,
    )
    said = {**ALL_DAY, "fixes": len(morning()), "format": "csv"}
    assert dict(by_grid.details) == {**said, "units": ["GW-001", "GW-002"]}
    assert (by_units.subject, dict(by_units.details)) == (
        None,
        {**said, "units": ["GW-002", "GW-001"]},
    )


def test_a_file_of_many_is_for_whoever_may_export_all_of_them(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    chief = sign_in("grid_chief", grid_code=WEST)
    assert export_many(client, chief, units="GW-002").status_code == 200
    assert export_many(client, chief, units="GW-002,GW-001").status_code == 403
    assert export_many(client, chief, grid=TOWN).status_code == 403
    own = sign_in("grid_worker", staff_id=town)
    assert units_in(export_many(client, own, units="GW-001")) == {"GW-001"}
    assert export_many(client, own, grid=EAST).status_code == 403
    assert export_many(client, sign_in("gateway"), grid=TOWN).status_code == 403
    assert export_many(client, sign_in("dispatcher"), units="GW-404").status_code == 404
    assert export_many(client, sign_in("dispatcher"), grid="404").status_code == 404
    with database.begin() as conn:
        assert len(list_records(conn, AuditFilter(), limit=9)) == 2


def test_too_much_for_one_file_says_how_much_is_possible(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO units (code, kind, name, role, grid_code) "
                "SELECT 'X-' || n, 'person', 'X', 'grid_worker', :grid FROM generate_series(1, 19) n"
            ),
            {"grid": WEST},
        )
    headers = sign_in("dispatcher")
    until = (START + timedelta(days=30)).isoformat()
    answer = export_many(client, headers, grid=TOWN, to=until)
    assert (answer.status_code, answer.json()["field"]) == (422, "to")
    assert "620 units times days" in answer.json()["detail"]
    until = (START + timedelta(days=32)).isoformat()
    assert "31 days" in export_many(client, headers, units="GW-001", to=until).json()["detail"]


def test_a_few_exports_are_made_at_a_time(
    app: FastAPI, client: TestClient, sign_in: SignIn, town: int
) -> None:
    headers, places = sign_in("dispatcher"), app.state.services.exports
    while places.acquire(blocking=False):
        pass
    answer = export_many(client, headers, grid=TOWN)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "15")
    places.release()
    assert export_many(client, headers, grid=TOWN).status_code == 200
    assert export_many(client, headers, grid="404").status_code == 404
    assert export(client, headers).status_code == 200


def test_more_fixes_than_a_sheet_has_rows_are_refused(
    client: TestClient,
    sign_in: SignIn,
    database: Database,
    town: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("data.exports.sheets.MOST_ROWS", len(morning()))
    answer = export_many(client, sign_in("dispatcher"), units="GW-001", format="xlsx")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_rows")
    assert "geoparquet" in answer.json()["detail"]
    with database.begin() as conn:
        assert list_records(conn, AuditFilter(), limit=9) == []
