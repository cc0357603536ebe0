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
from sqlalchemy import insert
from starlette.testclient import TestClient

from data.database import Database
from data.schema import posts, staff
from tests.morning import EAST, WEST, make_town
from tests.photos import sent_photo

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
    elsewhere = box(0, 0, 0.001, 0.001)
    file = ("图斑.geojson", geojson(EASTERN, Point(118.6, 34.5), WESTERN, elsewhere))
    first, again = send(client, desk, file), send(client, desk, file)
    assert (len(first["cases"]), first["unchanged"], first["refused"]) == (2, 0, 2)
    assert (again["cases"], again["unchanged"], again["refused"]) == ([], 2, 2)
    cases = client.get("/api/v1/cases", headers=desk).json()["items"]
    assert {case["source"] for case in cases} == {"change"}
    assert {case["grid"]["code"] for case in cases} == {EAST, WEST}


class Look:
    """At one suspected change in the east, whose case is the chief's there."""

    def __init__(self, client: TestClient, desk: dict[str, str], chief: dict[str, str]) -> None:
        self._client = client
        self.desk, self.chief = desk, chief
        send(client, desk, ("a.geojson", geojson(EASTERN)))
        self.id: int = self.all()[0]["id"]

    def all(self, **query: str) -> list[Any]:
        answer = self._client.get(URL, params=query, headers=self.desk)
        features: list[Any] = answer.json()["features"]
        return features

    def change(self) -> Any:
        return self._client.get(f"{URL}/{self.id}", headers=self.desk).json()["properties"]

    def judge(self, headers: dict[str, str], verdict: str, **more: Any) -> Any:
        body = {"verdict": verdict, "photos": [sent_photo(self._client, headers)], **more}
        return self._client.post(f"{URL}/{self.id}/verdict", json=body, headers=headers)

    def case(self) -> Any:
        url = f"/api/v1/cases/{self.change()['case']}"
        return self._client.get(url, headers=self.desk).json()

    def act(self, headers: dict[str, str], *actions: str) -> None:
        url = f"/api/v1/cases/{self.change()['case']}/actions"
        for action in actions:
            body: dict[str, Any] = {"action": action, "note": "看过"}
            if action == "handle":
                body["photos"] = [sent_photo(self._client, headers)]
            answer = self._client.post(url, json=body, headers=headers)
            assert answer.status_code == 200, answer.text

    def is_pending(self) -> bool:
        """Whether the map shows it among what is to be looked at."""
        url = "/api/v1/layers/changes/features"
        return bool(self._client.get(url, headers=self.desk).json()["features"])


@pytest.fixture
def look(client: TestClient, desk: dict[str, str], sign_in: SignIn, database: Database) -> Look:
    with database.begin() as conn:
        chief = conn.scalar(insert(staff).values(name="李强").returning(staff.c.id))
        conn.execute(insert(posts).values(staff_id=chief, role="grid_chief", grid_code=EAST))
    return Look(client, desk, sign_in("grid_chief", grid_code=EAST, staff_id=chief))


def test_a_change_is_seen_and_judged_by_whoever_sees_its_case(
    look: Look, client: TestClient, sign_in: SignIn
) -> None:
    other = sign_in("grid_chief", grid_code=WEST)
    assert client.get(URL, headers=other).json()["features"] == []
    assert look.judge(other, "false").status_code == 404
    judged = look.judge(look.chief, "confirmed")
    assert judged.json()["properties"]["verdict"] == "confirmed"
    assert [each["id"] for each in look.all(verdict="confirmed")] == [look.id]


def test_the_verdict_is_the_handling_of_the_case(look: Look) -> None:
    assert look.is_pending()
    judged = look.judge(look.chief, "false", note="是临时堆放的秸秆").json()["properties"]
    assert (judged["verdict"], judged["case_state"]) == ("false", "post_check")
    events = [(each["action"], each["note"]) for each in look.case()["events"]][-2:]
    assert events == [("accept", None), ("handle", "现场核实：误报；是临时堆放的秸秆")]
    assert not look.is_pending()
    look.act(look.desk, "check", "close")
    assert (look.change()["verdict"], look.change()["case_state"]) == ("false", "closed")


def test_whoever_may_not_handle_the_case_gives_no_verdict(look: Look, sign_in: SignIn) -> None:
    worker = sign_in("grid_worker", grid_code=EAST)
    refused = look.judge(worker, "false")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours_to_do")
    assert (look.change()["verdict"], look.case()["state"]) == (None, "dispatched")


def test_what_nobody_was_sent_to_gets_no_verdict(
    client: TestClient, desk: dict[str, str], sign_in: SignIn
) -> None:
    look = Look(client, desk, sign_in("grid_chief", grid_code=EAST))
    refused = look.judge(look.chief, "false")
    assert (refused.status_code, refused.json()["state"]) == (409, "filed")
    assert look.change()["verdict"] is None


def test_there_is_another_verdict_only_when_the_case_was_sent_back(look: Look) -> None:
    look.judge(look.chief, "false")
    refused = look.judge(look.chief, "confirmed")
    assert (refused.status_code, refused.json()["code"]) == (409, "has_a_verdict")
    look.act(look.desk, "rework")
    assert look.is_pending()
    assert look.judge(look.chief, "confirmed").status_code == 200
    assert (look.change()["verdict"], look.case()["state"]) == ("confirmed", "post_check")


def test_a_case_that_was_handled_without_a_verdict_gets_one_and_stays_where_it_is(
    look: Look,
) -> None:
    look.act(look.chief, "accept", "handle")
    assert look.is_pending()
    look.act(look.desk, "check", "close")
    assert not look.is_pending()
    refused = look.judge(look.chief, "confirmed")
    assert (refused.status_code, refused.json()["field"]) == (422, "photos")
    assert look.judge(look.chief, "confirmed", photos=[]).status_code == 200
    assert (look.change()["verdict"], look.case()["state"]) == ("confirmed", "closed")


def test_what_was_found_is_shown_by_photos(look: Look) -> None:
    refused = look.judge(look.chief, "confirmed", photos=[])
    assert (refused.status_code, refused.json()["code"]) == (422, "photos_missing")
    assert (look.change()["verdict"], look.case()["state"]) == (None, "dispatched")
    look.judge(look.chief, "confirmed")
    assert [each["role"] for each in look.case()["photos"]] == ["after"]


def test_what_became_a_part_of_another_case_is_not_to_be_looked_at_again(
    look: Look, client: TestClient
) -> None:
    case = look.case()
    same = {"category": "order.construction", "description": "搭建"}
    report = {"lon": case["lon"], "lat": case["lat"], **same}
    other = client.post("/api/v1/cases", json=report, headers=look.desk).json()
    assert look.is_pending()
    merge = {"action": "merge", "into": other["id"]}
    url = f"/api/v1/cases/{case['id']}/actions"
    assert client.post(url, json=merge, headers=look.desk).status_code == 200
    assert not look.is_pending()


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
