from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from data import schema
from data.demo.departments import DEPARTMENTS, SENT
from data.demo.loading import STEPS, create_demo_town
from data.editions import GridIndexes
from data.scope import Scope, Viewer
from gis.errors import Conflict
from layers.cameras.rounds import list_rounds, schedule
from patrol.cases.folding import fold
from patrol.cases.rows import CASE_COLUMNS, case_of
from patrol.cases.store import read_events
from patrol.categories.store import read_categories
from patrol.changes.service import list_changes
from patrol.duty.departments import list_departments
from patrol.duty.vacancies import Staffing, staffed_grids
from patrol.plans.checkpoints import checkpoints_with_ids
from patrol.plans.plan import PlanKind, list_plans
from patrol.rosters.eligibility import area_of, require_posts
from patrol.rosters.results import shifts_at
from patrol.rosters.roster import list_rosters
from patrol.rosters.rotation import gaps_in
from patrol.sensors.register import SensorState, exceedances, list_sensors
from patrol.sensors.rules import list_rules

ROLES = (
    *("department_handler", "dispatcher", "enforcement_officer", "grid_chief"),
    *("grid_worker", "inspector", "liaison", "patroller"),
)


def count(database, table, *where):
    with database.begin() as conn:
        return conn.scalar(select(func.count()).select_from(table).where(*where))


def test_the_whole_town_is_there(demo_database):
    assert count(demo_database, schema.grids) == 95
    assert count(demo_database, schema.cameras) == 212
    assert count(demo_database, schema.units) == 139
    assert count(demo_database, schema.positions) == 139
    assert count(demo_database, schema.fixes) > 400_000
    assert 300 < count(demo_database, schema.cases) < 700
    assert count(demo_database, schema.accounts) == 0


def test_every_day_that_somebody_walked_is_marked_for_the_server_to_analyse(demo_database):
    with demo_database.begin() as conn:
        walked = conn.execute(text("SELECT DISTINCT unit_id FROM fixes ORDER BY 1")).all()
        marked = conn.execute(text("SELECT DISTINCT unit_id FROM changed_days ORDER BY 1")).all()
    assert marked == walked
    assert count(demo_database, schema.changed_days) > 139


def test_its_edition_is_in_force_without_findings(demo_database):
    with demo_database.begin() as conn:
        edition = conn.execute(select(schema.grid_editions)).one()
    assert (edition.state, edition.findings) == ("active", [])


def test_every_fix_lies_inside_a_session_of_its_unit_and_before_now(demo_database):
    with demo_database.begin() as conn:
        strays = conn.scalar(
            text(
                "SELECT count(*) FROM fixes WHERE at > now() OR NOT EXISTS (SELECT FROM"
                " duty_sessions AS duty WHERE duty.unit_id = fixes.unit_id AND fixes.at >="
                " duty.began_at AND (duty.ended_at IS NULL OR fixes.at <= duty.ended_at))"
            )
        )
    assert strays == 0


def test_fixes_carry_the_grid_that_postgis_finds_around_them(demo_database):
    with demo_database.begin() as conn:
        wrong = conn.scalar(
            text(
                "SELECT count(*) FROM (SELECT * FROM fixes ORDER BY at DESC LIMIT 3000) AS fix"
                " WHERE NOT EXISTS (SELECT FROM grids WHERE grids.id = fix.grid_id AND"
                " ST_DWithin(geom::geography, ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography,"
                " 50))"
            )
        )
    assert wrong == 0


def test_a_position_is_the_newest_fix_of_its_unit(demo_database):
    with demo_database.begin() as conn:
        rows = conn.execute(
            text(
                "SELECT positions.at, moved_at, (SELECT max(fixes.at) FROM fixes WHERE"
                " fixes.unit_id = positions.unit_id) AS newest FROM positions"
            )
        ).all()
    assert all(row.at == row.newest for row in rows)
    assert all(row.at - timedelta(hours=1) <= row.moved_at <= row.at for row in rows)
    assert sum(row.moved_at == row.at for row in rows) > 20


