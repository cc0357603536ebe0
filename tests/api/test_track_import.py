"""Tracks from uploaded files, well-meant and otherwise."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from starlette.testclient import TestClient

from data.database import Database
from data.schema import units
from gis.crs import Crs, from_wgs84

URL = "/api/v1/units/GW-001/track/import"
LON, LAT = 118.6721, 34.5302
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)

Headers = dict[str, str]


@pytest.fixture(autouse=True)
def unit(database: Database) -> None:
    """GW-001 is a person who never was on duty."""
    with database.begin() as conn:
        conn.execute(
            insert(units).values(code="GW-001", kind="person", name="x", role="grid_worker")
        )


@pytest.fixture
def admin(sign_in: Callable[..., Headers]) -> Headers:
    return sign_in("admin")


def gpx(points: Sequence[tuple[datetime | None, float, float]]) -> bytes:
    written = "".join(
        f'<trkpt lat="{lat!r}" lon="{lon!r}">'
        + (f"<time>{at.isoformat()}</time>" if at is not None else "")
        + "</trkpt>"
        for at, lon, lat in points
    )
    return f"<gpx version='1.1'><trk><trkseg>{written}</trkseg></trk></gpx>".encode()


def walk(count: int = 10, every_s: int = 10) -> list[tuple[datetime | None, float, float]]:
    return [(BEGAN + timedelta(seconds=every_s * i), LON + i * 1e-4, LAT) for i in range(count)]


def send(
    client: TestClient, admin: Headers, content: bytes, name: str = "上午.gpx", **fields: str
) -> Any:
    files = {"files": (name, content, "application/gpx+xml")}
    return client.post(URL, files=files, data=fields, headers=admin)


def stored(database: Database) -> list[Any]:
    with database.begin() as conn:
        return [*conn.execute(text("SELECT * FROM fixes ORDER BY at"))]


def test_every_point_is_counted_and_the_unit_was_on_duty_along_the_track(
    client: TestClient, database: Database, admin: Headers
) -> None:
    old = BEGAN - timedelta(days=400)
    wrong = [(None, LON, LAT), (None, LON, LAT), (old, LON, LAT), (BEGAN, LAT, LON), walk()[0]]
    answer = send(client, admin, gpx([*walk(), *wrong]))
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "points": 15,
        "accepted": 10,
        "duplicates": 1,
        "refused": 4,
        "reasons": [
            {"reason": "it has no time", "points": 2, "first": 11},
            {"reason": "it is older than what this server keeps", "points": 1, "first": 13},
            {
                "reason": "latitude 118.672, longitude 34.5302 is not on the earth",
                "points": 1,
                "first": 14,
            },
        ],
    }
    assert [row.lon for row in stored(database)] == [lon for _, lon, _ in walk()]
    with database.begin() as conn:
        [session] = conn.execute(text("SELECT began_at, ended_at FROM duty_sessions"))
        [audited] = conn.execute(text("SELECT action, subject, details FROM audit_events"))
    assert session.began_at == BEGAN
    assert session.ended_at == BEGAN + timedelta(seconds=91)
    assert (audited.action, audited.subject) == ("track.import", "unit GW-001")
    assert audited.details["file"] == "上午.gpx"
    assert audited.details["points"] == 10


def test_the_same_file_again_stores_nothing(
    client: TestClient, database: Database, admin: Headers
) -> None:
    for accepted, duplicates in ((10, 0), (0, 10)):
        answer = send(client, admin, gpx(walk())).json()
        assert (answer["accepted"], answer["duplicates"]) == (accepted, duplicates)
    assert len(stored(database)) == 10


def test_a_track_in_gcj02_is_converted_and_kept_as_it_was(
    client: TestClient, database: Database, admin: Headers
) -> None:
    shifted = from_wgs84(LON, LAT, Crs.GCJ02)
    answer = send(client, admin, gpx([(BEGAN, *shifted)]), crs="gcj02")
    assert answer.json()["accepted"] == 1
    [row] = stored(database)
    assert (row.lon, row.lat) == pytest.approx((LON, LAT), abs=1e-8)
    assert (row.source_crs, row.source_lon, row.source_lat) == ("gcj02", *shifted)


@pytest.mark.parametrize(
    ("content", "name", "fields", "words"),
    [
        (b"<gpx/>", "a.gpx", {}, "a.gpx has no track in it"),
        (b"<gpx", "a.gpx", {}, "a.gpx is not a GPX file, or it is broken"),
        (b"", "a.gpx", {}, "a.gpx is not a GPX file, or it is broken"),
        (gpx(walk()), "a.plt", {}, "a.plt is not of a kind that is read here; send .gpx"),
        (gpx(walk()), "a.gpx", {"crs": "the moon"}, "crs must be one of"),
        (b'<!DOCTYPE g [<!ENTITY a "b">]><gpx>&a;</gpx>', "a.gpx", {}, "entities of its own"),
    ],
)
def test_what_cannot_be_read_says_why_in_one_sentence(
    client: TestClient,
    database: Database,
    admin: Headers,
    content: bytes,
    name: str,
    fields: dict[str, str],
    words: str,
) -> None:
    answer = send(client, admin, content, name, **fields)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert "/tmp" not in answer.text
    assert stored(database) == []


def test_a_unit_that_is_not_there_is_not_found_before_anything_is_read(
    client: TestClient, admin: Headers
) -> None:
    files = {"files": ("a.gpx", b"<gpx", "application/gpx+xml")}
    answer = client.post("/api/v1/units/GW-404/track/import", files=files, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_file_larger_than_most_requests_is_read(client: TestClient, admin: Headers) -> None:
    content = gpx(walk(14_000, every_s=1))
    assert len(content) > 2**20
    answer = send(client, admin, content)
    assert (answer.json()["points"], answer.json()["accepted"]) == (14_000, 14_000)


def test_only_an_administrator_imports(client: TestClient, sign_in: Callable[..., Headers]) -> None:
    for role in ("dispatcher", "gateway", "grid_worker"):
        assert send(client, sign_in(role), gpx(walk())).status_code == 403


def test_real_files_give_a_result_or_one_clear_sentence(
    client: TestClient, admin: Headers, real_data: Path
) -> None:
    for file in ("korita-zbevnica", "cerknicko-without-times", "unicode_with_bom", "route"):
        content = (real_data / "gpx_edge" / f"{file}.gpx").read_bytes()
        answer = send(client, admin, content, f"{file}.gpx")
        if answer.status_code == 200:
            found = answer.json()
            assert found["points"] == found["accepted"] + found["duplicates"] + found["refused"]
        else:
            assert answer.json()["detail"].startswith(f"{file}.gpx has no track in it")
