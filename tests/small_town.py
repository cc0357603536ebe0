"""A town with one of everything, served: for tests that go through every operation of the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from shapely import box
from shapely.geometry import mapping
from sqlalchemy import text

from api.accounts import Role
from api.accounts.service import create_account
from api.rates import RateSettings
from api.settings import ServerSettings
from data.cluster import Cluster
from data.database import Database
from patrol.citizens.settings import CitizenSettings
from patrol.photos.photo import PhotoRole
from patrol.photos.service import attach
from tests.morning import EAST, START, make_town
from tests.photos import photo
from tests.serving import Server, serving

PASSWORD = "correct horse"
"""Of the account somebody."""

_SQUARE = mapping(box(118.64, 34.50, 118.65, 34.51))
_LATER = {"from": "2097-01-01T00:00:00Z", "to": "2097-01-08T00:00:00Z"}
NO_LIMIT_FOR_CITIZENS = CitizenSettings(
    requests_per_minute=10**9,
    reports_per_hour=10**9,
    photos_per_hour=10**9,
    photo_mb_per_hour=10**9,
)
_NO_LIMIT = RateSettings(public_requests_per_minute=10**9, requests_per_minute=10**9)


@dataclass(frozen=True, kw_only=True, slots=True)
class SmallTown:
    """`known` are values of path parameters that name something that is there, by the first word of the
    path and the parameter's name."""

    server: Server
    known: dict[str, dict[str, Any]]

    @property
    def url(self) -> str:
        return self.server.url

    def headers(self, role: str | None) -> dict[str, str]:
        """Of a new account at work in the east; None is nobody."""
        if role is None:
            return {}
        code = EAST if Role(role).works_in_a_grid else None
        return {"Authorization": f"Bearer {self.server.token(role, grid_code=code)}"}

    def reset_permissions(self) -> None:
        """As the table of roles has them."""
        with self.server.database.begin() as conn:
            conn.execute(text("DELETE FROM role_permissions"))

    def forget_failures(self) -> None:
        """Whoever failed to sign in need not wait."""
        with self.server.database.begin() as conn:
            conn.execute(text("DELETE FROM sign_in_failures"))

    def known_in(self, path: str) -> dict[str, Any]:
        """For a path as the document has it, such as /api/v1/units/{id}."""
        word = path.removeprefix("/api/v1/").partition("/")[0]
        known = self.known.get(word, {})
        return {name: value for name, value in known.items() if f"{{{name}}}" in path}


@contextmanager
def small_town(cluster: Cluster, name: str) -> Iterator[SmallTown]:
    """In a database of its own that is gone afterwards."""
    database = Database(cluster.create_database(name, template="template_wangge"))
    try:
        with serving(
            database, ServerSettings(rates=_NO_LIMIT, citizens=NO_LIMIT_FOR_CITIZENS)
        ) as server:
            yield SmallTown(server=server, known=_settle(server))
    finally:
        database.close()
        cluster.drop_database(name)


