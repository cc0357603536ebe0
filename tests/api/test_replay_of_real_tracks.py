"""Real tracks, imported from their files, come back from the replay fix for fix."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from data.database import Database
from data.tracks import find_track_files, read_plt, store_track, unit_ids, unit_of_folder

SignIn = Callable[[str], dict[str, str]]

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SAMPLE = 12


@pytest.fixture
def sample(database: Database, real_data: Path) -> list[Path]:
    """Every ninth file of the folder, each of them stored."""
    files = find_track_files([real_data / "geolife_dev"])[::9][:SAMPLE]
    with database.begin() as conn:
        ids = unit_ids(conn, map(unit_of_folder, files), create=True)
        for file in files:
            track = read_plt(file, now=NOW)
            store_track(conn, track, unit_id=ids[unit_of_folder(file)], index=None)
    return files


def lines_of(file: Path) -> list[tuple[str, float, float]]:
    """(ISO time, lon, lat) of a .plt file's lines, read without Wangge's own reader."""
    lines = (line.split(",") for line in file.read_text().splitlines()[6:])
    return [(f"{date}T{time}Z", float(lon), float(lat)) for lat, lon, _, _, _, date, time in lines]


def period_of(lines: list[tuple[str, float, float]]) -> dict[str, str]:
    """From the first line to the end of the last one's second."""
    end = datetime.fromisoformat(lines[-1][0]) + timedelta(seconds=1)
    return {"from": lines[0][0], "to": end.isoformat(), "reason": "a test"}


def test_a_sample_of_tracks_is_replayed_fix_for_fix(
    client: TestClient, sign_in: SignIn, sample: list[Path]
) -> None:
    headers = sign_in("dispatcher")
    assert len(sample) == SAMPLE
    for file in sample:
        lines = lines_of(file)
        answer = client.get(
            "/api/v1/replay",
            params={"units": unit_of_folder(file), **period_of(lines)},
            headers=headers,
        )
        assert answer.status_code == 200, answer.text
        replay = answer.json()
        [unit] = replay["units"]
        t, lon, lat = (list(accumulate(unit[name])) for name in ("t", "lon", "lat"))
        # Fixes of the same second are told apart by a millisecond each; exact repeats are gone.
        replayed = {
            (
                datetime.fromtimestamp((replay["t0"] + ms) // 1000, UTC).isoformat(),
                x,
                y,
            )
            for ms, x, y in zip(t, lon, lat, strict=True)
        }
        # The files of one unit may overlap in time: then both belong to the period.
        read = {
            (datetime.fromisoformat(at).isoformat(), round(x * 1e6), round(y * 1e6))
            for other in sample
            if unit_of_folder(other) == unit_of_folder(file)
            for at, x, y in lines_of(other)
            if lines[0][0] <= at <= lines[-1][0]
        }
        assert replayed == read
        assert t == sorted(t)


def test_the_track_of_a_real_unit_has_trips_whose_times_match_their_vertices(
    client: TestClient, sign_in: SignIn, sample: list[Path]
) -> None:
    lines = lines_of(sample[0])
    answer = client.get(
        f"/api/v1/units/{unit_of_folder(sample[0])}/track",
        params=period_of(lines),
        headers=sign_in("dispatcher"),
    )
    assert answer.status_code == 200, answer.text
    track = answer.json()
    trips = [f for f in track["features"] if f["properties"]["kind"] == "trip"]
    assert trips
    for trip in trips:
        assert len(trip["properties"]["times"]) == len(trip["geometry"]["coordinates"])
    summary = track["summary"]
    assert summary["fixes"] == len(lines)
    whole_s = (
        datetime.fromisoformat(lines[-1][0]) - datetime.fromisoformat(lines[0][0])
    ).total_seconds()
    told_s = summary["moving_s"] + summary["stopped_s"] + summary["gap_s"]
    assert told_s == pytest.approx(whole_s, abs=1)