def test_cases_can_be_read_back_by_those_who_work_on_them(demo_database):
    with demo_database.begin() as conn:
        latest = select(*CASE_COLUMNS).order_by(schema.cases.c.id.desc()).limit(60)
        for case in [case_of(row) for row in conn.execute(latest).mappings().all()]:
            assert fold(read_events(conn, case)) == case


def test_the_next_case_of_a_day_gets_the_next_number(demo_database):
    with demo_database.begin() as conn:
        given = conn.execute(
            text(
                "SELECT substr(number, 3, 8) AS day, max(right(number, 4)::int) FROM cases GROUP BY 1"
            )
        ).all()
        last = conn.execute(select(schema.case_numbers)).all()
    assert {(f"{row.day:%Y%m%d}", row.last) for row in last} == {tuple(row) for row in given}


def test_a_second_time_nothing_happens(demo_database):
    before = count(demo_database, schema.fixes)
    again = create_demo_town(demo_database, now=datetime.now(UTC))
    assert not again.created
    assert tuple(person.role for person in again.people) == ROLES
    assert count(demo_database, schema.fixes) == before


def test_the_people_to_be_given_accounts_hold_the_posts_of_their_roles(demo_database):
    people = create_demo_town(demo_database, now=datetime.now(UTC)).people
    with demo_database.begin() as conn:
        posts = schema.posts.c
        held = {
            tuple(row) for row in conn.execute(select(posts.staff_id, posts.role, posts.grid_code))
        }
        index = GridIndexes(demo_database).active(conn)
    assert {(person.staff_id, person.role, person.grid_code) for person in people} <= held
    by_role = {person.role: person for person in people}
    worker, chief = by_role["grid_worker"], by_role["grid_chief"]
    assert index.tree[worker.grid_code].parent_code == chief.grid_code


def test_a_grid_of_the_demo_chief_has_teams_round_the_clock(demo_database):
    now = datetime.now(UTC)
    people = create_demo_town(demo_database, now=now).people
    [chief] = [person for person in people if person.role == "grid_chief"]
    with demo_database.begin() as conn:
        [roster] = list_rosters(conn, Viewer.everything(), now)
        tree = GridIndexes(demo_database).active(conn).tree
        area = area_of(tree, roster.grid_code, Scope.everything())
        require_posts(conn, roster.people, area, roster.valid_from, field="teams")
        [(_, shift)] = shifts_at(conn, Viewer.everything(), now, None)
    assert roster.grid_code == chief.grid_code
    assert roster.teams[0].leader == chief.staff_id
    assert len(roster.teams) == len(roster.rotation.teams) == 3
    assert gaps_in(roster.rotation) == []
    assert shift.team in roster.rotation.teams


def test_patrol_plans_are_those_of_the_chiefs_grid_and_their_checkpoints_are_passed(demo_database):
    now = datetime.now(UTC)
    people = create_demo_town(demo_database, now=now).people
    [chief] = [person for person in people if person.role == "grid_chief"]
    with demo_database.begin() as conn:
        points, cells = list_plans(conn, Viewer.everything(), now)
        found = checkpoints_with_ids(conn, points.checkpoint_ids)
        days = conn.execute(
            text(
                "SELECT checkpoints.id, count(DISTINCT fixes.at::date) FROM checkpoints "
                "JOIN fixes ON ST_DWithin(checkpoints.geom::geography, "
                "ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography, radius_m) GROUP BY 1"
            )
        ).all()
    assert points.grid_code == cells.grid_code == chief.grid_code
    assert (points.kind, cells.kind) == (PlanKind.POINTS, PlanKind.CELLS)
    assert len(found) == len(points.checkpoint_ids) == 4
    assert all(each.grid_code.startswith(chief.grid_code) for each in found.values())
    assert sum(passed > 5 for _, passed in days) >= 2


