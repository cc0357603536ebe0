"""The map over HTTP: layers, TileJSON, tiles and how they are cached."""

from typing import Protocol

import pytest
from sqlalchemy import insert, update
from starlette.testclient import TestClient

from data.database import Database
from data.schema import cameras, facilities, role_permissions

TILE = "/api/v1/tiles/cameras/14/13589/6517.mvt"
MVT = "application/vnd.mapbox-vector-tile"


class SignIn(Protocol):
    def __call__(self, role: str) -> dict[str, str]: ...


@pytest.fixture
def viewer(client: TestClient, sign_in: SignIn) -> TestClient:
    client.headers.update(sign_in("dispatcher"))
    return client


@pytest.fixture
def camera(database: Database) -> None:
    with database.begin() as conn:
        conn.execute(
            insert(cameras).values(
                code="34020000001320000001",
                name="东门",
                network="雪亮工程",
                kind="ball",
                bearing_deg=45,
                fov_deg=60,
                range_m=80,
                geom="SRID=4326;POINT(118.6 34.5)",
            )
        )


def rename(database: Database, name: str) -> None:
    with database.begin() as conn:
        conn.execute(update(cameras).values(name=name))


def test_the_layers_are_listed_with_their_titles_and_fields(viewer: TestClient) -> None:
    items = {item["id"]: item for item in viewer.get("/api/v1/layers").json()["items"]}
    assert list(items) == [
        *("basemap", "grids", "cameras", "facilities", "sensors", "changes"),
        *("cases", "staff", "tracks", "density", "coverage", "hotspots"),
    ]
    assert items["grids"] == viewer.get("/api/v1/layers/grids").json()
    assert items["grids"] == {
        "id": "grids",
        "title": {"zh": "网格", "en": "Grids"},
        "geometry": "polygon",
        "sublayers": ["grids", "grid_labels"],
        "fields": {"code": "String", "name": "String", "level": "Number", "parent": "String"},
        "has_time": True,
        "choices": {},
        "style": {"color": "#5B6675", "width_px": 1.5},
        "minzoom": 0,
        "maxzoom": 16,
        "source": "built_in",
        "origin": None,
        "permission": "read_grids",
        "version": None,
        "changed_at": None,
        "tiles": "/api/v1/tiles/grids/{z}/{x}/{y}.mvt",
        "features": "/api/v1/layers/grids/features",
    }
    assert items["tracks"]["tiles"] is None


@pytest.mark.usefixtures("camera")
def test_a_layer_says_when_it_changed_last(viewer: TestClient, database: Database) -> None:
    first = viewer.get("/api/v1/layers/cameras").json()
    rename(database, "西门")
    later = viewer.get("/api/v1/layers/cameras").json()
    assert later["version"] == first["version"] + 1
    assert later["changed_at"] > first["changed_at"]


def test_a_layer_that_one_may_not_look_at_is_not_listed(
    client: TestClient, sign_in: SignIn, database: Database
) -> None:
    client.headers.update(sign_in("analyst"))
    with database.begin() as conn:
        conn.execute(
            insert(role_permissions).values(role="analyst", permission="read_cases", granted=False)
        )
    listed = [item["id"] for item in client.get("/api/v1/layers").json()["items"]]
    assert "cases" not in listed
    refused = client.get("/api/v1/tiles/grids,cases/14/13589/6517.mvt")
    assert (refused.status_code, refused.json()["field"]) == (403, "id")


@pytest.mark.usefixtures("camera")
def test_several_layers_come_in_one_tile(viewer: TestClient, database: Database) -> None:
    with database.begin() as conn:
        conn.execute(
            insert(facilities).values(
                code="L1", kind="lamp", name="路灯", geom="SRID=4326;POINT(118.6 34.5)"
            )
        )
    both = "/api/v1/tiles/cameras,facilities/14/13589/6517.mvt"
    content = viewer.get(both).content
    assert "东门".encode() in content
    assert "路灯".encode() in content
    assert viewer.get(both).headers["etag"] == viewer.get(both).headers["etag"]
    rename(database, "西门")
    assert "西门".encode() in viewer.get(both).content
    document = viewer.get("/api/v1/tiles/cameras,facilities.json").json()
    ids = [each["id"] for each in document["vector_layers"]]
    assert ids == ["cameras", "camera_views", "facilities"]
    assert document["minzoom"] == 10


