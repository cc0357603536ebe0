"""Real tracks through both doors, posted over HTTP and imported from their files, are the same fix for
fix, and those that the file holds, read here without Wangge's readers."""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.cli.tracks import app as tracks_command
from api.settings import ServerSettings
from data.database import Database
from patrol.tracks.expiry import KeepSettings

SignIn = Callable[[str], dict[str, str]]
Fix = tuple[datetime, float, float]
AT_ONCE = 10_000
SF_COLUMNS = "lat,lon,occupied,time"


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    """A server that takes fixes of any age."""
    return ServerSettings(web_dir=tmp_path / "dist", keep=KeepSettings(fixes_days=36_500))


@pytest.fixture
def post(
    client: TestClient, sign_in: SignIn, database: Database
) -> Callable[[str, Iterable[Fix]], None]:
    """Post the fixes of a vehicle that is always on duty."""
    headers = sign_in("gateway")

    def post(unit: str, fixes: Iterable[Fix]) -> None:
        with database.begin() as conn:
            conn.execute(
                text(
                    "INSERT INTO units (code, kind, name, role, always_on_duty) "
                    "VALUES (:code, 'vehicle', :code, 'vehicle', true)"
                ),
                {"code": unit},
            )
        bodies = [
            {"unit": unit, "at": at.isoformat(), "lon": lon, "lat": lat} for at, lon, lat in fixes
        ]
        for first in range(0, len(bodies), AT_ONCE):
            answer = client.post(
                "/api/v1/fixes", json=bodies[first : first + AT_ONCE], headers=headers
            )
            assert answer.status_code == 200, answer.text
            assert answer.json()["rejected"] == []

    return post


@pytest.fixture
def import_file(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., str]:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))

    def run(*arguments: Any) -> str:
        command = ["import", "--create-units", "--kind", "vehicle", *map(str, arguments)]
        result = CliRunner().invoke(tracks_command, command)
        assert result.exit_code == 0, f"{result.output}{result.exception}"
        return result.stdout

    return run


def stored(database: Database, unit: str) -> list[Fix]:
    with database.begin() as conn:
        rows = conn.execute(
            text(
                "SELECT at, lon, lat FROM fixes JOIN units ON units.id = unit_id "
                "WHERE code = :unit ORDER BY at"
            ),
            {"unit": unit},
        )
        return [(row.at, row.lon, row.lat) for row in rows]


def plt_fixes(file: Path) -> list[Fix]:
    """The k-th position of a second is k milliseconds past it; exact repeats are one."""
    places: dict[str, list[tuple[float, float]]] = {}
    fixes = []
    for line in file.read_text().splitlines()[6:]:
        lat, lon, _, _, _, day, clock = line.split(",")
        place, earlier = (float(lon), float(lat)), places.setdefault(f"{day}T{clock}Z", [])
        if place not in earlier:
            at = datetime.fromisoformat(f"{day}T{clock}Z") + timedelta(milliseconds=len(earlier))
            earlier.append(place)
            fixes.append((at, *place))
    return fixes


def test_geolife(
    real_data: Path,
    database: Database,
    post: Callable[[str, Iterable[Fix]], None],
    import_file: Callable[..., str],
) -> None:
    folder = real_data / "geolife_dev" / "Data"
    import_file(folder, "--unit-from-folder")
    everybody = sorted(person.name for person in folder.iterdir())
    total = 0
    for person in everybody:
        files = (folder / person).rglob("*.plt")
        fixes = sorted({fix for file in files for fix in plt_fixes(file)})
        post(f"posted {person}", fixes)
        assert stored(database, f"posted {person}") == stored(database, person) == fixes
        total += len(fixes)
    assert len(everybody) == 11
    assert total == 164_523  # all but 8 exact repeats


def test_san_francisco_cabs(
    real_data: Path,
    database: Database,
    post: Callable[[str, Iterable[Fix]], None],
    import_file: Callable[..., str],
) -> None:
    for file in sorted((real_data / "vehicle_sf_cabs").glob("new_*.txt")):
        fixes = [
            (datetime.fromtimestamp(int(seconds), UTC), float(lon), float(lat))
            for lat, lon, _, seconds in map(str.split, file.read_text().splitlines())
        ]
        post(f"posted {file.stem}", fixes)
        import_file(file, "--unit", file.stem, "--columns", SF_COLUMNS)
        assert stored(database, f"posted {file.stem}") == stored(database, file.stem) == fixes


def test_liverpool_buses_need_their_zone_said(
    real_data: Path,
    database: Database,
    post: Callable[[str, Iterable[Fix]], None],
    import_file: Callable[..., str],
) -> None:
    file = real_data / "vehicle_liverpool_bus" / "route14_outbound.csv"
    by_vehicle: dict[str, list[Fix]] = {}
    for row in csv.DictReader(io.StringIO(file.read_text())):
        at = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=ZoneInfo("Europe/London"))
        fix = (at.astimezone(UTC), float(row["longitude"]), float(row["latitude"]))
        by_vehicle.setdefault(row["vehicle_id"], []).append(fix)
    command = ["import", str(file), "--unit-column", "vehicle_id", "--create-units"]
    refused = CliRunner().invoke(tracks_command, command)
    assert refused.exit_code != 0
    assert "line 2: its time has no zone" in refused.stdout
    import_file(file, "--unit-column", "vehicle_id", "--timezone", "Europe/London")
    assert len(by_vehicle) == 8
    for vehicle, fixes in by_vehicle.items():
        post(f"posted {vehicle}", fixes)
        posted = stored(database, f"posted {vehicle}")
        assert posted == stored(database, vehicle)
        assert {at for at, _, _ in posted} == {at for at, _, _ in fixes}


@pytest.mark.parametrize(
    "name", ["movingpandas_geolife_small.csv", "movingpandas_geolife_small.gpkg"]
)
def test_the_same_points_in_other_files(
    real_data: Path, database: Database, import_file: Callable[..., str], name: str
) -> None:
    import_file(real_data / "geolife_small_mixed" / name, "--unit-column", "trajectory_id")
    with database.begin() as conn:
        units = conn.execute(text("SELECT code FROM units ORDER BY code")).scalars().all()
    assert units == ["1", "2", "3", "4", "5"]
    [first, *_] = stored(database, "1")
    assert first == (datetime(2008, 12, 11, 4, 42, 14, tzinfo=UTC), 116.391305, 39.898573)
    assert sum(len(stored(database, unit)) for unit in units) == 5_908