def test_progress_goes_up_through_the_steps_and_ends_at_one(database):
    heard = []
    create_demo_town(
        database,
        now=datetime.now(UTC),
        days=1,
        progress=lambda step, share: heard.append((step, share)),
    )
    assert [step for step, _ in heard] == list(STEPS)
    shares = [share for _, share in heard]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_an_installation_of_its_own_is_left_alone(database):
    with database.begin() as conn:
        conn.execute(
            schema.units.insert().values(code="GW-1", kind="person", name="李", role="grid_worker")
        )
    with pytest.raises(Conflict, match="empty installation"):
        create_demo_town(database, now=datetime.now(UTC), days=1)
    assert count(database, schema.grids) == 0


def test_sensors_have_readings_and_one_is_beyond_its_threshold(demo_database):
    now = datetime.now(UTC)
    with demo_database.begin(Viewer.everything()) as conn:
        sensors = list_sensors(conn, now, count=1000)
        alarms = [sensor for sensor in sensors if sensor.state is SensorState.ALARM]
        [alarm] = alarms
        [exceedance] = exceedances(conn, alarm.code, before=None, count=10)
        assert [rule.name for rule in list_rules(conn)] == ["窨井水位过高", "烟雾浓度过高"]
    assert {sensor.state for sensor in sensors} >= {SensorState.NORMAL, SensorState.NEVER}
    assert exceedance.case_id is not None
    assert exceedance.ended_at is None


def test_suspected_changes_have_open_cases_and_a_video_round_plays(demo_database):
    with demo_database.begin(Viewer.everything()) as conn:
        changes = list_changes(conn, verdict=None, after=None, count=10)
        [video_round] = list_rounds(conn)
    assert len(changes) >= 2
    assert all(100 < change.area_m2 < 2_000 for change in changes)
    assert len(schedule(video_round, datetime.now(UTC), 3)) == 3


def test_one_grid_is_vacant_one_worker_is_on_leave_and_one_post_ends_soon(demo_database):
    now = datetime.now(UTC)
    with demo_database.begin() as conn:
        tree = GridIndexes(demo_database).active(conn).tree
        chains = [
            [grid.code for grid in tree.chain(each.code)] for each in tree.grids if each.level == 2
        ]
        staffed = staffed_grids(conn, chains, now, now + timedelta(days=14))
        stand_in = conn.scalar(select(schema.staff_leaves.c.stand_in_id))
    lacking = Counter(each.staffing for each in staffed)
    assert lacking == {Staffing.HELD: 67, Staffing.VACANT: 1, Staffing.ENDING: 1}
    assert stand_in is not None


def test_departments_have_people_categories_and_cases_in_every_state(demo_database):
    people = create_demo_town(demo_database, now=datetime.now(UTC)).people
    [handler] = [person for person in people if person.role == "department_handler"]
    with demo_database.begin(Viewer.everything()) as conn:
        assert {each.code for each in list_departments(conn)} == {each.code for each in DEPARTMENTS}
        categories = read_categories(conn)
        for category in categories:
            categories.check(category)
        posts, cases = schema.posts.c, schema.cases.c
        first = conn.scalar(select(posts.department).where(posts.staff_id == handler.staff_id))
        counted = conn.execute(
            select(cases.department, func.count().filter(cases.state == "closed").label("closed"))
            .where(cases.department.is_not(None))
            .group_by(cases.department)
        )
        closed = {row.department: row.closed for row in counted}
        theirs = conn.execute(
            select(schema.cases).where(cases.owner_staff_id == handler.staff_id)
        ).all()
    assert {each.code: each.department for each in categories if each.department} == {
        code: sent.department for code, sent in SENT.items()
    }
    assert first == DEPARTMENTS[0].code
    assert closed.keys() == {each.code for each in DEPARTMENTS}
    assert min(closed.values()) > 5
    assert len(theirs) > 10
