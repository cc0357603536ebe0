"""Duty rosters: made, read and ended; who came; who stands in for whom; through HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text, update
from starlette.testclient import TestClient

from data.database import Database
from data.schema import duty_sessions, posts, staff, units
from gis.local_time import LOCAL
from tests.morning import EAST, TOWN, WEST, make_town

SignIn = Callable[..., dict[str, str]]

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
ROUND_THE_CLOCK = [
    {"from": "08:00", "to": "16:00"},
    {"from": "16:00", "to": "24:00"},
    {"from": "00:00", "to": "08:00"},
]


def at(local: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{local}").replace(tzinfo=LOCAL).astimezone(UTC)


PERIOD = {
    "from": at("20 00:00").isoformat(),
    "to": at("22 00:00").isoformat(),
    "reason": "月度考核",
}


class Desk:
    """Somebody who makes rosters."""

    def __init__(self, client: TestClient, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    def ask(self, method: str, path: str, **extra: Any) -> Any:
        return self._client.request(method, f"/api/v1{path}", headers=self._headers, **extra)

    def try_roster(self, *people: int, **fields: Any) -> Any:
        """Two teams in turns round the clock: the first three people, and the last three."""
        teams = {"一组": people[:3], "二组": people[-3:]} if people else {}
        body = {
            "name": "镇区昼夜值班",
            "grid": EAST,
            "shifts": ROUND_THE_CLOCK,
            "teams": [team(name, *each) for name, each in teams.items()],
            "cycle": [["一组", "二组", "一组"], ["二组", "一组", "二组"]],
            "begins_on": "2026-11-20",
            "valid_from": at("20 00:00").isoformat(),
            **fields,
        }
        return self.ask("POST", "/rosters", json=body)

    def roster(self, *people: int, **fields: Any) -> Any:
        answer = self.try_roster(*people, **fields)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def shifts(self, roster: int, **query: Any) -> Any:
        answer = self.ask("GET", f"/rosters/{roster}/shifts", params={**PERIOD, **query})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def substitute(self, roster: int, begins: str, staff_id: int, substitute: int) -> Any:
        body = {"from": at(begins).isoformat(), "staff": staff_id, "substitute": substitute}
        return self.ask("POST", f"/rosters/{roster}/substitutions", json=body)


def team(name: str, *people: int) -> dict[str, Any]:
    return {"name": name, "leader": people[0], "members": [*people[1:]]}


@pytest.fixture
def add(database: Database) -> Callable[..., int]:
    """`add(name, grid)` gives the staff number of somebody with a post and a unit; without a grid they
    work for the whole town."""
    make_town(database)

    def add(name: str, grid: str | None = EAST) -> int:
        with database.begin() as conn:
            values = {"name": name, "phone": "13800001234"}
            number = conn.execute(insert(staff).values(values).returning(staff.c.id)).scalar_one()
            role = "enforcement_officer" if grid is None else "patroller"
            conn.execute(
                insert(posts).values(
                    staff_id=number, role=role, grid_code=grid, valid_from=LONG_AGO
                )
            )
            conn.execute(
                insert(units).values(
                    code=f"PA-{number}", kind="person", name=name, role=role, staff_id=number
                )
            )
        return int(number)

    return add


@pytest.fixture
def people(add: Callable[..., int]) -> list[int]:
    return [add(name) for name in ("赵一", "钱二", "孙三", "李四", "周五", "吴六")]


@pytest.fixture
def desk(client: TestClient, sign_in: SignIn, people: list[int]) -> Desk:
    return Desk(client, sign_in("dispatcher"))


@pytest.fixture
def on_duty(database: Database) -> Callable[[int, str, str | None], None]:
    """`on_duty(staff number, since, until)`"""

    def on_duty(number: int, since: str, until: str | None) -> None:
        with database.begin() as conn:
            unit = conn.scalar(text("SELECT id FROM units WHERE staff_id = :n"), {"n": number})
            ended_at = None if until is None else at(until)
            conn.execute(
                insert(duty_sessions).values(unit_id=unit, began_at=at(since), ended_at=ended_at)
            )

    return on_duty


def test_a_roster_is_made_read_and_ended(desk: Desk, people: list[int]) -> None:
    made = desk.roster(*people)
    [listed] = desk.ask("GET", "/rosters").json()["items"]
    assert made == listed == desk.ask("GET", f"/rosters/{made['id']}").json()
    assert (made["grid"], made["begins_on"], made["valid_to"]) == (EAST, "2026-11-20", None)
    assert made["shifts"][1] == {"from": "16:00", "to": "00:00"}
    assert made["teams"][0]["leader"] == {"staff": people[0], "name": "赵一"}
    assert [each["name"] for each in made["teams"][1]["members"]] == ["周五", "吴六"]
    assert made["gaps"] == []
    assert made["covered"] == {"reached": 2880, "required": 2880, "rate": 1}
    assert desk.ask("DELETE", f"/rosters/{made['id']}").status_code == 204
    assert desk.ask("GET", "/rosters").json()["items"] == []
    assert desk.ask("GET", f"/rosters/{made['id']}").json()["valid_to"] is not None
    assert desk.shifts(made["id"])["items"]  # what was stays


def test_hours_without_a_team_are_told(desk: Desk, people: list[int]) -> None:
    made = desk.roster(*people, cycle=[["一组", "二组", None], ["二组", None, "一组"]])
    assert made["gaps"] == [
        {"day": 1, "from": "00:00", "to": "08:00"},
        {"day": 2, "from": "16:00", "to": "24:00"},
    ]
    assert made["covered"] == {"reached": 1920, "required": 2880, "rate": 0.6667}


def test_a_shift_says_who_came_when(
    desk: Desk, people: list[int], on_duty: Callable[..., None]
) -> None:
    one, two, _, *others = people
    on_duty(one, "20 07:50", "20 16:10")
    on_duty(two, "20 08:20", "20 15:00")  # late, and gone early
    for each in others:
        on_duty(each, "20 22:00", "21 16:00")  # over midnight, and over two shifts
    roster = desk.roster(*people)
    body = desk.shifts(roster["id"])
    items = {item["from"]: item for item in body["items"]}
    assert len(items) == 6
    morning = items["2026-11-20T00:00:00Z"]
    assert (morning["team"], morning["to"]) == ("一组", "2026-11-20T08:00:00Z")
    assert morning["complete"] == {"reached": 2, "required": 3, "rate": 0.6667}
    assert morning["covered"] == {"reached": 480, "required": 480, "rate": 1}
    assert morning["leader"]["attendance"] == {
        "absent": False,
        "first_at": "2026-11-20T00:00:00Z",
        "late_min": 0,
        "on_duty_min": 480,
    }
    late, absent = (member["attendance"] for member in morning["members"])
    assert (late["late_min"], late["on_duty_min"]) == (20, 400)
    assert absent == {"absent": True, "first_at": None, "late_min": None, "on_duty_min": 0}
    evening = items["2026-11-20T08:00:00Z"]
    assert (evening["team"], evening["covered"]["reached"]) == ("二组", 120)
    assert evening["leader"]["attendance"]["late_min"] == 360
    night = items["2026-11-20T16:00:00Z"]  # of the 21st, the other team's
    assert (night["team"], night["covered"]["rate"], night["complete"]["rate"]) == ("二组", 1, 1)
    assert body["complete"] == {"reached": 3, "required": 6, "rate": 0.5}


def test_a_shift_to_come_has_a_team_and_nothing_else(desk: Desk, people: list[int]) -> None:
    roster = desk.roster(*people)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    until = tomorrow + timedelta(days=1)
    body = desk.shifts(roster["id"], **{"from": tomorrow.isoformat(), "to": until.isoformat()})
    first = body["items"][0]
    assert (first["complete"], first["covered"], first["leader"]["attendance"]) == (None,) * 3
    assert body["complete"]["rate"] is None


def test_a_substitute_stands_in_one_shift_on_the_record(
    desk: Desk, people: list[int], add: Callable[..., int], on_duty: Callable[..., None]
) -> None:
    spare = add("郑七")
    roster = desk.roster(*people)["id"]
    on_duty(spare, "20 08:00", "20 16:00")
    answer = desk.substitute(roster, "20 08:00", people[2], spare)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["staff"]["name"], answer.json()["substitute"]["name"]) == ("孙三", "郑七")
    morning = next(
        item for item in desk.shifts(roster)["items"] if item["from"] == "2026-11-20T00:00:00Z"
    )
    place = morning["members"][1]
    assert (place["staff"], place["instead_of"]["name"]) == (spare, "孙三")
    assert place["attendance"]["on_duty_min"] == 480
    assert morning["complete"] == {"reached": 1, "required": 3, "rate": 0.3333}
    assert morning["substitutions"] == [answer.json()]
    others = [item for item in desk.shifts(roster)["items"] if item != morning]
    assert all(item["substitutions"] == [] for item in others)
    assert desk.substitute(roster, "20 08:00", people[2], spare).json()["field"] == "staff"


def test_a_substitution_that_cannot_be_is_refused(
    desk: Desk, people: list[int], add: Callable[..., int]
) -> None:
    roster = desk.roster(*people)["id"]
    assert desk.substitute(roster, "20 09:00", people[0], add("甲")).status_code == 404
    west = desk.substitute(roster, "20 08:00", people[0], add("乙", WEST))
    assert (west.status_code, west.json()["code"]) == (422, "no_post")
    nobody = desk.substitute(roster, "20 08:00", people[0], 10**6)
    assert (nobody.status_code, nobody.json()["field"]) == (422, "substitute")
    busy = add("丙")
    elsewhere = {
        "shifts": [{"from": "12:00", "to": "20:00"}],
        "teams": [team("三组", busy, add("丁"))],
        "cycle": [["三组"]],
    }
    desk.roster(**elsewhere)
    twice = desk.substitute(roster, "20 08:00", people[0], busy)
    assert (twice.status_code, twice.json()["code"]) == (409, "stands_twice")
    assert desk.substitute(roster, "21 00:00", people[3], busy).status_code == 201


def test_nobody_stands_in_two_teams_at_once(
    desk: Desk, people: list[int], add: Callable[..., int]
) -> None:
    first = desk.roster(*people)
    fields = {"shifts": [{"from": "20:00", "to": "08:00"}], "cycle": [["三组"]]}
    answer = desk.try_roster(**fields, teams=[team("三组", add("甲"), people[0])])
    assert (answer.status_code, answer.json()["code"]) == (409, "stands_twice")
    assert "2026-11-21 20:00" in answer.json()["detail"]
    spare = add("乙")
    assert desk.substitute(first["id"], "26 08:00", people[0], spare).is_success
    # On that one day only, long after the cycles have met.
    fields["shifts"] = [{"from": "09:00", "to": "10:00"}]
    assert desk.try_roster(**fields, teams=[team("三组", add("丙"), spare)]).status_code == 409
    desk.ask("DELETE", f"/rosters/{first['id']}")
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    desk.roster(**fields, teams=[team("三组", people[1], people[0])], valid_from=later)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"grid": "999"}, "grid"),
        ({"shifts": []}, "shifts"),
        ({"shifts": [*ROUND_THE_CLOCK[:2], {"from": "23:00", "to": "01:00"}]}, "shifts"),
        ({"cycle": [["一组"]]}, "cycle"),
        ({"cycle": []}, "cycle"),
        ({"cycle": [["一组", "二组", "九组"]]}, "cycle"),
        ({"cycle": [[None, None, None]]}, "cycle"),
        ({"teams": [team("一组", 1), team("二组", 2, 3)]}, "teams"),
        ({"teams": [team("一组", 1, 1), team("二组", 2, 3)]}, "teams"),
        ({"teams": [team("一组", 10**6, 10**6 + 1), team("二组", 2, 3)]}, "teams"),
        ({"valid_to": at("20 00:00").isoformat()}, "valid_to"),
        ({"valid_from": f"{datetime.now(UTC) + timedelta(days=400):%FT%TZ}"}, "valid_from"),
    ],
)
def test_what_is_no_roster_is_refused_by_name(
    desk: Desk, people: list[int], fields: dict[str, Any], field: str
) -> None:
    answer = desk.try_roster(*people, **fields)
    assert answer.status_code in (404, 422)
    assert answer.json()["field"] == field


def test_a_team_is_of_people_with_a_post_there(
    client: TestClient, sign_in: SignIn, desk: Desk, people: list[int], add: Callable[..., int]
) -> None:
    west, officer = add("甲", WEST), add("乙", None)
    answer = desk.try_roster(west, *people[1:])
    assert (answer.status_code, answer.json()["code"]) == (422, "no_post")
    assert f"{west}" in answer.json()["detail"]
    chief = Desk(client, sign_in("grid_chief", grid_code=EAST))
    # A chief does not see who works for the whole town, and cannot learn their name so.
    assert chief.try_roster(officer, *people[1:]).json()["code"] == "no_post"
    assert desk.roster(officer, *people[1:])["teams"][0]["leader"]["name"] == "乙"


def test_everybody_makes_and_reads_rosters_in_their_own_grids(
    client: TestClient, sign_in: SignIn, people: list[int]
) -> None:
    east, west = (Desk(client, sign_in("grid_chief", grid_code=code)) for code in (EAST, WEST))
    roster = east.roster(*people)["id"]
    assert west.try_roster(*people, grid=EAST).status_code == 403
    for method, path, params in (("GET", "", {}), ("GET", "/shifts", PERIOD), ("DELETE", "", {})):
        answer = west.ask(method, f"/rosters/{roster}{path}", params=params)
        assert answer.status_code == 404
    assert west.substitute(roster, "20 08:00", people[0], people[5]).status_code == 404
    assert west.ask("GET", "/rosters").json()["items"] == []
    assert west.ask("GET", "/duty", params={"grid": EAST}).status_code == 403
    assert west.ask("GET", "/duty").json()["items"] == []
    worker = Desk(client, sign_in("grid_worker", grid_code=EAST))
    assert [each["id"] for each in worker.ask("GET", "/rosters").json()["items"]] == [roster]
    assert worker.try_roster(*people).status_code == 403
    assert worker.ask("DELETE", f"/rosters/{roster}").status_code == 403


def test_somebody_reads_the_roster_in_which_they_stand_and_learns_of_themselves(
    client: TestClient,
    sign_in: SignIn,
    people: list[int],
    add: Callable[..., int],
    on_duty: Callable[..., None],
) -> None:
    spare = add("郑七")
    chief = Desk(client, sign_in("grid_chief", grid_code=EAST))
    roster = chief.roster(*people)["id"]
    on_duty(people[1], "20 08:00", "20 16:00")
    on_duty(people[2], "20 08:00", "20 16:00")
    # Their own posts are over: nothing else lets them in.
    own = Desk(client, sign_in("patroller", grid_code=WEST, staff_id=people[1]))
    morning = next(
        item for item in own.shifts(roster)["items"] if item["from"] == "2026-11-20T00:00:00Z"
    )
    mine, other = morning["members"]
    assert mine["attendance"]["on_duty_min"] == 480
    assert (other["name"], other["attendance"]) == ("孙三", None)
    assert morning["complete"]["reached"] == 2
    assert own.ask("GET", f"/rosters/{roster}/shifts", params=PERIOD | {"reason": ""}).is_success
    stranger = Desk(client, sign_in("enforcement_officer", staff_id=add("王八", None)))
    assert stranger.ask("GET", f"/rosters/{roster}").status_code == 404
    late = Desk(client, sign_in("enforcement_officer", staff_id=spare))
    assert chief.substitute(roster, "20 08:00", people[0], spare).status_code == 201
    assert late.ask("GET", f"/rosters/{roster}").status_code == 200


def test_a_look_at_the_past_needs_a_reason_and_what_is_done_is_on_the_audit(
    desk: Desk, people: list[int], add: Callable[..., int], database: Database
) -> None:
    roster = desk.roster(*people)["id"]
    refused = desk.ask("GET", f"/rosters/{roster}/shifts", params=PERIOD | {"reason": ""})
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_required")
    desk.shifts(roster)
    desk.substitute(roster, "20 08:00", people[0], add("郑七"))
    desk.ask("DELETE", f"/rosters/{roster}")
    with database.begin() as conn:
        events = conn.execute(
            text("SELECT action, subject, reason, details FROM audit_events ORDER BY id")
        ).all()
    found = [(event.action, event.reason) for event in events if event.action[:7] == "roster."]
    assert found == [
        ("roster.create", None),
        ("roster.read", "月度考核"),
        ("roster.substitute", None),
        ("roster.end", None),
    ]
    assert {event.subject for event in events} == {f"roster {roster}"}


def test_who_is_on_duty_now_by_the_roster_and_really(
    client: TestClient,
    sign_in: SignIn,
    desk: Desk,
    people: list[int],
    add: Callable[..., int],
    database: Database,
) -> None:
    now = datetime.now(UTC)
    midnight = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    whole_day = [{"from": "00:00", "to": "24:00"}]
    roster = desk.roster(*people, shifts=whole_day, cycle=[["一组"]])["id"]
    spare = add("郑七")
    body = {"from": midnight.isoformat(), "staff": people[2], "substitute": spare}
    assert desk.ask("POST", f"/rosters/{roster}/substitutions", json=body).is_success
    with database.begin() as conn:
        unit = conn.scalar(text("SELECT id FROM units WHERE staff_id = :n"), {"n": people[0]})
        conn.execute(insert(duty_sessions).values(unit_id=unit, began_at=LONG_AGO))
        conn.execute(update(staff).where(staff.c.id == people[1]).values(phone=None))

    def seen(headers: dict[str, str], **query: str) -> Any:
        answer = Desk(client, headers).ask("GET", "/duty", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    [team_now] = seen(sign_in("dispatcher"), grid=TOWN)
    assert (team_now["roster"], team_now["grid"], team_now["team"]) == (roster, EAST, "一组")
    assert team_now["leader"] == {
        "staff": people[0],
        "name": "赵一",
        "instead_of": None,
        "phone": "138****1234",
        "on_duty": True,
    }
    member, stands_in = team_now["members"]
    assert (member["phone"], member["on_duty"]) == (None, False)
    assert (stands_in["name"], stands_in["instead_of"]["name"]) == ("郑七", "孙三")
    assert seen(sign_in("dispatcher"), grid=WEST) == []
    tomorrow = (now + timedelta(days=1)).isoformat()
    [later] = seen(sign_in("dispatcher"), at=tomorrow)
    assert (later["leader"]["on_duty"], later["members"][1]["name"]) == (None, "孙三")
    [field] = seen(sign_in("grid_worker", grid_code=EAST))
    assert (field["leader"]["name"], field["leader"]["on_duty"]) == ("赵一", None)
    [nameless] = seen(sign_in("analyst"))
    assert (nameless["leader"]["name"], nameless["leader"]["phone"]) == (f"#{people[0]}", None)
    assert nameless["members"][1]["instead_of"]["name"] == f"#{people[2]}"


def test_a_team_that_began_before_midnight_is_still_on_duty(desk: Desk, people: list[int]) -> None:
    night = [{"from": "20:00", "to": "08:00"}]
    desk.roster(*people, shifts=night, cycle=[["一组"], ["二组"]])
    answer = desk.ask("GET", "/duty", params={"at": at("21 03:00").isoformat()})
    [only] = answer.json()["items"]
    assert (only["team"], only["from"]) == ("一组", "2026-11-20T12:00:00Z")
    noon = desk.ask("GET", "/duty", params={"at": at("21 12:00").isoformat()})
    assert noon.json()["items"] == []
