"""The second wall: the database shows the server no row that its viewer may not see."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from data.database import Database
from data.installation import Databases
from data.scope import Scope, Viewer

MINE, THEIRS = "320722101001001", "320722101002001"
FACTS = ("changed_days", "gaps", "stops", "track_segments", "trips", "visits")
TABLES = (
    "fixes",
    "positions",
    "unit_days",
    *FACTS,
    "alerts",
    "cases",
    "case_events",
    "case_holds",
    "suspected_changes",
    "photos",
    "staff_leaves",
    "outbox",
)


@pytest.fixture
def application(database: Database) -> Iterator[Database]:
    """Two units with a fix, a position, a day, an alert and a case each: one in MINE, one in THEIRS."""
    statements = (
        "INSERT INTO staff (id, name) VALUES (1, 'one'), (2, 'two')",
        "INSERT INTO accounts (id, username, role) VALUES (1, 'one', 'grid_chief')",
        f"INSERT INTO units (id, code, kind, name, role, staff_id, grid_code) VALUES "
        f"(1, 'A', 'person', 'one', 'grid_worker', 1, '{MINE}'), "
        f"(2, 'B', 'person', 'two', 'grid_worker', 2, '{THEIRS}')",
        f"INSERT INTO posts (staff_id, role, grid_code) VALUES "
        f"(1, 'grid_worker', '{MINE}'), (2, 'grid_worker', '{THEIRS}')",
        "INSERT INTO staff_leaves (staff_id, kind, begins_at, stand_in_id, entered_at, entered_by) "
        "SELECT id, 'sick', '2026-11-22T08:00Z', NULL, now(), 'x' FROM staff",
        "INSERT INTO channels (id, name, kind, host, sealed) VALUES (1, 'x', 'wecom', 'x', '')",
        "INSERT INTO outbox (channel_id, kind, title, text, not_before, next_at) "
        "SELECT 1, 'x', 'x', 'x', now(), now() FROM staff",
        "INSERT INTO notices (staff_id, kind, key, urgent, created_at) "
        "SELECT id, 'alert', 'x', false, now() FROM staff",
        "INSERT INTO notice_preferences (staff_id) SELECT id FROM staff",
        "SELECT make_fixes_partition('2026-11-22')",
        "INSERT INTO fixes (unit_id, at, lon, lat) "
        "SELECT id, '2026-11-22T08:00Z', 118.6, 34.5 FROM units",
        "INSERT INTO positions (unit_id, at, lon, lat, moved_at, seq) "
        "SELECT id, '2026-11-22T08:00Z', 118.6, 34.5, now(), id FROM units",
        "INSERT INTO unit_days SELECT id, '2026-11-22', 1, 0, 0, 0, 0, 0, 0, now(), now() FROM units",
        "INSERT INTO changed_days (unit_id, day) SELECT id, '2026-11-22' FROM units",
        "INSERT INTO gaps (unit_id, day, from_at, to_at) "
        "SELECT id, '2026-11-22', now(), now() FROM units",
        "INSERT INTO stops (unit_id, day, from_at, to_at, lon, lat) "
        "SELECT id, '2026-11-22', now(), now(), 118.6, 34.5 FROM units",
        "INSERT INTO trips (unit_id, day, from_at, to_at, length_m) "
        "SELECT id, '2026-11-22', now(), now(), 0 FROM units",
        "INSERT INTO visits (unit_id, day, from_at, to_at, grid_id, fixes) "
        "SELECT id, '2026-11-22', now(), now(), 1, 1 FROM units",
        "INSERT INTO track_segments "
        "SELECT id, '2026-11-22T08:00Z', '2026-11-22T08:10Z', '2026-11-22', 2, 0, 0, "
        "'SRID=4326;LINESTRINGM(118.6 34.5 1795334400, 118.6 34.5 1795335000)' FROM units",
        "INSERT INTO alerts (unit_id, kind, begun_at, last_at, seq) "
        "SELECT id, 'sos', now(), now(), id FROM units",
        "INSERT INTO cases (id, number, state, source, category, description, geom, grid_code, "
        "owner_staff_id, reported_at) SELECT id, code, 'filed', 'patrol', 'other', '', "
        "ST_SetSRID(ST_MakePoint(118.6, 34.5), 4326), grid_code, staff_id, now() FROM units",
        "INSERT INTO suspected_changes (digest, source, area_m2, geom, found_at, case_id) "
        "SELECT code, 'x', 1, 'SRID=4326;POINT(118.6 34.5)', now(), id FROM units",
        "INSERT INTO photos (id, sha256, source_sha256, width, height, size, uploaded_at, case_id, seq, "
        "ordinal, role) SELECT gen_random_uuid(), '', '', 1, 1, 1, now(), id, 1, 0, 'report' FROM units",
        "INSERT INTO case_events (case_id, seq, action, to_state, actor, at) "
        "SELECT id, 1, 'report', 'reported', 'x', now() FROM units",
        "INSERT INTO case_holds (case_id, seq, began_at) SELECT id, 1, now() FROM units",
    )
    with database.begin() as conn:
        for statement in statements:
            conn.execute(text(statement))
    with Databases.beside(database) as databases:
        yield databases.application


def seen(database: Database, viewer: Viewer | None) -> dict[str, int]:
    with database.begin(viewer) as conn:
        return {table: conn.scalar(text(f"SELECT count(*) FROM {table}")) for table in TABLES}


def test_who_says_nothing_about_the_viewer_is_shown_nothing(application):
    assert seen(application, None) == dict.fromkeys(TABLES, 0)


def test_who_works_for_everything_is_shown_everything(application):
    assert seen(application, Viewer.everything()) == dict.fromkeys(TABLES, 2)


def test_a_chief_is_shown_what_is_in_their_grids(application):
    viewer = Viewer(scope=Scope.of(frozenset({MINE})))
    assert seen(application, viewer) == {**dict.fromkeys(TABLES, 1), "outbox": 0}
    with application.begin(viewer) as conn:
        assert conn.scalar(text("SELECT number FROM cases")) == "A"


def test_field_staff_are_shown_themselves_and_the_cases_of_their_grid(application):
    everywhere = Viewer(scope=Scope.everything(), staff_id=2, only_self=True)
    assert seen(application, everywhere) == {
        "fixes": 1,
        "positions": 1,
        "unit_days": 1,
        **dict.fromkeys(FACTS, 1),
        "alerts": 1,
        "cases": 2,
        "case_events": 2,
        "case_holds": 2,
        "suspected_changes": 2,
        "photos": 2,
        "staff_leaves": 1,
        "outbox": 0,
    }


def test_that_somebody_is_on_leave_counts_for_whoever_asks(application):
    with application.begin() as conn:
        asked = text("SELECT staff_id FROM staff_on_leave('2026-11-22T09:00Z') ORDER BY 1")
        assert conn.scalars(asked).all() == [1, 2]


def test_an_owner_is_shown_their_case_wherever_it_lies(application):
    viewer = Viewer(scope=Scope.of(frozenset()), staff_id=2)
    with application.begin(viewer) as conn:
        assert conn.scalars(text("SELECT number FROM cases")).all() == ["B"]


def test_a_citizen_is_shown_the_case_that_they_follow_and_what_it_became_a_part_of_and_nothing_else(
    application, database
):
    nobody = Scope.of(frozenset())
    follower = Viewer(scope=nobody, follows=1)
    of_one_case = {"cases": 1, "case_events": 1, "case_holds": 1, "photos": 1}
    assert seen(application, follower) == {**dict.fromkeys(TABLES, 0), **of_one_case}
    with application.begin(follower) as conn:
        assert conn.scalars(text("SELECT number FROM cases")).all() == ["A"]
    with database.begin() as conn:
        conn.execute(text("UPDATE cases SET state = 'merged', merged_into = 2 WHERE id = 1"))
    with application.begin(follower) as conn:
        assert conn.scalars(text("SELECT number FROM cases ORDER BY id")).all() == ["A", "B"]
    of_the_other = seen(application, Viewer(scope=nobody, follows=2))
    assert of_the_other == {**dict.fromkeys(TABLES, 0), **of_one_case}
    assert seen(application, Viewer(scope=nobody, follows=3)) == dict.fromkeys(TABLES, 0)


def test_a_citizen_may_take_a_photo_whose_id_they_know_if_nobody_with_an_account_has_sent_it(
    application, database
):
    citizens, somebodys, unknown = ([UUID(int=number)] for number in (1, 2, 3))
    with database.begin() as conn:
        for [photo], account in ((citizens, "NULL"), (somebodys, "1"), (unknown, "NULL")):
            conn.execute(
                text(
                    "INSERT INTO photos (id, sha256, source_sha256, width, height, size, uploaded_at, "
                    f"uploaded_by_account_id) VALUES (:id, '', '', 1, 1, 1, now(), {account})"
                ),
                {"id": photo},
            )
    held = Viewer(scope=Scope.of(frozenset()), follows=1, holds=frozenset(citizens + somebodys))
    with application.begin(held) as conn:
        ids = text("SELECT id FROM photos WHERE case_id IS NULL")
        assert conn.scalars(ids).all() == citizens


def test_that_two_cases_are_two_is_shown_to_whoever_sees_both(application, database):
    with database.begin() as conn:
        said = "INSERT INTO distinct_cases VALUES (1, 2, now(), 1, 'one')"
        conn.execute(text(said))
        # Who follows one of them by a code sees the other too, and not who compared them.
        conn.execute(text("UPDATE cases SET state = 'merged', merged_into = 2 WHERE id = 1"))

    def found(viewer: Viewer) -> int | None:
        with application.begin(viewer) as conn:
            return conn.scalar(text("SELECT count(*) FROM distinct_cases"))

    assert found(Viewer.everything()) == 1
    assert found(Viewer(scope=Scope.of(frozenset({MINE, THEIRS})))) == 1
    assert found(Viewer(scope=Scope.of(frozenset({MINE})))) == 0
    assert found(Viewer(scope=Scope.of(frozenset({THEIRS})))) == 0
    assert found(Viewer(scope=Scope.of(frozenset()), follows=1)) == 0


def test_only_the_system_reads_the_hashes_of_codes(application, database):
    with database.begin() as conn:
        conn.execute(text("INSERT INTO citizen_reports (case_id, code_hash) VALUES (1, 'x')"))

    def found(viewer: Viewer) -> int | None:
        with application.begin(viewer) as conn:
            return conn.scalar(text("SELECT count(*) FROM citizen_reports"))

    assert found(Viewer.everything()) == 1
    assert found(Viewer(scope=Scope.everything(), account_id=1)) == 0
    assert found(Viewer(scope=Scope.of(frozenset()), follows=1)) == 0


def test_what_finds_segments_past_row_level_security_asks_the_same(application):
    def found(viewer: Viewer | None) -> list[int]:
        with application.begin(viewer) as conn:
            return list(
                conn.scalars(
                    text(
                        "SELECT unit_id FROM segments_near(118, 34, 119, 35, "
                        "'2026-11-22T08:05Z', '2026-11-22T09:00Z') ORDER BY 1"
                    )
                )
            )

    assert found(None) == []
    assert found(Viewer.everything()) == [1, 2]
    assert found(Viewer(scope=Scope.of(frozenset({MINE})))) == [1]
    assert found(Viewer(scope=Scope.everything(), staff_id=2, only_self=True)) == [2]


def test_whoever_may_read_a_plan_is_shown_all_segments_that_count_for_it_and_nobody_else(
    application, database
):
    with database.begin() as conn:
        for plan, who in ((1, "NULL, NULL"), (2, "'patroller', NULL"), (3, "NULL, 2")):
            conn.execute(
                text(
                    "INSERT INTO patrol_plans (id, name, grid_code, kind, checkpoint_ids, rhythm, "
                    "valid_from, role, unit_id) "
                    f"VALUES ({plan}, 'x', '{MINE}', 'points', '{{1}}', '{{}}', now(), {who})"
                )
            )

    def found(viewer: Viewer | None) -> dict[int, list[int]]:
        with application.begin(viewer) as conn:
            return {
                plan: list(
                    conn.scalars(
                        text(
                            "SELECT unit_id FROM segments_for_plan(:plan, 118, 34, 119, 35, "
                            "'2026-11-22T08:05Z', '2026-11-22T09:00Z') ORDER BY 1"
                        ),
                        {"plan": plan},
                    )
                )
                for plan in (1, 2, 3)
            }

    everything = {1: [1, 2], 2: [], 3: [2]}
    assert found(None) == {1: [], 2: [], 3: []}
    assert found(Viewer.everything()) == everything
    assert found(Viewer(scope=Scope.of(frozenset({MINE})))) == everything
    assert found(Viewer(scope=Scope.of(frozenset({MINE})), only_self=True)) == everything
    assert found(Viewer(scope=Scope.of(frozenset({THEIRS})))) == {1: [], 2: [], 3: []}
    own = Viewer(scope=Scope.of(frozenset()), staff_id=2, only_self=True)
    assert found(own) == {1: [], 2: [], 3: [2]}


def test_whoever_may_read_a_plan_is_shown_the_alerts_about_it_and_nobody_else(
    application, database
):
    with database.begin() as conn:
        conn.execute(text("DELETE FROM alerts"))
        for plan, who in ((1, "NULL"), (2, "2")):
            conn.execute(
                text(
                    "INSERT INTO patrol_plans (id, name, grid_code, kind, checkpoint_ids, rhythm, "
                    "valid_from, unit_id) "
                    f"VALUES ({plan}, 'x', '{MINE}', 'points', '{{1}}', '{{}}', now(), {who})"
                )
            )
        conn.execute(
            text(
                "INSERT INTO alerts (plan_id, round_at, kind, begun_at, last_at, seq) "
                "SELECT id, now(), 'missed_checkpoint', now(), now(), id FROM patrol_plans"
            )
        )

    def found(viewer: Viewer | None) -> list[int]:
        with application.begin(viewer) as conn:
            return list(conn.scalars(text("SELECT plan_id FROM alerts ORDER BY 1")))

    assert found(None) == []
    assert found(Viewer.everything()) == [1, 2]
    assert found(Viewer(scope=Scope.of(frozenset({MINE})), only_self=True)) == [1, 2]
    assert found(Viewer(scope=Scope.of(frozenset({THEIRS})))) == []
    assert found(Viewer(scope=Scope.of(frozenset()), staff_id=2, only_self=True)) == [2]


def test_what_became_of_rounds_is_for_whoever_may_read_the_plan(application, database):
    with database.begin() as conn:
        for plan, grid in ((1, MINE), (2, THEIRS)):
            conn.execute(
                text(
                    "INSERT INTO patrol_plans (id, name, grid_code, kind, checkpoint_ids, rhythm, "
                    f"valid_from) VALUES ({plan}, 'x', '{grid}', 'points', '{{1}}', '{{}}', now())"
                )
            )
        conn.execute(
            text("INSERT INTO round_results SELECT id, now(), now(), 1, 1 FROM patrol_plans")
        )

    def found(viewer: Viewer | None) -> list[int]:
        with application.begin(viewer) as conn:
            return list(conn.scalars(text("SELECT plan_id FROM round_results ORDER BY 1")))

    assert found(None) == []
    assert found(Viewer.everything()) == [1, 2]
    assert found(Viewer(scope=Scope.of(frozenset({MINE})))) == [1]


def test_a_report_is_for_its_grids_and_is_never_changed_by_anybody(application, database):
    made = (
        "INSERT INTO reports (kind, since, until, grid_code, version, made_at, made_by, content, "
        "sha256) VALUES ('month', now(), now(), {grid}, 1, now(), 'x', '', '')"
    )
    with database.begin() as conn:
        for grid in ("NULL", f"'{MINE}'", f"'{THEIRS}'"):
            conn.execute(text(made.format(grid=grid)))

    def found(viewer: Viewer | None) -> list[str | None]:
        with application.begin(viewer) as conn:
            return list(conn.scalars(text("SELECT grid_code FROM reports ORDER BY id")))

    chief = Viewer(scope=Scope.of(frozenset({MINE})))
    assert found(None) == []
    assert found(Viewer.everything()) == [None, MINE, THEIRS]
    assert found(chief) == [MINE]
    for forbidden in (made.format(grid=f"'{THEIRS}'"), made.format(grid="NULL")):
        with pytest.raises(ProgrammingError), application.begin(chief) as conn:
            conn.execute(text(forbidden))
    for forbidden in ("UPDATE reports SET sha256 = 'x'", "DELETE FROM reports"):
        with pytest.raises(ProgrammingError), application.begin(Viewer.everything()) as conn:
            conn.execute(text(forbidden))
        with pytest.raises(ProgrammingError, match="append-only"), database.begin() as conn:
            conn.execute(text(forbidden))


def test_rosters_are_those_of_ones_grids_and_those_in_which_one_stands(application, database):
    with database.begin() as conn:
        conn.execute(text("INSERT INTO staff (id, name) VALUES (3, 'three'), (4, 'four')"))
        for roster, grid, people in ((1, MINE, "[1, 3]"), (2, THEIRS, "[2, 3]")):
            conn.execute(
                text(
                    "INSERT INTO rosters (id, name, grid_code, shifts, teams, cycle, begins_on, "
                    f"valid_from) VALUES ({roster}, 'x', '{grid}', '[]', "
                    f"""'[{{"name": "A", "people": {people}}}]', '[]', '2026-11-22', now())"""
                )
            )
        conn.execute(
            text(
                "INSERT INTO roster_substitutions (roster_id, begins_at, staff_id, substitute_id, "
                "made_at, made_by) VALUES (1, now(), 3, 4, now(), 'x')"
            )
        )

    def found(viewer: Viewer | None) -> tuple[list[int], list[int]]:
        with application.begin(viewer) as conn:
            return (
                list(conn.scalars(text("SELECT id FROM rosters ORDER BY id"))),
                list(conn.scalars(text("SELECT roster_id FROM roster_substitutions"))),
            )

    def of_staff(staff_id: int) -> Viewer:
        return Viewer(scope=Scope.of(frozenset()), staff_id=staff_id, only_self=True)

    assert found(None) == ([], [])
    assert found(Viewer.everything()) == ([1, 2], [1])
    assert found(Viewer(scope=Scope.of(frozenset({MINE})))) == ([1], [1])
    assert found(Viewer(scope=Scope.of(frozenset({THEIRS})))) == ([2], [])
    assert found(of_staff(2)) == ([2], [])
    assert found(of_staff(3)) == ([1, 2], [1])
    assert found(of_staff(4)) == ([1], [1])  # stands in for somebody


def test_a_roster_is_made_and_ended_in_ones_grids_and_nothing_else_of_it_changes(application):
    made = text(
        "INSERT INTO rosters (name, grid_code, shifts, teams, cycle, begins_on, valid_from) "
        "VALUES ('x', :grid, '[]', '[]', '[]', '2026-11-22', now()) RETURNING id"
    )
    chief = Viewer(scope=Scope.of(frozenset({MINE})))
    with application.begin(chief) as conn:
        assert conn.scalar(made, {"grid": MINE}) is not None
        conn.execute(text("UPDATE rosters SET valid_to = now()"))
    for forbidden in (
        made.bindparams(grid=THEIRS),
        text("UPDATE rosters SET teams = '[]'"),
        text("DELETE FROM rosters"),
        text("UPDATE roster_substitutions SET made_by = 'y'"),
        text("DELETE FROM roster_substitutions"),
    ):
        with pytest.raises(ProgrammingError), application.begin(chief) as conn:
            conn.execute(forbidden)


@pytest.mark.parametrize("table", ["roster_substitutions", "case_events"])
def test_what_is_only_added_to_stays_for_its_owner_too(database, table):
    for change in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id", f"TRUNCATE {table}"):
        with pytest.raises(ProgrammingError, match="append-only"), database.begin() as conn:
            conn.execute(text(change))


def test_a_photo_of_no_case_is_its_senders_and_the_systems(application, database):
    with database.begin() as conn:
        conn.execute(text("INSERT INTO accounts (id, username, role) VALUES (2, 'two', 'admin')"))
        conn.execute(
            text(
                "INSERT INTO photos (id, sha256, source_sha256, width, height, size, uploaded_at, "
                "uploaded_by_account_id) "
                "SELECT gen_random_uuid(), '', '', n, 1, 1, now(), nullif(n, 3) "
                "FROM generate_series(1, 3) AS n"
            )
        )

    def found(viewer: Viewer | None) -> list[int]:
        unattached = "SELECT width FROM photos WHERE case_id IS NULL ORDER BY width"
        with application.begin(viewer) as conn:
            return list(conn.scalars(text(unattached)))

    assert found(None) == []
    assert found(Viewer.everything()) == [1, 2, 3]
    assert found(Viewer(scope=Scope.everything(), account_id=1)) == [1]
    assert found(Viewer(scope=Scope.of(frozenset()), account_id=2)) == [2]
    assert found(Viewer(scope=Scope.of(frozenset()))) == []


def test_a_photo_of_a_case_stays_and_nothing_else_of_one_changes(application, database):
    with application.begin(Viewer.everything()) as conn:
        assert conn.execute(text("DELETE FROM photos")).rowcount == 0
        assert conn.execute(text("UPDATE photos SET seq = 2")).rowcount == 0
    with pytest.raises(ProgrammingError), application.begin(Viewer.everything()) as conn:
        conn.execute(text("UPDATE photos SET sha256 = 'x'"))


def test_notices_and_what_one_prefers_are_ones_own_whatever_else_one_sees(application):
    def found(viewer: Viewer | None) -> list[list[int]]:
        with application.begin(viewer) as conn:
            return [
                list(conn.scalars(text(f"SELECT staff_id FROM {table} ORDER BY 1")))
                for table in ("notices", "notice_preferences")
            ]

    everywhere = Scope.everything()
    assert found(None) == [[], []]
    assert found(Viewer.everything()) == [[1, 2], [1, 2]]
    assert found(Viewer(scope=everywhere, staff_id=1, account_id=1)) == [[1], [1]]
    assert found(Viewer(scope=everywhere, account_id=1)) == [[], []]
    assert found(Viewer(scope=Scope.of(frozenset({MINE})), staff_id=2)) == [[2], [2]]


def test_whoever_tells_others_sees_nothing_of_it_and_cannot_change_what_was_told(
    application, database
):
    told = text(
        "SELECT staff_id FROM tell_notices(jsonb_build_array(jsonb_build_object('staff_id', 2, "
        "'kind', 'alert', 'key', 'y', 'urgent', false, 'words', '{}'::jsonb, 'at', now())))"
    )
    chief = Viewer(scope=Scope.of(frozenset({MINE})), staff_id=1)
    with application.begin(chief) as conn:
        assert conn.scalars(told).all() == [2]
        assert conn.scalars(told).all() == []
        conn.execute(text("UPDATE notices SET read_at = now()"))
        conn.execute(text("DELETE FROM notices"))
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM notices WHERE read_at IS NULL")) == 2
        assert conn.scalar(text("SELECT count(*) FROM notices")) == 3
    for forbidden in (
        "INSERT INTO notices (staff_id, kind, key, urgent, created_at) "
        "VALUES (1, 'x', 'z', true, now())",
        "UPDATE notices SET words = '{}'",
        "INSERT INTO notice_preferences (staff_id) VALUES (2)",
        "DELETE FROM channels",
    ):
        with pytest.raises(ProgrammingError), application.begin(chief) as conn:
            conn.execute(text(forbidden))


def test_a_viewer_is_forgotten_with_the_transaction(application):
    assert seen(application, Viewer.everything())["cases"] == 2
    assert seen(application, None)["cases"] == 0


def test_what_is_not_seen_is_not_changed(application, database):
    viewer = Viewer(scope=Scope.of(frozenset({MINE})))
    with application.begin(viewer) as conn:
        conn.execute(text("UPDATE cases SET state = 'void'"))
        conn.execute(text("UPDATE positions SET seq = 100"))
    with database.begin() as conn:
        assert conn.scalar(text("SELECT state FROM cases WHERE number = 'B'")) == "filed"
        assert conn.scalar(text("SELECT seq FROM positions WHERE unit_id = 2")) == 2
