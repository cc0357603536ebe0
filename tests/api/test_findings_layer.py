"""What the topology check found, as a layer of the catalog."""

from typing import Any

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import text
from starlette.testclient import TestClient

from data.database import Database
from data.editions import Draft, draft_edition
from gis.grid import Grid

URL = "/api/v1/layers/findings"


@pytest.fixture
def draft(database: Database) -> Draft:
    """Two grids that overlap, one of which names a parent that is not there."""
    grids = [
        Grid(
            code=code, name=code, level=level, parent_code=parent,
            geometry=MultiPolygon([box(west, 34.5, west + 0.01, 34.51)]),
        )
        for code, level, parent, west in (
            ("A", 2, "T", 118.6), ("B", 2, "T", 118.609), ("T", 1, None, 118.6), ("C", 2, "X", 118.7),
        )
    ]  # fmt: skip
    with database.begin() as conn:
        return draft_edition(conn, grids, name="2027")


def kinds(client: TestClient, headers: Any, **query: object) -> list[str]:
    answer = client.get(f"{URL}/features", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return [each["properties"]["kind"] for each in answer.json()["features"]]


def test_findings_are_features_with_their_size_and_their_place(
    client: TestClient, sign_in: Any, draft: Draft
) -> None:
    headers = sign_in("admin")
    found = client.get(f"{URL}/features", headers=headers).json()["features"]
    assert len(found) == draft.edition.findings
    overlap = next(each for each in found if each["properties"]["kind"] == "overlap")
    assert overlap["properties"]["codes"] == "A B"
    assert overlap["properties"]["edition"] == draft.edition.id
    assert overlap["properties"]["width_m"] == pytest.approx(91.8, rel=0.02)
    assert overlap["geometry"]["type"] == "Polygon"
    assert kinds(client, headers, kind="overlap", edition=draft.edition.id) == ["overlap"]
    assert kinds(client, headers, edition=draft.edition.id + 1) == []


def test_findings_are_tiles_that_follow_the_edition(
    client: TestClient, sign_in: Any, draft: Draft, database: Database
) -> None:
    headers = sign_in("admin")
    tile = "/api/v1/tiles/findings/11/1698/814.mvt"
    assert client.get(tile, headers=headers).status_code == 200
    with database.begin() as conn:
        conn.execute(text("UPDATE grid_editions SET findings = '[]'"))
    assert client.get(tile, headers=headers).status_code == 204
    assert kinds(client, headers) == []


def test_those_of_a_retired_edition_are_of_no_interest(
    client: TestClient, sign_in: Any, draft: Draft, database: Database
) -> None:
    with database.begin() as conn:
        conn.execute(text("UPDATE grid_editions SET state = 'retired'"))
    assert kinds(client, sign_in("admin")) == []


def test_only_who_administers_may_look(client: TestClient, sign_in: Any, draft: Draft) -> None:
    headers = sign_in("dispatcher")
    assert client.get(f"{URL}/features", headers=headers).status_code == 403
    listed = client.get("/api/v1/layers", headers=headers).json()["items"]
    assert "findings" not in [each["id"] for each in listed]