@pytest.mark.usefixtures("camera")
def test_a_tile_is_chosen_by_fields(viewer: TestClient) -> None:
    assert viewer.get(TILE, params={"kind": "ball,gun", "fov_deg": "60"}).status_code == 200
    assert viewer.get(TILE, params={"kind": "gun"}).status_code == 204
    unknown = viewer.get(TILE, params={"colour": "red"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "no_such_field")
    number = viewer.get(TILE, params={"fov_deg": "wide"})
    assert (number.status_code, number.json()["field"]) == (422, "fov_deg")
    many = viewer.get("/api/v1/tiles/cameras,facilities/14/13589/6517.mvt", params={"kind": "ball"})
    assert (many.status_code, many.json()["field"]) == (422, "id")


def test_where_people_were_has_no_tiles(viewer: TestClient) -> None:
    answer = viewer.get("/api/v1/tiles/tracks/14/13589/6517.mvt")
    assert answer.status_code == 404
    assert "/layers/tracks/features" in answer.json()["detail"]


@pytest.mark.usefixtures("camera")
def test_tilejson_leads_to_the_tiles(viewer: TestClient) -> None:
    document = viewer.get("/api/v1/tiles/cameras.json").json()
    assert document["tilejson"] == "3.0.0"
    assert document["bounds"] == pytest.approx([118.6, 34.5, 118.6, 34.5])
    assert document["vector_layers"][0]["fields"]["bearing_deg"] == "Number"
    url = document["tiles"][0].format(z=14, x=13589, y=6517)
    assert viewer.get(url).status_code == 200


@pytest.mark.usefixtures("camera")
def test_a_tile_comes_compressed_with_its_media_type(viewer: TestClient) -> None:
    answer = viewer.get(TILE)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MVT
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "东门".encode() in answer.content


@pytest.mark.usefixtures("camera")
def test_a_client_without_gzip_gets_the_same_tile_under_another_tag(viewer: TestClient) -> None:
    compressed = viewer.get(TILE)
    plain = viewer.get(TILE, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == compressed.content
    assert plain.headers["etag"] != compressed.headers["etag"]


@pytest.mark.usefixtures("camera")
def test_a_tile_is_sent_again_only_after_a_change(viewer: TestClient, database: Database) -> None:
    known = viewer.get(TILE).headers["etag"]
    unchanged = viewer.get(TILE, headers={"If-None-Match": f'"other", {known}'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == known

    rename(database, "西门")
    changed = viewer.get(TILE, headers={"If-None-Match": known})
    assert changed.status_code == 200
    assert changed.headers["etag"] != known
    assert "西门".encode() in changed.content


def test_a_tile_with_nothing_in_it_has_no_content(viewer: TestClient) -> None:
    answer = viewer.get(TILE)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("tile", "field", "says"),
    [
        ("21/0/0", "z", "from 0 to 20"),
        ("-1/0/0", "z", "from 0 to 20"),
        ("3/8/0", "x", "from 0 to 7"),
        ("3/0/-1", "y", "from 0 to 7"),
        ("3/0/1.5", "y", "integer"),
        ("three/0/1", "z", "integer"),
    ],
)
def test_a_tile_outside_the_pyramid_is_a_problem_that_says_the_range(
    viewer: TestClient, tile: str, field: str, says: str
) -> None:
    answer = viewer.get(f"/api/v1/tiles/cameras/{tile}.mvt")
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["field"] == field
    assert says in problem["detail"]


@pytest.mark.parametrize("path", ["trees.json", "trees/0/0/0.mvt"])
def test_an_unknown_layer_is_not_found_and_the_known_ones_are_named(
    viewer: TestClient, path: str
) -> None:
    answer = viewer.get(f"/api/v1/tiles/{path}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "no_such_layer"
    assert "facilities" in answer.json()["detail"]
