"""Cameras through HTTP: imported, changed, asked what they see, watched."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from pyproj import Geod
from shapely.geometry import Point, shape
from sqlalchemy import text
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import ServerSettings
from data.database import Database
from data.installation import Databases
from layers.cameras.camera import Network
from layers.cameras.streams import StreamGateway, StreamSettings, sign
from tests.morning import EAST, WEST, make_town

SignIn = Callable[..., dict[str, str]]
URL = "/api/v1/cameras"
KEY = "a key of at least sixteen"
GATEWAY = StreamGateway(
    template="https://media.town.example/{code}.flv?e={expires}&t={token}", key=SecretStr(KEY)
)
WGS84 = Geod(ellps="WGS84")
LON, LAT = 118.65, 34.5


def code(number: int) -> str:
    return f"32072210011320{number:06d}"


def row(number: int, **cells: Any) -> dict[str, Any]:
    return {"code": code(number), "lon": LON, "lat": LAT, **cells}


NORTH = {"bearing_deg": 0, "fov_deg": 90, "range_m": 100, "state": "online"}


@pytest.fixture
def settings(tmp_path) -> ServerSettings:
    streams = StreamSettings(streams={Network.SKYEYE: GATEWAY})
    return ServerSettings(web_dir=tmp_path / "dist", streams=streams)


class Desk:
    def __init__(self, client: TestClient, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    def ask(self, method: str, path: str = "", **extra: Any) -> Any:
        return self._client.request(method, f"{URL}{path}", headers=self._headers, **extra)

    def add(self, number: int, **cells: Any) -> Any:
        answer = self.ask("POST", json=row(number, **cells))
        assert answer.status_code == 201, answer.text
        return answer.json()

    def table(self, content: str, **fields: str) -> Any:
        files = {"files": ("监控.csv", content.encode())}
        answer = self.ask("POST", "/import", files=files, data=fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def seeing(self, lon: float, lat: float, **query: Any) -> list[Any]:
        answer = self.ask("GET", "/seeing", params={"lon": lon, "lat": lat, **query})
        assert answer.status_code == 200, answer.text
        items: list[Any] = answer.json()["items"]
        return items


@pytest.fixture
def desk(client: TestClient, sign_in: SignIn, database: Database) -> Desk:
    make_town(database)
    return Desk(client, sign_in("dispatcher"))


def away(azimuth_deg: float, metres: float) -> tuple[float, float]:
    lon, lat, _ = WGS84.fwd(LON, LAT, azimuth_deg, metres)
    return lon, lat


def test_a_view_is_the_sector_of_a_circle_on_the_earth(desk: Desk) -> None:
    view = shape(desk.add(1, bearing_deg=350, fov_deg=60, range_m=500)["properties"]["view"])
    for azimuth in (321, 350, 19):
        assert view.covers(Point(away(azimuth, 495)))
        assert not view.covers(Point(away(azimuth, 505)))
    for azimuth in (319, 21, 170):
        assert not view.covers(Point(away(azimuth, 400)))
    area, _ = WGS84.geometry_area_perimeter(view)
    assert abs(area) == pytest.approx(500**2 * 3.14159 / 6, rel=2e-3)


def test_a_camera_that_turns_round_sees_a_whole_circle_and_one_unknown_has_no_view(
    desk: Desk,
) -> None:
    view = shape(desk.add(1, fov_deg=360, range_m=100)["properties"]["view"])
    assert all(view.covers(Point(away(azimuth, 99))) for azimuth in range(0, 360, 15))
    assert desk.add(2)["properties"]["view"] is None


def test_an_angle_without_a_direction_is_refused(desk: Desk) -> None:
    answer = desk.ask("POST", json=row(1, fov_deg=60, range_m=100))
    assert (answer.status_code, answer.json()["field"]) == (422, "bearing_deg")


def test_cameras_that_see_a_place_come_nearest_first_with_the_angle_off_their_axis(
    desk: Desk,
) -> None:
    desk.add(1, **NORTH)
    near_lon, near_lat = away(0, 60)
    desk.add(2, **{**NORTH, "lon": near_lon, "lat": near_lat})
    desk.add(3, **{**NORTH, "bearing_deg": 180})
    desk.add(4, **{**NORTH, "range_m": 40})
    place = away(10, 80)
    found = desk.seeing(*place)
    assert [each["code"] for each in found] == [code(2), code(1)]
    assert found[1]["distance_m"] == pytest.approx(80, abs=0.1)
    assert found[1]["off_axis_deg"] == pytest.approx(10, abs=0.1)
    desk.ask("PATCH", f"/{code(2)}", json={"state": "offline"})
    assert [each["code"] for each in desk.seeing(*place, online_only=True)] == [code(1)]


def test_a_view_follows_what_is_changed(desk: Desk) -> None:
    before = desk.add(1, **NORTH)["properties"]
    assert desk.seeing(*away(0, 50))
    assert not desk.seeing(*away(180, 50))
    desk.ask("PATCH", f"/{code(1)}", json={"bearing_deg": 180})
    assert desk.seeing(*away(180, 50))
    assert not desk.seeing(*away(0, 50))
    after = desk.ask("GET", f"/{code(1)}").json()["properties"]
    assert after["state_since"] == before["state_since"]
    off = desk.ask("PATCH", f"/{code(1)}", json={"state": "offline"}).json()["properties"]
    assert off["state_since"] > before["state_since"]


KNOWN = {
    "name": "桥头",
    "network": "skyeye",
    "kind": "dome",
    "bearing_deg": 20,
    "fov_deg": 90,
    "range_m": 100,
    "height_m": 6,
    "state": "online",
}
UNKNOWN = {
    "name": code(1),
    "network": "other",
    "kind": "other",
    "bearing_deg": None,
    "fov_deg": None,
    "range_m": None,
    "height_m": None,
    "state": "unknown",
}


@pytest.mark.parametrize("field", sorted(KNOWN.keys() - {"bearing_deg"}))
def test_null_is_for_what_is_not_known_any_more_and_what_is_left_out_stays(
    desk: Desk, database: Database, field: str
) -> None:
    desk.add(1, **KNOWN)
    answer = desk.ask("PATCH", f"/{code(1)}", json={field: None})
    assert answer.status_code == 200, answer.text
    after = desk.ask("GET", f"/{code(1)}").json()["properties"]
    assert {name: after[name] for name in KNOWN} == {**KNOWN, field: UNKNOWN[field]}
    assert (after["view"] is None) == (field in ("fov_deg", "range_m"))
    with database.begin() as conn:
        details = conn.scalar(
            text("SELECT details FROM audit_events WHERE action = 'camera.change'")
        )
    assert details == {"changed": [field]}


def test_everything_known_of_a_camera_can_be_cleared_at_once(desk: Desk) -> None:
    desk.add(1, **KNOWN)
    desk.ask("PATCH", f"/{code(1)}", json=dict.fromkeys(KNOWN))
    after = desk.ask("GET", f"/{code(1)}").json()
    assert {name: after["properties"][name] for name in KNOWN} == UNKNOWN
    assert after["geometry"]["coordinates"] == [LON, LAT]


def test_a_direction_is_not_cleared_from_under_an_angle(desk: Desk) -> None:
    desk.add(1, **KNOWN)
    alone = desk.ask("PATCH", f"/{code(1)}", json={"bearing_deg": None})
    assert (alone.status_code, alone.json()["field"]) == (422, "bearing_deg")
    both = desk.ask("PATCH", f"/{code(1)}", json={"bearing_deg": None, "fov_deg": None})
    assert both.status_code == 200
    angle_again = desk.ask("PATCH", f"/{code(1)}", json={"fov_deg": 60})
    assert (angle_again.status_code, angle_again.json()["field"]) == (422, "bearing_deg")
    all_round = desk.ask("PATCH", f"/{code(1)}", json={"fov_deg": 360})
    assert all_round.status_code == 200


def test_a_camera_stands_somewhere(desk: Desk) -> None:
    desk.add(1)
    for place in ({"lon": None}, {"lat": None}, {"lon": None, "lat": None}, {"lon": LON}):
        answer = desk.ask("PATCH", f"/{code(1)}", json=place)
        assert (answer.status_code, answer.json()["field"]) in ((422, "lon"), (422, "lat"))


TABLE = """编码,名称,所属网络,类型,朝向,视场角,可视距离,状态,经度,纬度
32072210011320000001,路口一,公安天眼,枪机,90,60,100,在线,118.65,34.5
32072210011320000002,路口二,综治,球机,,360,150,离线,118.651,34.5
3207221001132000003,短了,综治,球机,,360,150,离线,118.651,34.5
32072210011180000004,录像机,综治,球机,,360,150,离线,118.651,34.5
32072210011320000005,没有位置,综治,球机,,360,150,离线,,34.5
32072210011320000001,又来,公安天眼,枪机,90,60,100,在线,118.65,34.5
"""


def test_an_import_says_of_each_line_what_became_of_it_and_twice_is_once(desk: Desk) -> None:
    first = desk.table(TABLE)
    assert (first["new"], first["changed"], first["unchanged"]) == (2, 0, 0)
    assert [each["number"] for each in first["problems"]] == [6, 4, 5, 7]
    again = desk.table(TABLE)
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 2)
    moved = desk.table(TABLE.replace("路口二", "桥头"))
    assert (moved["new"], moved["changed"], moved["unchanged"]) == (0, 1, 1)


def test_what_a_table_does_not_say_stays(desk: Desk) -> None:
    desk.table(TABLE)
    desk.table("code,lon,lat,state\n32072210011320000001,118.65,34.5,离线\n")
    one = desk.ask("GET", "/32072210011320000001").json()["properties"]
    assert (one["name"], one["range_m"], one["state"]) == ("路口一", 100, "offline")


def test_a_table_in_gbk_and_gcj02_is_read(desk: Desk) -> None:
    files = {"files": ("a.csv", TABLE.encode("gb18030"))}
    desk.ask("POST", "/import", files=files, data={"crs": "gcj02"})
    feature = desk.ask("GET", "/32072210011320000001").json()
    assert feature["properties"]["name"] == "路口一"
    _, _, shift_m = WGS84.inv(LON, LAT, *feature["geometry"]["coordinates"])
    assert 100 < shift_m < 800


def test_a_list_is_paged_and_filtered(desk: Desk) -> None:
    for number in (1, 2, 3):
        desk.add(number, network="skyeye" if number == 2 else "comprehensive")
    desk.add(4, lon=118.55)

    def codes(**query: Any) -> list[str]:
        features = desk.ask("GET", params=query).json()["features"]
        return [each["id"] for each in features]

    page = desk.ask("GET", params={"limit": 2}).json()
    assert [each["id"] for each in page["features"]] == [code(1), code(2)]
    assert codes(cursor=page["next"], limit=2) == [code(3), code(4)]
    assert codes(network="skyeye") == [code(2)]
    assert codes(bbox="118.5,34.4,118.6,34.6") == [code(4)]
    assert codes(grid=WEST) == [code(4)]
    assert desk.ask("GET", params={"grid": "404"}).status_code == 404


def test_coverage_tells_what_of_each_grid_is_seen_and_which_is_not(desk: Desk) -> None:
    desk.add(1, fov_deg=360, range_m=1000, state="online")
    body = desk.ask("GET", "/coverage", params={"level": 1}).json()
    assert body["unseen"] == [WEST]
    by_code = {each["code"]: each for each in body["items"]}
    assert by_code[EAST]["cameras"] == 1
    # A circle of 1 km in 0.1 by 0.2 degrees.
    assert by_code[EAST]["seen_share"] == pytest.approx(3.14159 / (9.19 * 22.19), rel=0.02)
    desk.ask("PATCH", f"/{code(1)}", json={"state": "fault"})
    body = desk.ask("GET", "/coverage", params={"level": 1, "online_only": True}).json()
    assert body["unseen"] == [EAST, WEST]


def test_a_stream_is_signed_for_minutes_and_on_the_audit_without_its_address(
    desk: Desk, database: Database
) -> None:
    desk.add(1, network="skyeye")
    answer = desk.ask("POST", f"/{code(1)}/stream").json()
    query = dict(part.split("=") for part in answer["url"].split("?")[1].split("&"))
    assert query["t"] == sign(KEY, code(1), int(query["e"]))
    assert KEY not in str(answer)
    with database.begin() as conn:
        details = conn.execute(
            text("SELECT subject, details FROM audit_events WHERE action = 'camera.watch'")
        ).one()
    assert details.subject == f"camera {code(1)}"
    assert query["t"] not in str(details)


def test_only_cameras_of_ones_own_grids_are_watched(
    desk: Desk, client: TestClient, sign_in: SignIn
) -> None:
    desk.add(1, network="skyeye")
    for grid, status in ((EAST, 200), (WEST, 403)):
        headers = sign_in("grid_chief", grid_code=grid)
        answer = client.post(f"{URL}/{code(1)}/stream", headers=headers)
        assert answer.status_code == status


def test_a_network_without_a_gateway_has_no_stream(desk: Desk) -> None:
    desk.add(1, network="landwatch")
    answer = desk.ask("POST", f"/{code(1)}/stream")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_stream")


def test_a_round_by_a_line_takes_the_cameras_as_one_comes_past_them(
    desk: Desk, client: TestClient, sign_in: SignIn
) -> None:
    for number, metres in ((3, 10), (1, 200), (2, 400)):
        lon, lat = away(90, metres)
        desk.add(number, lon=lon, lat=lat)
    far_lon, far_lat = away(0, 300)
    desk.add(4, lon=far_lon, lat=far_lat)
    headers = sign_in("dispatcher")
    line = {"type": "LineString", "coordinates": [[LON, LAT], list(away(90, 500))]}
    body = {"name": "干道", "line": line, "within_m": 30, "dwell_s": 20}
    made = client.post("/api/v1/video_rounds", json=body, headers=headers)
    assert made.status_code == 201, made.text
    assert [each["camera"] for each in made.json()["stops"]] == [code(3), code(1), code(2)]
    assert made.json()["lasts_s"] == 60
    playing = client.get(
        f"/api/v1/video_rounds/{made.json()['id']}/schedule", params={"count": 4}, headers=headers
    ).json()
    assert len(playing["items"]) == 4
    assert playing["items"][0]["camera"] == playing["items"][3]["camera"]


def test_views_are_in_the_tiles(desk: Desk, client: TestClient, sign_in: SignIn) -> None:
    desk.add(1, **NORTH)
    headers = sign_in("dispatcher")
    tile = client.get("/api/v1/tiles/cameras/14/13591/6517.mvt", headers=headers)
    assert tile.status_code == 200
    assert b"camera_views" in tile.content
    coarse = client.get("/api/v1/tiles/cameras/12/3397/1629.mvt", headers=headers)
    assert b"cameras" in coarse.content
    assert b"camera_views" not in coarse.content


def test_the_server_may_not_do_more_than_it_must(database: Database) -> None:
    with Databases.beside(database) as databases:
        create_app(databases.application, ServerSettings())
        with databases.application.begin() as conn:
            assert conn.scalar(text("SELECT count(*) FROM video_rounds")) == 0
