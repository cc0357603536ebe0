"""Suspected changes through HTTP: each a case, seen by whoever sees the case."""

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import Point, box
from shapely.geometry import mapping
from starlette.testclient import TestClient

from data.database import Database
from tests.morning import EAST, WEST, make_town

SignIn = Callable[..., dict[str, str]]
URL = "/api/v1/changes"
EASTERN, WESTERN = box(118.65, 34.5, 118.651, 34.501), box(118.55, 34.5, 118.551, 34.501)


def geojson(*geometries: Any) -> bytes:
    features = [
        {"type": "Feature", "properties": {"tbbh": f"{i}"}, "geometry": mapping(each)}
        for i, each in enumerate(geometries)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.fixture
def desk(client: TestClient, sign_in: SignIn, database: Database) -> dict[str, str]:
    make_town(database)
    return sign_in("dispatcher")


def send(client: TestClient, desk: dict[str, str], *files: tuple[str, bytes], **data: str) -> Any:
    answer = client.post(URL, files=[("files", file) for file in files], data=data, headers=desk)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_each_area_of_a_map_becomes_a_case_and_twice_is_once(
    client: TestClient, desk: dict[str, str]
) -> None:
    file = ("图斑.geojson", geojson(EASTERN, Point(118.6, 34.5), WESTERN))
    first, again = send(client, desk, file), send(client, desk, file)
    assert (len(first["cases"]), first["unchanged"], first["refused"]) == (2, 0, 1)
    assert (again["cases"], again["unchanged"], again["refused"]) == ([], 2, 1)
    cases = client.get("/api/v1/cases", headers=desk).json()["items"]
    assert {case["source"] for case in cases} == {"change"}
    assert {case["grid"]["code"] for case in cases} == {EAST, WEST}


def test_a_change_is_seen_and_judged_by_whoever_sees_its_case(
    client: TestClient, desk: dict[str, str], sign_in: SignIn
) -> None:
    send(client, desk, ("a.geojson", geojson(EASTERN)))
    chief, other = sign_in("grid_chief", grid_code=EAST), sign_in("grid_chief", grid_code=WEST)
    [change] = client.get(URL, headers=chief).json()["features"]
    assert client.get(URL, headers=other).json()["features"] == []
    verdict = f"{URL}/{change['id']}/verdict"
    assert client.post(verdict, json={"verdict": "false"}, headers=other).status_code == 404
    judged = client.post(verdict, json={"verdict": "confirmed"}, headers=chief).json()
    assert judged["properties"]["verdict"] == "confirmed"
    found = client.get(URL, params={"verdict": "confirmed"}, headers=desk).json()["features"]
    assert [each["id"] for each in found] == [change["id"]]


def picture(*, house: bool) -> bytes:
    random = np.random.default_rng(house)
    rows, columns = np.mgrid[:100, :100]
    band = 60 + 30 * np.sin(columns / 17) + 20 * np.cos(rows / 23) + random.normal(0, 1, (100, 100))
    if house:
        band[40:70, 20:50] = 250
    buffer = io.BytesIO()
    profile = {"driver": "GTiff", "width": 100, "height": 100, "count": 1, "dtype": "float32"}
    transform = from_origin(118.65, 34.5, 1e-5, 1e-5)
    with rasterio.open(buffer, "w", crs="EPSG:4326", transform=transform, **profile) as raster:
        raster.write(band.astype("float32"), 1)
    return buffer.getvalue()


def test_two_pictures_give_the_house_that_was_built_between_them(
    client: TestClient, desk: dict[str, str]
) -> None:
    pictures = ("before.tif", picture(house=False)), ("after.tif", picture(house=True))
    assert len(send(client, desk, *pictures, least_area_m2="100")["cases"]) == 1
    [change] = client.get(URL, headers=desk).json()["features"]
    assert change["properties"]["area_m2"] == pytest.approx(900 * 0.918 * 1.109, rel=0.1)
    assert 0 < change["properties"]["score"] < 1
    assert send(client, desk, *pictures, least_area_m2="100")["unchanged"] == 1


@pytest.mark.parametrize(
    ("files", "data"),
    [
        ([("a.tif", b"x")], {}),
        ([("a.tif", b"x"), ("b.geojson", b"{}")], {}),
        ([("a.tif", b"x"), ("b.tif", b"y")], {}),
        ([("a.geojson", geojson(EASTERN))], {"category": "nothing"}),
        ([("a.tif", b"x"), ("b.tif", b"y")], {"least_area_m2": "nan"}),
    ],
)
def test_what_cannot_be_used_is_refused_and_makes_no_case(
    client: TestClient, desk: dict[str, str], files: list[Any], data: dict[str, str]
) -> None:
    answer = client.post(URL, files=[("files", each) for each in files], data=data, headers=desk)
    assert answer.status_code == 422, answer.text
    assert client.get("/api/v1/cases", headers=desk).json()["items"] == []
