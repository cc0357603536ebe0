"""Coverage of grids and of cells, through HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import ServerSettings
from data.database import Database
from data.editions import GridIndexes
from data.installation import Databases
from data.schema import grid_editions, grids
from gis.cells import cells_in
from patrol.tracks.analysis import analyse_changes, mark_days
from patrol.tracks.expiry import KeepSettings
from patrol.tracks.grids import VisitedGrids
from tests.morning import ALL_DAY, EAST, START, TOWN, WEST, make_town

SignIn = Callable[..., dict[str, str]]
NOON = START + timedelta(hours=4)


@pytest.fixture
def person(database: Database) -> int:
    """The morning of GW-001 in the east, worked out, in grids of level 2."""
    person = make_town(database)
    with database.begin() as conn:
        conn.execute(update(grids).where(grids.c.level == 1).values(level=2))
        conn.execute(update(grid_editions).values(valid_from=START - timedelta(days=1)))
    mark_days(database, None, None)
    analyse_changes(
        database,
        VisitedGrids(GridIndexes(database)),
        before=datetime.now(UTC) + timedelta(days=1),
    )
    return person


def ask_grids(client: TestClient, headers: dict[str, str], **query: Any) -> Any:
    wanted = {"at": NOON.isoformat(), **query}
    return client.get("/api/v1/coverage/grids", params=wanted, headers=headers)


def ask_cells(client: TestClient, headers: dict[str, str], **query: Any) -> Any:
    wanted = {**ALL_DAY, "grid": EAST, "resolution": 8, **query}
    return client.get("/api/v1/coverage/cells", params=wanted, headers=headers)


def test_each_grid_says_who_was_there_last_and_how_long_ago(
    client: TestClient, sign_in: SignIn, person: int
) -> None:
    answer = ask_grids(client, sign_in("dispatcher"))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["as_of"] is None
    assert datetime.fromisoformat(body["from"]) == START - timedelta(hours=8)  # midnight in China
    assert body["covered"] == {"reached": 1, "required": 2, "rate": 0.5}
    east, west = body["items"]
    assert (east["grid"]["code"], east["visits"]) == (EAST, 2)
    assert (east["last_visit"]["role"], east["last_visit"]["kind"]) == ("grid_worker", "person")
    assert east["since_last_s"] == (NOON - START).total_seconds() - 4800
    assert (west["visits"], west["last_visit"], west["since_last_s"]) == (0, None, None)


def test_a_visit_under_way_was_just_now(client: TestClient, sign_in: SignIn, person: int) -> None:
    during = (START + timedelta(seconds=1000)).isoformat()
    east = ask_grids(client, sign_in("dispatcher"), at=during).json()["items"][0]
    assert (east["since_last_s"], east["visits"]) == (0, 1)


def test_the_last_visit_may_be_before_the_period_and_even_before_the_edition(
    client: TestClient, sign_in: SignIn, person: int, database: Database
) -> None:
    later = NOON + timedelta(days=2)
    with database.begin() as conn:
        conn.execute(
            text("UPDATE grid_editions SET state = 'retired', valid_to = :at"), {"at": later}
        )
        conn.execute(
            text(
                "INSERT INTO grid_editions (id, name, state, content_hash, valid_from) "
                "VALUES (99, '2027', 'active', '2027', :at)"
            ),
            {"at": later},
        )
        conn.execute(
            text(
                "INSERT INTO grids (edition_id, code, name, level, parent_code, area_m2, geom) "
                "SELECT 99, code, name, level, parent_code, area_m2, geom FROM grids"
            )
        )
    query = {"at": (later + timedelta(hours=1)).isoformat()}
    body = ask_grids(client, sign_in("dispatcher"), **query).json()
    assert body["covered"] == {"reached": 0, "required": 2, "rate": 0}
    assert body["items"][0]["since_last_s"] == 2 * 86400 + 3600 + 4 * 3600 - 4800


def test_whose_visit_it_was_is_told_of_today_and_to_who_may_read_positions(
    client: TestClient, sign_in: SignIn, person: int, database: Database
) -> None:
    def unit(role: str) -> Any:
        east = ask_grids(client, sign_in(role), at=datetime.now(UTC).isoformat()).json()["items"][0]
        return east["last_visit"]["unit"]

    assert unit("dispatcher") is None
    with database.begin() as conn:
        conn.execute(text("UPDATE visits SET to_at = now()"))
    assert unit("dispatcher") == "GW-001"
    with database.begin() as conn:
        conn.execute(
            text("INSERT INTO role_permissions VALUES ('dispatcher', 'read_positions', false)")
        )
    assert unit("dispatcher") is None


def test_everybody_sees_their_own_grids_and_the_visits_of_whom_they_may_see(
    client: TestClient, sign_in: SignIn, person: int
) -> None:
    def seen(headers: dict[str, str]) -> list[tuple[str, int]]:
        items = ask_grids(client, headers).json()["items"]
        return [(item["grid"]["code"], item["visits"]) for item in items]

    assert seen(sign_in("analyst")) == [(EAST, 2), (WEST, 0)]
    assert seen(sign_in("grid_chief", grid_code=EAST)) == [(EAST, 2)]
    assert seen(sign_in("grid_chief", grid_code=WEST)) == [(WEST, 0)]
    assert seen(sign_in("grid_worker", grid_code=EAST)) == [(EAST, 0)]  # somebody else's
    nowhere = ask_grids(client, sign_in("enforcement_officer")).json()
    assert nowhere["covered"] == {"reached": 0, "required": 0, "rate": None}
    assert ask_grids(client, sign_in("gateway")).status_code == 403


def test_before_the_first_edition_there_are_no_grids(
    client: TestClient, sign_in: SignIn, person: int
) -> None:
    long_ago = (START - timedelta(days=30)).isoformat()
    body = ask_grids(client, sign_in("dispatcher"), at=long_ago).json()
    assert (body["items"], body["covered"]["rate"]) == ([], None)


def test_cells_of_a_grid_say_which_were_reached_and_which_were_not(
    client: TestClient, sign_in: SignIn, person: int, database: Database
) -> None:
    with database.begin() as conn:
        square = GridIndexes(database).active(conn).tree[EAST].geometry  # type: ignore[union-attr]
    answer = ask_cells(client, sign_in("dispatcher"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    body = answer.json()
    covered = body["covered"]
    assert covered["required"] == pytest.approx(cells_in(square, 8), rel=0.1)
    assert covered["required"] == len(body["features"])
    reached = [cell for cell in body["features"] if cell["properties"]["visits"]]
    assert 0 < len(reached) == covered["reached"] < 5
    assert covered["rate"] == round(len(reached) / len(body["features"]), 4)
    last = max(cell["properties"]["last_at"] for cell in reached)
    assert datetime.fromisoformat(last) == START + timedelta(seconds=4800)
    assert "GW-001" not in answer.text


def test_only_what_lies_in_the_period_counts(
    client: TestClient, sign_in: SignIn, person: int
) -> None:
    def reached(since_s: int, until_s: int) -> int:
        period = {
            "from": (START + timedelta(seconds=since_s)).isoformat(),
            "to": (START + timedelta(seconds=until_s)).isoformat(),
        }
        answer = ask_cells(client, sign_in("dispatcher"), resolution=9, **period)
        return int(answer.json()["covered"]["reached"])

    assert reached(2401, 4199) == 0  # nothing is known of this half hour
    assert reached(0, 1) == 1
    assert reached(0, 600) > reached(0, 100)


def test_cells_follow_the_scope(client: TestClient, sign_in: SignIn, person: int) -> None:
    def reached(headers: dict[str, str], **query: Any) -> int:
        return int(ask_cells(client, headers, **query).json()["covered"]["reached"])

    assert reached(sign_in("grid_chief", grid_code=EAST)) > 0
    assert reached(sign_in("grid_worker", grid_code=EAST)) == 0
    assert reached(sign_in("grid_worker", grid_code=EAST, staff_id=person)) > 0
    assert ask_cells(client, sign_in("grid_chief", grid_code=WEST)).status_code == 403
    assert ask_cells(client, sign_in("dispatcher"), grid="999").status_code == 404
    assert reached(sign_in("dispatcher"), grid=TOWN) > 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"to": ALL_DAY["from"]}, "from"),
        ({"to": (START + timedelta(days=32)).isoformat()}, "to"),
        ({"resolution": 11}, "resolution"),
        ({"resolution": 16}, "resolution"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(
    client: TestClient, sign_in: SignIn, person: int, query: dict[str, Any], field: str
) -> None:
    answer = ask_cells(client, sign_in("dispatcher"), **query)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_resolution_that_fits_is_proposed(
    client: TestClient, sign_in: SignIn, person: int
) -> None:
    refused = ask_cells(client, sign_in("dispatcher"), resolution=12).json()
    assert (refused["code"], "a resolution of 9 or less" in refused["detail"]) == (
        "too_many_cells",
        True,
    )
    assert ask_cells(client, sign_in("dispatcher"), resolution=9).status_code == 200


def test_of_what_is_not_kept_nothing_is_said(
    database: Database, sign_in: SignIn, person: int
) -> None:
    settings = ServerSettings(keep=KeepSettings(fixes_days=90))
    long_ago = datetime.now(UTC) - timedelta(days=91)
    with (
        Databases.beside(database) as databases,
        TestClient(create_app(databases.application, settings)) as client,
    ):
        query = {"from": long_ago.isoformat(), "to": (long_ago + timedelta(days=1)).isoformat()}
        answer = ask_cells(client, sign_in("dispatcher"), **query)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_kept")
