"""Grids over HTTP, in a town of two level-1 grids, of which "A" is cut into "A1" and "A2"."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shapely import MultiPolygon, box
from shapely.geometry import shape
from sqlalchemy import insert

from data.database import Database
from data.editions import activate, draft_edition
from data.schema import duty_sessions, posts, staff, units
from gis.crs import Crs, from_wgs84
from gis.grid import Grid

Client = Any  # starlette.testclient.TestClient
SignIn = Callable[..., dict[str, str]]

GRIDS = "/api/v1/grids"
LOCATE = f"{GRIDS}/locate"
THEN = datetime(2026, 3, 1, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def grid(code: str, west: float, east: float, parent: str | None = None) -> Grid:
    area = MultiPolygon([box(west, 34.5, east, 34.51)])
    level = 1 if parent is None else 2
    return Grid(code=code, name=f"{code}网格", level=level, parent_code=parent, geometry=area)


A, B = grid("A", 118.60, 118.62), grid("B", 118.62, 118.63)
A1, A2 = grid("A1", 118.60, 118.61, "A"), grid("A2", 118.61, 118.62, "A")


@pytest.fixture
def town(database: Database) -> dict[str, int]:
    """Two editions: of A and B alone, and since `THEN` with A1 and A2. Staff ids by name: 王 is the
    worker of A1 on duty as GW-001, 李 the chief of A."""
    with database.begin() as conn:
        first = draft_edition(conn, [A, B], name="spring").edition.id
        activate(conn, first, at=THEN - timedelta(days=30))
        second = draft_edition(conn, [A, B, A1, A2], name="autumn").edition.id
        activate(conn, second, at=THEN)
        ids = {"autumn": second, "spring": first}
        for name, role, code in (("李", "grid_chief", "A"), ("王", "grid_worker", "A1")):
            added = conn.execute(
                insert(staff).values(name=name, phone="13812345678").returning(staff.c.id)
            )
            ids[name] = added.scalar_one()
            post = {"role": role, "grid_code": code, "valid_from": LONG_AGO}
            conn.execute(insert(posts).values(staff_id=ids[name], **post))
        unit = {"code": "GW-001", "kind": "person", "name": "王", "role": "grid_worker"}
        unit_id = conn.execute(
            insert(units).values(**unit, staff_id=ids["王"]).returning(units.c.id)
        ).scalar_one()
        conn.execute(insert(duty_sessions).values(unit_id=unit_id, began_at=LONG_AGO))
        return ids


@pytest.fixture
def desk(sign_in: SignIn) -> dict[str, str]:
    return sign_in("dispatcher")


def codes(response: Any) -> list[str]:
    assert response.status_code == 200, response.text
    return [feature["id"] for feature in response.json()["features"]]


def problem(response: Any) -> tuple[int, str, str | None]:
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, body["code"], body.get("field")


def test_the_grids_are_geojson_with_their_owners(
    client: Client, desk: dict[str, str], town: dict[str, int]
) -> None:
    response = client.get(GRIDS, headers=desk)
    assert response.headers["content-type"] == "application/geo+json"
    assert codes(response) == ["A", "B", "A1", "A2"]
    a1 = response.json()["features"][2]
    assert shape(a1["geometry"]).equals(A1.geometry)
    assert a1["properties"] == {
        "code": "A1",
        "name": "A1网格",
        "level": 2,
        "parent": "A",
        "edition": town["autumn"],
        "area_m2": pytest.approx(1_019_000, rel=0.01),
        "in_scope": True,
        "owner": {"staff": town["王"], "name": "王", "role": "grid_worker"},
    }
    owners = [feature["properties"]["owner"] for feature in response.json()["features"]]
    assert [owner and owner["name"] for owner in owners] == ["李", None, "王", "李"]


def test_coordinates_are_rounded_to_a_centimetre(
    client: Client, desk: dict[str, str], database: Database
) -> None:
    odd = Grid(
        code="X",
        name="X",
        level=1,
        parent_code=None,
        geometry=MultiPolygon([box(118.123456789, 34, 118.2, 34.1)]),
    )
    with database.begin() as conn:
        activate(conn, draft_edition(conn, [odd], name="odd").edition.id, at=THEN)
    feature = client.get(f"{GRIDS}/X", headers=desk).json()
    assert [118.1234568, 34.0] in feature["geometry"]["coordinates"][0][0]


def test_grids_are_filtered_by_level_box_and_instant(
    client: Client, desk: dict[str, str], town: dict[str, int]
) -> None:
    def found(**query: Any) -> list[str]:
        return codes(client.get(GRIDS, params=query, headers=desk))

    assert found(level=2) == ["A1", "A2"]
    assert found(bbox="118.601,34.5,118.602,34.51") == ["A", "A1"]
    assert found(level=1, bbox="118.601,34.5,118.602,34.51") == ["A"]
    assert found(at="2026-02-28T08:00:00+08:00") == ["A", "B"]
    assert found(at="2020-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"level": 0}, "level"),
        ({"level": "x"}, "level"),
        ({"bbox": "1,2,3"}, "bbox"),
        ({"bbox": "119,34,118,35"}, "bbox"),
        ({"bbox": "nan,34,118,35"}, "bbox"),
        ({"at": "2026-03-01T08:00:00"}, "at"),
    ],
)
def test_a_filter_that_cannot_be_used_is_named(
    client: Client, desk: dict[str, str], query: dict[str, Any], field: str
) -> None:
    response = client.get(GRIDS, params=query, headers=desk)
    assert (response.status_code, response.json()["field"]) == (422, field)


def test_before_the_first_edition_there_are_no_grids(client: Client, desk: dict[str, str]) -> None:
    assert codes(client.get(GRIDS, headers=desk)) == []
    assert problem(client.get(f"{GRIDS}/A", headers=desk)) == (404, "not_found", None)
    located = client.get(LOCATE, params={"lon": 118.6, "lat": 34.5}, headers=desk).json()
    assert located["grid"] is None


def test_one_grid_knows_who_is_above_and_below(
    client: Client, desk: dict[str, str], town: dict[str, int]
) -> None:
    above = client.get(f"{GRIDS}/A", headers=desk).json()
    assert (above["properties"]["children"], above["properties"]["ancestors"]) == (["A1", "A2"], [])
    below = client.get(f"{GRIDS}/A2", headers=desk).json()
    assert (below["properties"]["children"], below["properties"]["ancestors"]) == ([], ["A"])
    then = client.get(f"{GRIDS}/A", params={"at": "2026-02-28T00:00:00Z"}, headers=desk).json()
    assert (then["properties"]["children"], then["properties"]["edition"]) == ([], town["spring"])


@pytest.mark.parametrize("path", ["/Z", "/Z/staff", "/A1?at=2026-02-28T00:00:00Z", "/%00"])
def test_an_unknown_grid_is_not_found(
    client: Client, desk: dict[str, str], town: dict[str, int], path: str
) -> None:
    assert problem(client.get(GRIDS + path, headers=desk))[:2] == (404, "not_found")


def test_the_staff_of_a_grid_are_those_of_the_grids_below_too(
    client: Client, desk: dict[str, str], town: dict[str, int]
) -> None:
    items = client.get(f"{GRIDS}/A/staff", headers=desk).json()["items"]
    assert items == [
        {
            "staff": town["李"],
            "name": "李",
            "role": "grid_chief",
            "is_deputy": False,
            "grid": "A",
            "department": None,
            "unit": None,
            "on_duty": False,
            "on_leave": False,
            "phone": "138****5678",
            "open_cases": 0,
            "overdue_cases": 0,
        },
        {
            "staff": town["王"],
            "name": "王",
            "role": "grid_worker",
            "is_deputy": False,
            "grid": "A1",
            "department": None,
            "unit": "GW-001",
            "on_duty": True,
            "on_leave": False,
            "phone": "138****5678",
            "open_cases": 0,
            "overdue_cases": 0,
        },
    ]
    assert client.get(f"{GRIDS}/B/staff", headers=desk).json() == {"items": []}


def test_the_staff_of_the_whole_town_are_listed_last_where_they_are_asked_for(
    client: Client, desk: dict[str, str], town: dict[str, int], database: Database
) -> None:
    with database.begin() as conn:
        role = {"role": "department_handler", "valid_from": datetime(2026, 1, 1, tzinfo=UTC)}
        conn.execute(insert(posts).values(staff_id=town["王"], **role))
    ask = {"of_the_town": True}
    items = client.get(f"{GRIDS}/A/staff", params=ask, headers=desk).json()["items"]
    assert [(each["role"], each["grid"]) for each in items] == [
        *(("grid_chief", "A"), ("grid_worker", "A1"), ("department_handler", None))
    ]


def test_a_chief_reads_the_staff_of_their_own_grids_only(
    client: Client, sign_in: SignIn, town: dict[str, int]
) -> None:
    chief = sign_in("grid_chief", grid_code="A")
    assert client.get(f"{GRIDS}/A2/staff", headers=chief).status_code == 200
    assert problem(client.get(f"{GRIDS}/B/staff", headers=chief))[:2] == (403, "not_permitted")


@pytest.mark.parametrize("role", ["grid_worker", "analyst"])
def test_telephone_numbers_are_not_for_every_role(
    client: Client, sign_in: SignIn, town: dict[str, int], role: str
) -> None:
    headers = sign_in(role, grid_code="A1")
    assert problem(client.get(f"{GRIDS}/A1/staff", headers=headers))[0] == 403


def test_outside_ones_grids_the_map_shows_areas_but_no_names_of_people(
    client: Client, sign_in: SignIn, town: dict[str, int]
) -> None:
    worker = sign_in("grid_worker", grid_code="A1")
    features = client.get(GRIDS, headers=worker).json()["features"]
    seen = {f["id"]: (f["properties"]["in_scope"], f["properties"]["owner"]) for f in features}
    assert seen["A"] == (False, None)
    assert seen["A1"][0] is True
    assert seen["A1"][1]["name"] == "王"
    located = client.get(LOCATE, params={"lon": 118.615, "lat": 34.505}, headers=worker).json()
    assert (located["grid"]["code"], located["owner"]) == ("A2", None)


def test_a_position_lies_in_one_grid_which_has_an_owner(
    client: Client, desk: dict[str, str], town: dict[str, int]
) -> None:
    located = client.get(LOCATE, params={"lon": 118.605, "lat": 34.505}, headers=desk).json()
    assert located == {
        "grid": {"code": "A1", "name": "A1网格", "level": 2},
        "parent": {"code": "A", "name": "A网格", "level": 1},
        "on_boundary": False,
        "snapped": False,
        "distance_m": 0.0,
        "owner": {
            "staff": town["王"],
            "name": "王",
            "role": "grid_worker",
            "reason": "worker_on_duty",
        },
    }


def test_positions_on_an_edge_near_and_far_say_so(
    client: Client, desk: dict[str, str], town: dict[str, int]
) -> None:
    points = [
        {"lon": 118.61, "lat": 34.505},  # between A1 and A2
        {"lon": 118.605, "lat": 34.5101},  # 11 m north of A1
        {"lon": 118.625, "lat": 34.505},  # in B, which has no owner
        {"lon": 100.0, "lat": 34.505},
    ]
    items = client.post(LOCATE, json={"points": points}, headers=desk).json()["items"]
    assert [item["grid"] and item["grid"]["code"] for item in items] == ["A1", "A1", "B", None]
    assert [item["on_boundary"] for item in items] == [True, False, False, False]
    assert [item["snapped"] for item in items] == [False, True, False, False]
    assert [item["distance_m"] for item in items] == [0.0, pytest.approx(11.1, abs=0.1), 0.0, None]
    assert items[2]["owner"] == {
        "staff": None,
        "name": None,
        "role": "dispatcher",
        "reason": "dispatch_queue",
    }
    assert items[3]["owner"] is None


def test_positions_may_be_in_another_coordinate_system(
    client: Client, desk: dict[str, str], town: dict[str, int]
) -> None:
    lon, lat = from_wgs84(118.6001, 34.505, Crs.GCJ02)
    query = {"lon": lon, "lat": lat, "crs": "gcj02"}
    located = client.get(LOCATE, params=query, headers=desk).json()
    assert (located["grid"]["code"], located["snapped"]) == ("A1", False)
    body = {"points": [{"lon": lon, "lat": lat}], "crs": "gcj02"}
    assert client.post(LOCATE, json=body, headers=desk).json()["items"] == [located]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"lon": 118.6}, (422, "invalid_input", "lat")),
        ({"lon": 181, "lat": 34}, (422, "invalid_input", "lon")),
        ({"lon": 34.5, "lat": 118.6}, (422, "swapped_coordinates", "lat")),
        ({"lon": 118.6, "lat": "nan"}, (422, "invalid_input", "lat")),
        ({"lon": 118.6, "lat": 34.5, "crs": "mars"}, (422, "invalid_input", "crs")),
    ],
)
def test_a_position_that_is_none_is_refused(
    client: Client, desk: dict[str, str], query: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    assert problem(client.get(LOCATE, params=query, headers=desk)) == expected


def test_one_bad_position_of_many_is_named_by_its_place(
    client: Client, desk: dict[str, str]
) -> None:
    points = [{"lon": 118.6, "lat": 34.5}, {"lon": 34.5, "lat": 118.6}]
    response = client.post(LOCATE, json={"points": points}, headers=desk)
    assert problem(response) == (422, "swapped_coordinates", "points.1.lat")


def test_10_000_positions_are_the_most_at_once(
    client: Client, desk: dict[str, str], town: dict[str, int]
) -> None:
    points = [{"lon": 118.605, "lat": 34.505}] * 10_000
    items = client.post(LOCATE, json={"points": points}, headers=desk).json()["items"]
    assert len(items) == 10_000
    response = client.post(LOCATE, json={"points": [*points, points[0]]}, headers=desk)
    assert problem(response) == (422, "invalid_input", "points")


def test_no_positions_are_no_places(
    client: Client, desk: dict[str, str], town: dict[str, int]
) -> None:
    assert client.post(LOCATE, json={"points": []}, headers=desk).json() == {"items": []}


@pytest.mark.parametrize("path", ["", "/A", "/A/staff", "/locate?lon=1&lat=1"])
def test_nobody_reads_grids_without_signing_in(client: Client, path: str) -> None:
    assert problem(client.get(GRIDS + path))[:2] == (401, "not_signed_in")


def test_the_gateway_sees_no_grids(client: Client, sign_in: SignIn, town: dict[str, int]) -> None:
    assert client.get(GRIDS, headers=sign_in("gateway")).status_code == 403
