"""People without an account over HTTP: reporting, and following by the code."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from starlette.testclient import TestClient

from api.routes.citizens import CitizenReport
from api.settings import ServerSettings
from data.database import Database
from data.schema import grid_editions, grids, posts, staff
from gis.crs import Crs, from_wgs84
from patrol.citizens.settings import CitizenSettings
from patrol.photos.settings import PhotoSettings
from tests.photos import photo, sent_photo

Headers = dict[str, str]
SignIn = Callable[..., Headers]

V1 = "/api/v1"
LON, LAT = 118.605, 34.505
WRONG = "0000-0000-0000-0000"
REPORT = {"lon": LON, "lat": LAT, "description": "路口堆放垃圾", "category": "environment.garbage"}
SQUARE = "118.60 34.50, 118.61 34.50, 118.61 34.51, 118.60 34.51, 118.60 34.50"
SECRET = "李明13900001111"


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    return ServerSettings(web_dir=tmp_path / "dist", photos=PhotoSettings(dir=tmp_path / "photos"))


@pytest.fixture
def chief(database: Database, sign_in: SignIn) -> Headers:
    """李明13900001111, the chief of A, to whom A1 belongs too."""
    with database.begin() as conn:
        edition = {"name": "2026", "state": "active", "content_hash": "made up"}
        edition_id = conn.scalar(
            insert(grid_editions).values(**edition).returning(grid_editions.c.id)
        )
        for code, level, parent in (("A", 1, None), ("A1", 2, "A")):
            values = {"name": f"{code}网格", "level": level, "parent_code": parent, "area_m2": 1.0}
            geom = f"SRID=4326;MULTIPOLYGON((({SQUARE})))"
            conn.execute(
                insert(grids).values(edition_id=edition_id, code=code, geom=geom, **values)
            )
        staff_id = conn.scalar(insert(staff).values(name=SECRET).returning(staff.c.id))
        since = datetime(2020, 1, 1, tzinfo=UTC)
        conn.execute(
            insert(posts).values(
                staff_id=staff_id, role="grid_chief", grid_code="A", valid_from=since
            )
        )
    return sign_in("grid_chief", grid_code="A", staff_id=staff_id)


@pytest.fixture
def desk(sign_in: SignIn) -> Headers:
    return sign_in("dispatcher")


def report(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.post(f"{V1}/public/reports", json={**REPORT, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def code_of(receipt: dict[str, Any]) -> Headers:
    return {"X-Follow-Code": receipt["follow_code"]}


def follow(client: TestClient, receipt: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(f"{V1}/public/reports/{receipt['number']}", headers=code_of(receipt))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def answer_to(client: TestClient, receipt: dict[str, Any], **body: Any) -> Any:
    url = f"{V1}/public/reports/{receipt['number']}/actions"
    return client.post(url, json=body, headers=code_of(receipt))


def case_of(client: TestClient, desk: Headers, receipt: dict[str, Any]) -> dict[str, Any]:
    items = client.get(f"{V1}/cases", headers=desk).json()["items"]
    [case] = [item for item in items if item["number"] == receipt["number"]]
    return dict(client.get(f"{V1}/cases/{case['id']}", headers=desk).json())


def act(client: TestClient, headers: Headers, case_id: int, action: str, **more: Any) -> None:
    url = f"{V1}/cases/{case_id}/actions"
    answer = client.post(url, json={"action": action, **more}, headers=headers)
    assert answer.status_code == 200, answer.text


def to_callback(client: TestClient, chief: Headers, desk: Headers, case_id: int) -> None:
    for who, action, more in (
        (chief, "accept", {}),
        (chief, "handle", {"note": f"已由{SECRET}清运", "photos": [sent_photo(client, chief)]}),
        (desk, "check", {}),
    ):
        act(client, who, case_id, action, **more)


def send_photo(client: TestClient) -> dict[str, Any]:
    files = {"files": ("blob", photo(), "image/jpeg")}
    answer = client.post(f"{V1}/public/photos", files=files)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_citizen_s_map_knows_where_the_town_is(client: TestClient, chief: Headers) -> None:
    assert client.get(f"{V1}/public/town").json() == {"bounds": [118.6, 34.5, 118.61, 34.51]}


def test_without_grids_nobody_knows_where_the_town_is(client: TestClient) -> None:
    assert client.get(f"{V1}/public/town").json() == {"bounds": None}


@pytest.mark.parametrize(("lon", "within"), [(LON, True), (118.64, False)])
def test_a_place_is_in_the_grids_or_near_them(
    client: TestClient, chief: Headers, lon: float, within: bool
) -> None:
    answer = client.get(f"{V1}/public/place", params={"lon": lon, "lat": LAT})
    assert answer.json() == {"within_grids": within}


def test_a_place_is_too_far_away_before_it_is_reported(client: TestClient, chief: Headers) -> None:
    answer = client.get(f"{V1}/public/place", params={"lon": 119.6, "lat": LAT})
    assert (answer.status_code, answer.json()["code"]) == (422, "too_far_away")


def test_the_ground_of_the_map_is_public_and_no_other_layer_is(
    client: TestClient, database: Database, chief: Headers
) -> None:
    ring = f"SRID=4326;POLYGON(({SQUARE}))"
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO basemap_features (kind, class, geom)"
                " VALUES ('water', 'lake', ST_GeomFromEWKT(:ring))"
            ),
            {"ring": ring},
        )
    # The tile that has the square.
    tile = "12/3397/1629.mvt"
    public = client.get(f"{V1}/public/basemap/{tile}")
    assert public.status_code == 200
    assert public.content == client.get(f"{V1}/tiles/basemap/{tile}", headers=chief).content
    fresh = {"If-None-Match": public.headers["etag"]}
    assert client.get(f"{V1}/public/basemap/{tile}", headers=fresh).status_code == 304
    assert client.get(f"{V1}/tiles/basemap/{tile}").status_code == 401
    assert client.get(f"{V1}/public/grids/{tile}").status_code == 404


def test_a_citizen_reports_with_a_photo_and_follows_the_report_by_its_code(
    client: TestClient, chief: Headers, desk: Headers
) -> None:
    sent = send_photo(client)
    assert (sent["lon"], sent["lat"]) == (118.65, 34.5)
    receipt = report(client, photos=[sent["id"]], phone="13900002222")
    assert receipt["state"]["code"] == "reported"
    seen = follow(client, receipt)
    assert (seen["description"], seen["state"]["words"]["zh"]) == (REPORT["description"], "已收到")
    assert [event["by"] for event in seen["events"]] == ["you"]
    [picture] = seen["photos"]
    assert (picture["id"], picture["shows"]) == (sent["id"], "report")
    url = f"{V1}/public/reports/{receipt['number']}/photos/{picture['id']}"
    for size in ("", "/thumbnail"):
        shown = client.get(url + size, headers=code_of(receipt))
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
        assert shown.headers["cache-control"] == "no-store"
    case = case_of(client, desk, receipt)
    assert (case["source"], case["state"], case["reporter"]) == (
        *("citizen", "reported", "139****2222"),
    )
    assert case["events"][0]["actor"] == "citizen"


def test_nobody_on_the_staff_is_named_to_a_citizen(
    client: TestClient, chief: Headers, desk: Headers
) -> None:
    receipt = report(client)
    case_id = case_of(client, desk, receipt)["id"]
    act(client, desk, case_id, "file")
    to_callback(client, chief, desk, case_id)
    answer = client.get(f"{V1}/public/reports/{receipt['number']}", headers=code_of(receipt))
    assert SECRET not in answer.text
    assert [(event["action"], event["by"], event["tier"]) for event in answer.json()["events"]] == [
        ("report", "you", None),
        ("file", "staff", "chief"),
        ("dispatch", "wangge", "chief"),
        ("accept", "staff", "chief"),
        ("handle", "staff", "chief"),
        ("check", "staff", "chief"),
    ]
    assert {event["note"] for event in answer.json()["events"]} == {None}


@pytest.mark.parametrize("written", [str.lower, lambda code: code.replace("-", " ")])
def test_a_code_may_be_written_as_people_write(
    client: TestClient, written: Callable[[str], str]
) -> None:
    receipt = report(client)
    follow(client, {**receipt, "follow_code": written(receipt["follow_code"])})


def test_a_wrong_number_and_a_wrong_code_are_answered_alike(client: TestClient) -> None:
    receipt, another = report(client), report(client)
    answers = [
        client.get(f"{V1}/public/reports/{number}", headers={"X-Follow-Code": code})
        for number, code in (
            (receipt["number"], WRONG),
            (receipt["number"], another["follow_code"]),
            (receipt["number"], ""),
            (receipt["number"], "no code at all"),
            ("AH20200101-0001", receipt["follow_code"]),
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


def test_who_guesses_codes_waits_and_nobody_else_does(client: TestClient, app: Any) -> None:
    receipt = report(client)
    url = f"{V1}/public/reports/{receipt['number']}"
    statuses = [client.get(url, headers={"X-Follow-Code": WRONG}).status_code for _ in range(21)]
    assert statuses == [404] * 20 + [429]
    waiting = client.get(url, headers=code_of(receipt))
    assert waiting.status_code == 429
    assert int(waiting.headers["retry-after"]) >= 1
    elsewhere = TestClient(app, client=("192.0.2.7", 1))
    assert elsewhere.get(url, headers=code_of(receipt)).status_code == 200


def test_a_report_sent_again_under_its_key_has_the_same_number_and_code(
    client: TestClient, database: Database
) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first, again = (client.post(f"{V1}/public/reports", json=REPORT, headers=key) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    follow(client, again.json())
    other = client.post(
        f"{V1}/public/reports", json={**REPORT, "description": "另一处"}, headers=key
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert first.json()["number"] not in other.text
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM cases")) == 1
        kept = conn.execute(text("SELECT * FROM citizen_reports")).one()
    assert first.json()["follow_code"].encode() not in kept.code_hash


OTHERS = {
    "lon": LON + 0.001,
    "lat": LAT + 0.001,
    "description": "另一处",
    "crs": "gcj02",
    "category": "facility.lamp",
    "fields": {"plate": "苏G12345"},
    "phone": "13912345678",
    "photos": [],
    "joins": "AH20261122-0001",
}


def test_a_key_is_for_everything_that_was_said_and_nothing_else(
    client: TestClient, desk: Headers
) -> None:
    assert set(OTHERS) == set(CitizenReport.model_fields)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {**REPORT, "phone": "13812345678", "photos": [send_photo(client)["id"]]}
    first = client.post(f"{V1}/public/reports", json=body, headers=key)
    before = case_of(client, desk, first.json())
    for field, value in OTHERS.items():
        other = client.post(f"{V1}/public/reports", json={**body, field: value}, headers=key)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused"), field
    assert case_of(client, desk, first.json()) == before
    assert len(client.get(f"{V1}/cases", headers=desk).json()["items"]) == 1
    again = client.post(f"{V1}/public/reports", json=body, headers=key)
    assert (first.status_code, again.json()) == (201, first.json())


def test_a_key_that_somebody_could_guess_is_refused(client: TestClient) -> None:
    answer = client.post(f"{V1}/public/reports", json=REPORT, headers={"Idempotency-Key": "1"})
    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize(
    ("lon", "status"), [(LON, 201), (118.62, 201), (118.70, 422)], ids=["inside", "near", "far"]
)
def test_what_lies_outside_all_grids_is_taken_unless_it_is_far_away(
    client: TestClient, chief: Headers, lon: float, status: int
) -> None:
    answer = client.post(f"{V1}/public/reports", json={**REPORT, "lon": lon})
    assert answer.status_code == status
    assert status == 201 or answer.json()["code"] == "too_far_away"


def test_a_position_may_be_in_another_coordinate_system(client: TestClient, desk: Headers) -> None:
    lon, lat = from_wgs84(LON, LAT, Crs.GCJ02)
    receipt = report(client, lon=lon, lat=lat, crs="gcj02")
    case = case_of(client, desk, receipt)
    assert (case["lon"], case["lat"]) == pytest.approx((LON, LAT), abs=1e-7)


def test_what_is_next_door_is_shown_as_little_as_possible_and_may_be_joined(
    client: TestClient, chief: Headers, desk: Headers
) -> None:
    first = report(client, phone="13900002222", description="垃圾成堆，我是赵某")
    place = {"lon": LON + 0.0001, "lat": LAT}
    query = {**place, "category": REPORT["category"]}
    [near] = client.get(f"{V1}/public/duplicates", params=query).json()["items"]
    assert set(near) == {"number", "distance_m", "category", "state", "reported_at"}
    assert (near["number"], near["distance_m"]) == (first["number"], 9)

    second = report(client, **place, joins=near["number"], description="也看到了")
    assert second["joined"] == first["number"]
    case = case_of(client, desk, first)
    assert case["reports"] == 2
    act(client, desk, case["id"], "file")
    to_callback(client, chief, desk, case["id"])
    seen = follow(client, second)
    assert (seen["state"]["code"], seen["description"]) == ("callback", "也看到了")
    assert (
        "赵某"
        not in client.get(f"{V1}/public/reports/{second['number']}", headers=code_of(second)).text
    )
    assert seen["actions"] == ["rate", "comment"]
    rated = answer_to(client, second, action="rate", rating="satisfied").json()
    assert (rated["state"]["code"], rated["rating"]) == ("closed", None)
    assert follow(client, first)["rating"] == "satisfied"


def test_only_what_was_offered_may_be_joined(client: TestClient, desk: Headers) -> None:
    other = report(client, category="facility.lamp")
    answer = client.post(f"{V1}/public/reports", json={**REPORT, "joins": other["number"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "no_duplicate")
    assert len(client.get(f"{V1}/cases", headers=desk).json()["items"]) == 1  # all or nothing


def test_matters_between_people_are_shown_to_nobody_next_door(client: TestClient) -> None:
    matter = {"category": "dispute.neighbour"}
    first = report(client, **matter)
    query = {"lon": LON, "lat": LAT, **matter}
    assert client.get(f"{V1}/public/duplicates", params=query).json() == {"items": []}
    joining = {**REPORT, **matter, "joins": first["number"]}
    answer = client.post(f"{V1}/public/reports", json=joining)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_duplicate")


def test_what_is_no_telephone_is_refused(client: TestClient) -> None:
    answer = client.post(f"{V1}/public/reports", json={**REPORT, "phone": "1390000222"})
    assert (answer.status_code, answer.json()["field"]) == (422, "phone")
    assert "0518-85801234" in answer.json()["detail"]


def test_who_is_dissatisfied_has_it_begun_again_and_who_is_satisfied_closes_it(
    client: TestClient, chief: Headers, desk: Headers
) -> None:
    receipt = report(client)
    case_id = case_of(client, desk, receipt)["id"]
    act(client, desk, case_id, "file")
    to_callback(client, chief, desk, case_id)
    sent = send_photo(client)
    again = answer_to(
        *(client, receipt), action="rate", rating="dissatisfied", note="还在", photos=[sent["id"]]
    ).json()
    assert again["state"]["code"] == "dispatched"
    assert again["events"][6] | {"at": None, "words": None} == {
        **{"action": "rate", "by": "you", "tier": "chief", "note": "还在"},
        **{"rating": "dissatisfied", "at": None, "words": None},
    }
    assert again["photos"][-1]["id"] == sent["id"]
    to_callback(client, chief, desk, case_id)
    done = answer_to(client, receipt, action="rate", rating="satisfied").json()
    assert (done["state"]["code"], done["rating"], done["actions"]) == ("closed", "satisfied", [])


def test_a_reporter_urges_and_adds_and_does_nothing_else(
    client: TestClient, chief: Headers, desk: Headers
) -> None:
    receipt = report(client)
    refused = answer_to(client, receipt, action="urge")
    assert (refused.status_code, refused.json()["state"]) == (409, "reported")
    added = answer_to(client, receipt, action="comment", note="在桥东侧").json()
    assert added["events"][-1]["note"] == "在桥东侧"
    act(client, desk, case_of(client, desk, receipt)["id"], "file")
    assert answer_to(client, receipt, action="urge").json()["events"][-1]["action"] == "urge"
    assert answer_to(client, receipt, action="void", note="不要了").status_code == 422


def test_a_code_does_not_take_the_photos_of_an_account(
    client: TestClient, desk: Headers, sign_in: SignIn
) -> None:
    theirs = sent_photo(client, desk)
    answer = client.post(f"{V1}/public/reports", json={**REPORT, "photos": [theirs]})
    assert (answer.status_code, answer.json()["field"]) == (422, "photos")
    receipt = report(client)
    answer = answer_to(client, receipt, action="comment", note="图", photos=[theirs])
    assert (answer.status_code, answer.json()["field"]) == (422, "photos")


def test_a_photo_of_nobodys_is_shown_to_nobody_before_it_is_of_a_report(
    client: TestClient, desk: Headers
) -> None:
    sent, receipt = send_photo(client), report(client)
    url = f"{V1}/public/reports/{receipt['number']}/photos/{sent['id']}"
    assert client.get(url, headers=code_of(receipt)).status_code == 404
    assert client.get(f"{V1}/photos/{sent['id']}", headers=desk).status_code == 404


def test_neither_a_cookie_nor_another_sites_page_matters_and_nothing_lets_one_read_answers(
    client: TestClient,
) -> None:
    headers = {"Origin": "https://elsewhere.example", "Cookie": "wangge_session=x"}
    answer = client.post(f"{V1}/public/reports", json=REPORT, headers=headers)
    assert answer.status_code == 201
    assert not {"set-cookie", "access-control-allow-origin"} & set(answer.headers)


class TestTurnedOff:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> ServerSettings:
        return ServerSettings(web_dir=tmp_path, citizens=CitizenSettings(reports=False))

    def test_citizens_are_told_so(self, client: TestClient) -> None:
        for answer in (
            client.get(f"{V1}/public/categories"),
            client.get(f"{V1}/public/basemap/12/3397/1629.mvt"),
            client.post(f"{V1}/public/reports", json=REPORT),
            client.get(f"{V1}/public/reports/AH20200101-0001"),
            client.post(f"{V1}/public/photos"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "citizens_off")


class TestFromOneAddress:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> ServerSettings:
        few = CitizenSettings(
            tiles_per_minute=2, reports_per_hour=2, photos_per_hour=3, photo_mb_per_hour=21
        )
        photos = PhotoSettings(dir=tmp_path / "photos")
        return ServerSettings(web_dir=tmp_path, citizens=few, photos=photos)

    def test_only_so_many_reports_are_taken(self, client: TestClient) -> None:
        statuses = [client.post(f"{V1}/public/reports", json=REPORT).status_code for _ in range(3)]
        assert statuses == [201, 201, 429]

    def test_only_so_many_tiles_are_sent_and_they_are_not_in_the_way_of_a_report(
        self, client: TestClient
    ) -> None:
        tile = f"{V1}/public/basemap/12/3397/1629.mvt"
        assert [client.get(tile).status_code for _ in range(3)] == [204, 204, 429]
        assert client.post(f"{V1}/public/reports", json=REPORT).status_code == 201

    def test_only_so_many_photos_are_taken(self, client: TestClient) -> None:
        files = {"files": ("blob", photo(), "image/jpeg")}
        statuses = [client.post(f"{V1}/public/photos", files=files).status_code for _ in range(4)]
        assert statuses == [201, 201, 201, 429]

    def test_only_so_many_bytes_are_taken(self, client: TestClient) -> None:
        large = b"x" * 12 * 1024 * 1024
        statuses = [
            client.post(f"{V1}/public/photos", files={"files": ("blob", large)}).status_code
            for _ in range(2)
        ]
        assert statuses == [422, 429]


PLATE = {
    "code": "traffic.plate",
    "parent": "traffic",
    "title_zh": "僵尸车",
    "term": "5d",
    "photos": ["report"],
    "fields": [
        {"code": "plate", "title_zh": "车牌号", "title_en": "Plate", "required": True},
        {"code": "colour", "title_zh": "颜色", "kind": "choice", "choices": ["黑", "白"]},
    ],
}


@pytest.fixture
def plate(client: TestClient, sign_in: SignIn) -> str:
    """A category that needs a photo and asks for a plate."""
    made = client.post(f"{V1}/cases/categories", json=PLATE, headers=sign_in("admin"))
    assert made.status_code == 201, made.text
    return str(PLATE["code"])


def test_what_a_category_asks_is_told_to_everybody(client: TestClient, plate: str) -> None:
    items = client.get(f"{V1}/public/categories").json()["items"]
    listed = {item["code"]: item for item in items}
    assert listed[plate] == {
        "code": plate,
        "title": {"zh": "僵尸车", "en": "僵尸车"},
        "photos_needed": 1,
        "fields": [
            {
                "code": "plate",
                "title": {"zh": "车牌号", "en": "Plate"},
                "kind": "text",
                "required": True,
                "choices": [],
            },
            {
                "code": "colour",
                "title": {"zh": "颜色", "en": "颜色"},
                "kind": "choice",
                "required": False,
                "choices": ["黑", "白"],
            },
        ],
    }
    assert (listed["other"]["fields"], listed["other"]["photos_needed"]) == ([], 0)


def test_a_citizen_is_asked_what_the_staff_is_asked(
    client: TestClient, desk: Headers, plate: str
) -> None:
    sent = send_photo(client)["id"]

    def refused(**more: Any) -> tuple[int, str, str]:
        body = {**REPORT, "category": plate, **more}
        answer = client.post(f"{V1}/public/reports", json=body)
        return answer.status_code, answer.json()["code"], answer.json()["field"]

    asked = {"plate": "苏G12345", "colour": "黑"}
    assert refused(fields=asked) == (422, "photos_missing", "photos")
    assert refused(photos=[sent]) == (422, "fields_missing", "fields.plate")
    assert refused(photos=[sent], fields={"plate": " "})[1:] == ("fields_missing", "fields.plate")
    assert refused(photos=[sent], fields={**asked, "colour": "红"})[2] == "fields.colour"
    assert refused(photos=[sent], fields={**asked, "wheels": 4})[2] == "fields.wheels"
    assert client.get(f"{V1}/cases", headers=desk).json()["items"] == []  # nothing half

    receipt = report(client, category=plate, photos=[sent], fields=asked)
    assert case_of(client, desk, receipt)["fields"] == asked


def test_whoever_follows_a_report_reads_what_they_answered_in_the_words_of_then(
    client: TestClient, desk: Headers, sign_in: SignIn, plate: str
) -> None:
    sent = {"colour": "黑", "plate": "苏G12345"}
    receipt = report(client, category=plate, photos=[send_photo(client)["id"]], fields=sent)
    told = [
        {"code": "plate", "title": {"zh": "车牌号", "en": "Plate"}, "value": "苏G12345"},
        {"code": "colour", "title": {"zh": "颜色", "en": "颜色"}, "value": "黑"},
    ]
    assert follow(client, receipt)["answers"] == told
    assert case_of(client, desk, receipt)["answers"] == told

    edited = {**PLATE, "fields": [{"code": "plate", "title_zh": "号牌"}]}
    del edited["code"]
    url = f"{V1}/cases/categories/{plate}"
    assert client.put(url, json=edited, headers=sign_in("admin")).status_code == 200
    assert follow(client, receipt)["answers"] == told
    assert case_of(client, desk, receipt)["answers"] == told


def test_what_another_reporter_answered_is_not_told(client: TestClient, plate: str) -> None:
    first, second = (
        {"category": plate, "photos": [send_photo(client)["id"]], "fields": {"plate": number}}
        for number in ("苏G11111", "苏G22222")
    )
    into = report(client, **first)
    joined = report(client, **second, joins=into["number"])
    followed = follow(client, joined)
    assert followed["joined"] == into["number"]
    assert [each["value"] for each in followed["answers"]] == ["苏G22222"]


def test_a_report_sent_again_is_answered_though_its_category_asks_more_now(
    client: TestClient, sign_in: SignIn
) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = client.post(f"{V1}/public/reports", json=REPORT, headers=key)
    url = f"{V1}/cases/categories/{REPORT['category']}"
    more = {"title_zh": "垃圾", "term": "1d", "parent": "environment", "fields": PLATE["fields"]}
    changed = client.put(url, json=more, headers=sign_in("admin"))
    assert changed.status_code == 200, changed.text
    again = client.post(f"{V1}/public/reports", json=REPORT, headers=key)
    assert (first.status_code, again.json()) == (201, first.json())
    new = client.post(f"{V1}/public/reports", json=REPORT)
    assert (new.status_code, new.json()["field"]) == (422, "fields.plate")


@pytest.fixture
def night_desk(database: Database, sign_in: SignIn) -> Headers:
    """A dispatcher who is somebody on the staff, so that they are told."""
    with database.begin() as conn:
        staff_id = conn.scalar(insert(staff).values(name="夜班").returning(staff.c.id))
    return sign_in("dispatcher", staff_id=staff_id)


def notices(client: TestClient, headers: Headers) -> list[tuple[str, bool]]:
    """The kinds, the newest first, and whether they are urgent."""
    items = client.get(f"{V1}/notices", headers=headers).json()["items"]
    return [(item["kind"], item["urgent"]) for item in items]


def test_the_desk_is_told_of_a_report_but_not_of_one_that_joins_another(
    client: TestClient, chief: Headers, night_desk: Headers
) -> None:
    gas = report(client, category="safety.gas")
    report(client, category="safety.gas", joins=gas["number"])
    assert notices(client, night_desk) == [("case_to_file", True)]
    assert notices(client, chief) == []
