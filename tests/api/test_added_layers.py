"""Layers that an administrator adds while the server runs."""

import json
from typing import Any

import pytest
from sqlalchemy import select, text
from starlette.testclient import TestClient

from data.database import Database
from data.schema import audit_events

V1 = "/api/v1/layers"
TILE = "/api/v1/tiles/wells/14/13589/6517.mvt"


def collection(*points: tuple[float, float], **properties: Any) -> bytes:
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"name": f"井{n}", "depth 占比%": n * 1.5, "dry": n == 0}
                    | properties,
                    "geometry": {"type": "Point", "coordinates": point},
                }
                for n, point in enumerate(points)
            ],
        }
    ).encode()


@pytest.fixture
def admin(client: TestClient, sign_in: Any) -> TestClient:
    client.headers.update(sign_in("admin"))
    return client


def add(admin: TestClient, content: bytes, **fields: str) -> Any:
    data = {"id": "wells", "title_zh": "水井", "title_en": "Wells"} | fields
    return admin.post(V1, data=data, files={"files": ("井.geojson", content)})


def test_a_layer_from_a_file_is_on_the_map_at_once(admin: TestClient, database: Database) -> None:
    missing = admin.get(TILE)
    assert (missing.status_code, missing.json()["code"]) == (404, "no_such_layer")

    added = add(admin, collection((118.6, 34.5), (118.61, 34.51)), color="#1F5FBF")
    assert added.status_code == 201, added.text
    assert added.json()["fields"] == {"name": "String", "depth 占比%": "Number", "dry": "Boolean"}
    assert added.json()["origin"] == "井.geojson"
    assert (added.json()["source"], added.json()["geometry"]) == ("file", "point")
    assert "wells" in [layer["id"] for layer in admin.get(V1).json()["items"]]

    tile = admin.get(TILE)
    assert "井0".encode() in tile.content
    [page] = [admin.get(f"{V1}/wells/features", params={"depth 占比%": "1.5"}).json()]
    assert page["features"][0]["properties"] == {"name": "井1", "depth 占比%": 1.5, "dry": False}
    with database.begin() as conn:
        [details] = conn.scalars(
            select(audit_events.c.details).where(audit_events.c.action == "layer.add")
        )
    assert details == {"file": "井.geojson", "features": 2, "permission": "read_layers"}


def test_the_next_tile_shows_the_features_of_the_next_file(admin: TestClient) -> None:
    add(admin, collection((118.6, 34.5)))
    first = admin.get(TILE)
    changed = admin.put(
        f"{V1}/wells/features",
        files={"files": ("b.geojson", collection((118.6, 34.5), name="新井"))},
    )
    assert changed.status_code == 200, changed.text
    second = admin.get(TILE, headers={"If-None-Match": first.headers["etag"]})
    assert (second.status_code, "新井".encode() in second.content) == (200, True)


def test_a_layer_that_is_removed_is_gone_with_its_tiles(admin: TestClient) -> None:
    add(admin, collection((118.6, 34.5)))
    assert admin.get(TILE).status_code == 200
    assert admin.delete(f"{V1}/wells").status_code == 204
    assert admin.get(TILE).status_code == 404
    add(admin, collection((118.6, 34.5), name="另一口"))
    assert "另一口".encode() in admin.get(TILE).content


def test_a_file_with_something_wrong_leaves_nothing_behind(admin: TestClient) -> None:
    broken = add(admin, collection((118.6, 95.0)))
    assert broken.status_code == 422
    assert admin.get(f"{V1}/wells").status_code == 404
    assert add(admin, collection((118.6, 34.5))).status_code == 201


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"id": "Wells"}, 422, "id"),
        ({"id": "grids"}, 409, "id"),
        ({"id": "road"}, 409, "id"),
        ({"title_en": ""}, 422, "title_en"),
        ({"permission": "fly"}, 422, "permission"),
        ({"color": "red"}, 422, "color"),
    ],
)
def test_what_a_layer_cannot_be_is_refused_by_name(
    admin: TestClient, fields: dict[str, str], status: int, field: str
) -> None:
    answer = add(admin, collection((118.6, 34.5)), **fields)
    assert (answer.status_code, answer.json()["field"]) == (status, field)


