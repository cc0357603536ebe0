"""Facilities through HTTP: imported, taken back, and real ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from data.database import Database
from layers.facilities.facility import stable_code
from layers.facilities.kinds import read_kind, title_of
from tests.morning import EAST, make_town

SignIn = Callable[..., dict[str, str]]
URL = "/api/v1/facilities"
HEAD = "code,name,kind,lon,lat,height\n"
FIRST = f"{HEAD}A,甲,路灯,118.60,34.5,6\nB,乙,路灯,118.61,34.5,8\n"
SECOND = f"{HEAD}A,甲改,路灯,118.60,34.5,6\nC,丙,消防栓,118.62,34.5,\n"


class Desk:
    def __init__(self, client: TestClient, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    def ask(self, method: str, path: str = "", *, status: int = 200, **extra: Any) -> Any:
        answer = self._client.request(method, f"{URL}{path}", headers=self._headers, **extra)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def table(self, content: str | bytes, **fields: str) -> Any:
        content = content if isinstance(content, bytes) else content.encode()
        return self.ask("POST", "/import", files={"files": ("设施.csv", content)}, data=fields)

    def names(self) -> dict[str, str]:
        features = self.ask("GET")["features"]
        return {each["id"]: each["properties"]["name"] for each in features}


def recorded(database: Database) -> list[tuple[str, Any]]:
    """What the audit says of facilities: the action and its details, in order."""
    with database.begin() as conn:
        rows = conn.execute(
            text(
                "SELECT action, details FROM audit_events WHERE action LIKE 'facility.%' ORDER BY id"
            )
        )
        return [(row.action, row.details) for row in rows]


@pytest.fixture
def desk(client: TestClient, sign_in: SignIn) -> Desk:
    return Desk(client, sign_in("dispatcher"))


def test_twice_is_once_and_makes_no_import(desk: Desk) -> None:
    first, again = desk.table(FIRST), desk.table(FIRST)
    assert (first["new"], first["changed"], first["unchanged"]) == (2, 0, 0)
    assert (again["new"], again["changed"], again["unchanged"], again["id"]) == (0, 0, 2, None)
    assert [each["id"] for each in desk.ask("GET", "/imports")["items"]] == [first["id"]]
    assert desk.ask("GET", "/B")["properties"]["properties"] == {"height": "8", "type": "路灯"}


def test_what_an_import_did_can_be_taken_back_the_last_one_first(desk: Desk) -> None:
    first, second = desk.table(FIRST)["id"], desk.table(SECOND)["id"]
    assert desk.names() == {"A": "甲改", "B": "乙", "C": "丙"}
    desk.ask("DELETE", f"/imports/{second}", status=204)
    assert desk.names() == {"A": "甲", "B": "乙"}
    desk.ask("DELETE", f"/imports/{first}", status=204)
    assert desk.names() == {}
    desk.ask("DELETE", f"/imports/{first}", status=404)


def test_what_a_later_import_wrote_over_stays_and_goes_with_that_one(desk: Desk) -> None:
    first, second = desk.table(FIRST)["id"], desk.table(SECOND)["id"]
    third = desk.table(f"{HEAD}A,甲三,路灯,118.60,34.5,6\n")["id"]
    desk.ask("DELETE", f"/imports/{second}", status=204)
    assert desk.names() == {"A": "甲三", "B": "乙"}
    desk.ask("DELETE", f"/imports/{first}", status=204)
    assert desk.names() == {"A": "甲三"}
    desk.ask("DELETE", f"/imports/{third}", status=204)
    assert desk.names() == {}


def test_one_kind_may_be_said_for_all_and_areas_become_points(desk: Desk) -> None:
    area = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": "广场"},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[118, 34], [119, 34], [119, 35], [118, 34]]],
                },
            }
        ],
    }

    files = {"files": ("a.geojson", json.dumps(area).encode())}
    answer = desk.ask("POST", "/import", files=files, data={"kind": "避难场所"})
    assert answer["new"] == 1, answer
    [feature] = desk.ask("GET")["features"]
    assert feature["properties"]["kind"] == "shelter"
    assert desk.ask("GET", "/kinds")["items"] == [
        {"kind": "shelter", "title_zh": "避难场所", "title_en": "Emergency shelter", "count": 1}
    ]


def test_a_line_that_cannot_be_used_is_refused_alone(desk: Desk) -> None:
    answer = desk.table(f"{FIRST}C,,路灯,118,34,\nD,丁,,118,34,\nE,戊,路灯,x,34,\n")
    assert answer["new"] == 2
    assert sorted(each["number"] for each in answer["problems"]) == [4, 5, 6]


LAMP = {"code": "LD-1", "kind": "路灯", "name": "桥头灯", "lon": 118.65, "lat": 34.5}


def test_one_is_added_by_hand_in_the_words_of_a_file(desk: Desk, database: Database) -> None:
    added = desk.ask("POST", json={**LAMP, "properties": {"高度": 6, "note": None}}, status=201)
    assert added == desk.ask("GET", "/LD-1")
    assert added["geometry"]["coordinates"] == [118.65, 34.5]
    assert added["properties"] == {
        "code": "LD-1",
        "kind": "street_lamp",
        "name": "桥头灯",
        "properties": {"高度": 6},
        "import_id": None,
    }
    assert desk.ask("POST", json=LAMP, status=409)["code"] == "facility_exists"
    assert recorded(database) == [("facility.create", {"kind": "street_lamp", "name": "桥头灯"})]


def test_one_without_a_code_gets_the_one_that_a_file_would_give_it(desk: Desk) -> None:
    added = desk.ask("POST", json={**LAMP, "code": None}, status=201)
    assert added["id"] == stable_code("street_lamp", "桥头灯", 118.65, 34.5)
    assert desk.table("name,kind,lon,lat\n桥头灯,street_lamp,118.65,34.5\n")["unchanged"] == 1


def test_one_is_corrected_and_what_is_left_out_stays(desk: Desk, database: Database) -> None:
    desk.ask("POST", json={**LAMP, "properties": {"h": 6, "w": 1.5, "led": True}}, status=201)
    changed = desk.ask("PATCH", "/LD-1", json={"properties": {"h": None, "w": 2, "note": "x"}})
    assert changed["properties"]["properties"] == {"w": 2, "led": True, "note": "x"}
    renamed = desk.ask("PATCH", "/LD-1", json={"name": " 桥尾 灯 ", "kind": "消防栓"})
    assert (renamed["properties"]["name"], renamed["properties"]["kind"]) == ("桥尾 灯", "hydrant")
    assert renamed["properties"]["properties"] == changed["properties"]["properties"]
    cleared = desk.ask("PATCH", "/LD-1", json={"properties": None})
    assert cleared["properties"]["properties"] == {}
    assert cleared["geometry"]["coordinates"] == [118.65, 34.5]
    assert recorded(database)[1:] == [
        ("facility.change", {"changed": ["properties"]}),
        ("facility.change", {"changed": ["kind", "name"]}),
        ("facility.change", {"changed": ["properties"]}),
    ]


def test_one_is_moved(desk: Desk) -> None:
    desk.ask("POST", json=LAMP, status=201)
    there = {"lon": 118.66, "lat": 34.51}
    assert desk.ask("PATCH", "/LD-1", json=there)["geometry"]["coordinates"] == [118.66, 34.51]
    shifted = desk.ask("PATCH", "/LD-1", json={**there, "crs": "gcj02"})["geometry"]["coordinates"]
    assert shifted == pytest.approx([118.66, 34.51], abs=0.01)
    assert shifted != [118.66, 34.51]


def test_one_is_removed_and_made_again_by_a_file(desk: Desk, database: Database) -> None:
    desk.table(FIRST)
    desk.ask("DELETE", "/A", status=204)
    assert desk.ask("GET", "/A", status=404)["code"] == "no_such_facility"
    desk.ask("DELETE", "/A", status=404)
    assert recorded(database)[-1][0] == "facility.delete"
    assert desk.table(FIRST)["new"] == 1


def test_what_was_corrected_by_hand_stays_when_its_import_is_taken_back(desk: Desk) -> None:
    first = desk.table(FIRST)["id"]
    desk.ask("PATCH", "/A", json={"name": "手改"})
    second = desk.table(f"{HEAD}A,甲二,路灯,118.60,34.5,6\n")["id"]
    desk.ask("DELETE", f"/imports/{first}", status=204)
    assert desk.names() == {"A": "甲二"}
    desk.ask("DELETE", f"/imports/{second}", status=204)
    assert desk.names() == {"A": "手改"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": None}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"kind": None}, "kind"),
        ({"kind": "<b>"}, "kind"),
        ({"lon": None, "lat": 34.5}, "lon"),
        ({"lon": 118.65}, "lat"),
        ({"lon": 34.5, "lat": 118.65}, "lat"),
        ({"properties": {"": 1}}, "properties"),
        ({"properties": {"note": "x" * 2001}}, "properties"),
        ({"properties": {str(number): 1 for number in range(101)}}, "properties"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field_and_changes_nothing(
    desk: Desk, body: dict[str, Any], field: str
) -> None:
    before = desk.ask("POST", json=LAMP, status=201)
    assert desk.ask("PATCH", "/LD-1", json=body, status=422)["field"] == field
    assert desk.ask("GET", "/LD-1") == before


def test_whoever_answers_for_some_grids_changes_what_stands_in_them_only(
    client: TestClient, sign_in: SignIn, database: Database
) -> None:
    make_town(database)
    role = "/api/v1/roles/grid_chief/permissions/manage_places"
    client.put(role, json={"granted": True}, headers=sign_in("admin"))
    chief = Desk(client, sign_in("grid_chief", grid_code=EAST))
    west = {**LAMP, "lon": 118.55}
    chief.ask("POST", json=west, status=403)
    chief.ask("POST", json=LAMP, status=201)
    chief.ask("PATCH", "/LD-1", json={"name": "x"})
    chief.ask("PATCH", "/LD-1", json={"lon": 118.55, "lat": 34.5}, status=403)
    whole_town = Desk(client, sign_in("dispatcher"))
    whole_town.ask("PATCH", "/LD-1", json={"lon": 118.55, "lat": 34.5})
    chief.ask("PATCH", "/LD-1", json={"lon": 118.65, "lat": 34.5}, status=403)
    chief.ask("DELETE", "/LD-1", status=403)


def test_each_change_by_hand_makes_another_tile(
    desk: Desk, client: TestClient, sign_in: SignIn
) -> None:
    headers = sign_in("dispatcher")
    tile = "/api/v1/tiles/facilities/14/13591/6517.mvt"

    def seen() -> bytes:
        content: bytes = client.get(tile, headers=headers).content
        return content

    desk.ask("POST", json=LAMP, status=201)
    assert "桥头灯".encode() in seen()
    desk.ask("PATCH", "/LD-1", json={"name": "桥尾灯"})
    assert "桥尾灯".encode() in seen()
    desk.ask("PATCH", "/LD-1", json={"lon": 110, "lat": 34.5})
    assert seen() == b""


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("交通设施服务;公交车站;公交车站相关", "bus_stop"),
        ("科教文化服务;学校;幼儿园", "kindergarten"),
        ("科教文化服务;学校;中学|科教文化服务;培训机构;培训机构", "school"),
        ("医疗保健服务;综合医院;三级甲等医院", "hospital"),
        ("医疗保健服务;急救中心;急救中心", "急救中心"),
        ("hydrant", "hydrant"),
        ("充电桩", "充电桩"),
    ],
)
def test_categories_of_maps_for_the_public_are_understood(word: str, kind: str) -> None:
    assert read_kind(word) == kind
    assert title_of(kind).zh


def test_a_code_is_of_the_thing_and_not_of_the_file() -> None:
    code = stable_code("school", "一中", 118.6, 34.5)
    assert code == stable_code("school", "一中", 118.60000004, 34.5)
    assert code != stable_code("school", "二中", 118.6, 34.5)


def test_real_points_of_a_city_load_as_they_are_and_again_change_nothing(
    desk: Desk, real_data: Path, database: Database
) -> None:
    folder = real_data / "poi_shanghai"
    files = sorted(folder.glob("*.csv"))
    assert len(files) == 6
    lines, stored = 0, 0
    for path in files:
        content = path.read_bytes()
        first, again = desk.table(content), desk.table(content)
        lines += first["new"] + first["changed"] + first["unchanged"] + first["refused"]
        stored += first["new"]
        assert (again["new"], again["changed"], again["id"]) == (0, 0, None)
        assert {each["message"].split(" is ")[-1] for each in first["problems"]} <= {
            "in the files twice."
        }
    assert lines == 27_514
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM facilities")) == stored
    assert stored > 24_000