def _settle(server: Server) -> dict[str, dict[str, Any]]:
    person = make_town(server.database)
    with server.database.begin() as conn:
        create_account(conn, username="somebody", password=PASSWORD, role=Role.ANALYST)
        conn.execute(
            text(
                "INSERT INTO unit_days SELECT id, '2026-03-01', 10, 0, 1, 2, 3, 4, 0, :at, :at "
                "FROM units WHERE code = 'GW-001'"
            ),
            {"at": datetime(2026, 3, 1, tzinfo=UTC)},
        )
        conn.execute(text("INSERT INTO calendar_days VALUES ('2027-05-09', false, '本地节日')"))
        alert = conn.scalar(
            text(
                "INSERT INTO alerts (unit_id, kind, begun_at, last_at, lon, lat, seq) "
                "SELECT id, 'sos', now(), now(), 118.65, 34.5, nextval('positions_seq') "
                "FROM units WHERE code = 'GW-001' RETURNING id"
            )
        )
    headers = {"Authorization": f"Bearer {server.token('admin')}"}
    with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers) as client:

        def make(path: str, **body: Any) -> Any:
            answer = client.post(path, json=body)
            assert answer.is_success, answer.text
            return answer.json()

        since = {"from": datetime(2025, 1, 1, tzinfo=UTC).isoformat()}
        post = make(f"/staff/{person}/posts", role="grid_worker", grid=EAST, **since)
        leave = make(f"/staff/{person}/leaves", kind="other", **_LATER)
        leader, member = (make("/staff", name=name)["id"] for name in ("李强", "张伟"))
        for each in (leader, member):
            make(f"/staff/{each}/posts", role="patroller", grid=EAST, **since)
        case = make("/cases", lon=118.65, lat=34.5, description="路口堆放建筑垃圾")
        of_case = _photo_of(server, client, case["id"])
        inspection = make(
            "/inspections",
            name="消防抽查",
            targets=[{"id": "1", "name": "第一餐馆"}],
            roles=["grid_worker"],
            targets_wanted=1,
            team_size=1,
        )
        area = make("/areas", name="采石场", kind="forbidden", geometry=_SQUARE)
        checkpoint = make("/checkpoints", name="桥头", lon=118.65, lat=34.5)
        plan = make(
            "/plans",
            name="每日巡查",
            grid=EAST,
            kind="points",
            checkpoints=[checkpoint["id"]],
            rhythm={"every_h": 24},
            valid_from=START.isoformat(),
        )
        roster = make(
            "/rosters",
            name="镇区值班",
            grid=EAST,
            shifts=[{"from": "08:00", "to": "16:00"}],
            teams=[{"name": "一组", "leader": leader, "members": [member]}],
            cycle=[["一组"]],
            valid_from=START.isoformat(),
        )
        camera = make("/cameras", code="32072210011320000001", lon=118.65, lat=34.5)["id"]
        spare_camera = make("/cameras", code="32072210011320000003", lon=118.65, lat=34.5)["id"]
        facility = make("/facilities", kind="bus_stop", name="站", lon=118.65, lat=34.5)["id"]
        video_round = make("/video_rounds", name="轮巡", stops=[{"camera": camera}])
        sensor = make("/sensors", code="JG-1", kind="manhole", lon=118.65, lat=34.5)["id"]
        rule = make(
            "/sensor_rules",
            name="水位",
            kind="manhole",
            quantity="water_level_m",
            direction="above",
            threshold=9,
        )
        department = make("/departments", code="roads", name_zh="公路站")
        spare = make("/checkpoints", name="路口", lon=118.65, lat=34.5)
        channel = make("/channels", name="x", kind="wecom", url="http://127.0.0.1:9/send?key=x")
        edition = make("/editions/copies", name="2027")
        report = make("/reports", kind="month", date="2026-03-01")
        device = make("/devices", unit="GW-002", protocol="test", identifier="1")
    return {
        "units": {"id": "GW-001"},
        "grids": {"code": EAST},
        "layers": {"id": "cameras"},
        "basemaps": {"id": "none", "z": 12, "x": 3398, "y": 1627},
        "changes": {"id": 2**40},
        "tiles": {"id": "grids", "z": 12, "x": 3398, "y": 1627},
        "staff": {"id": person, "post": post["id"], "leave": leave["id"]},
        "cases": {"id": case["id"], "code": "facility.lamp"},
        "departments": {"code": department["code"]},
        "photos": {"id": of_case},
        "public": {"number": "AH20200101-0001", "id": of_case, "z": 12, "x": 3398, "y": 1627},
        "alerts": {"id": alert},
        "areas": {"id": area["id"]},
        "checkpoints": {"id": spare["id"]},
        "editions": {"id": edition["id"]},
        "plans": {"id": plan["id"]},
        "rosters": {"id": roster["id"]},
        "cameras": {"code": spare_camera},
        "facilities": {"code": facility},
        "video_rounds": {"id": video_round["id"]},
        "sensors": {"code": sensor},
        "sensor_rules": {"id": rule["id"]},
        "accounts": {"username": "somebody"},
        "inspections": {"id": inspection["id"]},
        "channels": {"id": channel["id"]},
        "devices": {"id": device["device"]["id"]},
        "calendar": {"date": "2027-05-09"},
        "figures": {"code": "on_time_rate"},
        "reports": {"id": report["id"]},
        "roles": {"role": "analyst", "permission": "export"},
    }


def _photo_of(server: Server, client: httpx.Client, case_id: int) -> str:
    answer = client.post("/photos", files={"files": photo()})
    assert answer.is_success, answer.text
    identifier = str(answer.json()["id"])
    with server.database.begin() as conn:
        attach(
            conn,
            [UUID(identifier)],
            case_id=case_id,
            seq=1,
            role=PhotoRole.REPORT,
            account_id=conn.scalar(text("SELECT uploaded_by_account_id FROM photos")),
        )
    return identifier