def test_an_id_is_given_once(admin: TestClient) -> None:
    add(admin, collection((118.6, 34.5)))
    assert add(admin, collection((118.6, 34.5))).status_code == 409


def test_a_layer_may_be_for_some_only(admin: TestClient, sign_in: Any) -> None:
    add(admin, collection((118.6, 34.5)), permission="read_staff")
    worker = sign_in("grid_worker", grid_code="A")
    assert admin.get(TILE, headers=worker).status_code == 403
    assert admin.get(f"{V1}/wells/features", headers=worker).status_code == 403
    assert "wells" not in [each["id"] for each in admin.get(V1, headers=worker).json()["items"]]
    changed = admin.patch(
        f"{V1}/wells",
        json={"permission": "read_layers", "title": {"zh": "机井", "en": "Boreholes"}},
    )
    assert changed.json()["title"]["zh"] == "机井"
    assert admin.get(TILE, headers=worker).status_code == 200


@pytest.fixture
def view(database: Database) -> None:
    with database.begin() as conn:
        for statement in (
            "CREATE VIEW lamp_view AS SELECT id, name, kind, 1.5::numeric AS height, "
            "ST_Transform(geom, 32650)::geometry(Point, 32650) AS place FROM facilities",
            "INSERT INTO facilities (code, kind, name, geom) "
            "VALUES ('L1', 'lamp', '路灯', ST_SetSRID(ST_MakePoint(118.6, 34.5), 4326))",
        ):
            conn.execute(text(statement))


def test_a_view_becomes_a_layer_once_it_asks_for_whoever_looks(
    admin: TestClient, database: Database, view: None
) -> None:
    body = {"id": "lit", "title": {"zh": "灯", "en": "Lit"}, "view": "lamp_view"}

    def grant(statement: str) -> None:
        with database.begin() as conn:
            conn.execute(text(statement))

    refused = admin.post(f"{V1}/views", json=body)
    assert refused.status_code == 422
    assert "GRANT SELECT ON public.lamp_view TO wangge_app" in refused.json()["detail"]
    grant("GRANT SELECT ON lamp_view TO wangge_app")
    refused = admin.post(f"{V1}/views", json=body)
    assert "SET (security_invoker = true)" in refused.json()["detail"]
    grant("ALTER VIEW lamp_view SET (security_invoker = true)")
    added = admin.post(f"{V1}/views", json=body)
    assert added.status_code == 201, added.text
    assert added.json()["fields"] == {"name": "String", "kind": "String", "height": "Number"}

    [feature] = admin.get(f"{V1}/lit/features", params={"bbox": "118.5,34,119,35"}).json()[
        "features"
    ]
    assert feature["geometry"]["coordinates"] == pytest.approx([118.6, 34.5])
    tile = "/api/v1/tiles/lit/14/13589/6517.mvt"
    assert "路灯".encode() in admin.get(tile).content
    with database.begin() as conn:
        conn.execute(text("UPDATE facilities SET name = '新灯'"))
    assert "新灯".encode() in admin.get(tile).content


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"view": "no_such"}, "no table or view public.no_such"),
        ({"view": "a.b.c"}, "not the name"),
        ({"view": "x; drop table cases"}, "not the name"),
        ({"view": "public.units"}, "0 columns of type geometry"),
        ({"view": "public.cameras", "key": "geom"}, "no column 'geom' with whole numbers"),
    ],
)
def test_what_is_no_layer_is_refused_with_what_to_do(
    admin: TestClient, change: dict[str, str], says: str
) -> None:
    body = {"id": "lit", "title": {"zh": "灯", "en": "Lit"}, "view": "public.cameras"} | change
    answer = admin.post(f"{V1}/views", json=body)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]
