"""What is stored of a track's meaning is that of its fixes, whenever and however those came."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, box
from sqlalchemy import insert, text

from data.audit import Who
from data.database import Database
from data.editions import GridIndexes
from data.installation import Databases
from data.schema import grid_editions, grids
from patrol.tracking.fix import Fix
from patrol.tracking.recorder import Recorder
from patrol.tracks import analysis, facts_store
from patrol.tracks.analysis import FactsInUse, analyse_changes, mark_days
from patrol.tracks.expiry import KeepSettings
from patrol.tracks.grids import VisitedGrids
from patrol.tracks.retention import drop_expired
from tests.duty import put_everybody_on_duty

Add = Callable[..., int]
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 21, 16, tzinfo=UTC)  # in China the 22nd begins
SOON = timedelta(days=36_500)
STEP_DEG = 0.0005
"""About 50 m; the border of the two grids is at step 0."""
numbers = count(1)
TABLES = {
    "fixes": "at, lon, lat",
    "track_segments": "day, from_at, to_at, fixes, length_m, max_speed_mps, ST_AsEWKT(geom)",
    "trips": "day, from_at, to_at, length_m",
    "stops": "day, from_at, to_at, lon, lat, ST_AsEWKT(geom)",
    "gaps": "day, from_at, to_at",
    "visits": "day, from_at, to_at, grid_id, visits.fixes",
    "unit_days": "day, unit_days.fixes, flagged, length_m, moving_s, stopped_s, gap_s, stops, trips, "
    "first_at, last_at",
}


def edition(database: Database, name: str, **dates: datetime) -> None:
    """A town of a west and an east, whose border is at 118.6."""
    with database.begin() as conn:
        state = "retired" if "valid_to" in dates else "active"
        edition_id = conn.execute(
            insert(grid_editions)
            .values(name=name, state=state, content_hash=name, **dates)
            .returning(grid_editions.c.id)
        ).scalar_one()
        for level, code, west, east in (
            (1, "T", 118, 119),
            (2, "W", 118, 118.6),
            (2, "E", 118.6, 119),
        ):
            conn.execute(
                insert(grids).values(
                    edition_id=edition_id,
                    code=code,
                    name=f"{name} {code}",
                    level=level,
                    parent_code=None if level == 1 else "T",
                    area_m2=1.0,
                    geom=f"SRID=4326;{MultiPolygon([box(west, 34, east, 35)]).wkt}",
                )
            )


@pytest.fixture
def town(database: Database) -> Database:
    edition(database, "now", valid_from=datetime(2026, 11, 1, tzinfo=UTC))
    return database


def fix(unit: str, seconds: float, steps: int = -3, **more: Any) -> Fix:
    """So long after midnight, so many steps east of the border."""
    at = MIDNIGHT + timedelta(seconds=seconds)
    return Fix(unit=unit, at=at, lon=118.6 + steps * STEP_DEG, lat=34.5, **more)


def patrol(unit: str, *, hours: float = 8.0, every_s: int = 20, steps: int = 40) -> list[Fix]:
    """From the hour on west to east across the border, then ten minutes' rest."""
    walk = [fix(unit, hours * 3600 + n * every_s, n - steps // 2) for n in range(steps)]
    end = hours * 3600 + steps * every_s
    return walk + [fix(unit, end + n * every_s, steps // 2) for n in range(600 // every_s)]


def deliver(database: Database, *parts: Sequence[Fix]) -> None:
    async def record() -> None:
        async with Recorder(
            database, GridIndexes(database), now=lambda: MIDNIGHT + timedelta(hours=20)
        ) as recorder:
            for part in parts:
                receipt = await recorder.record(part)
                assert receipt.rejected == ()

    put_everybody_on_duty(database)
    asyncio.run(record())


def work_out(database: Database) -> int:
    grids = VisitedGrids(GridIndexes(database))
    return analyse_changes(database, grids, before=datetime.now(UTC) + SOON)


def facts(database: Database, code: str) -> dict[str, list[Any]]:
    """Everything that is stored about a unit's past."""
    with database.begin() as conn:
        return {
            table: [
                tuple(row)
                for row in conn.execute(
                    text(
                        f"SELECT {columns} FROM {table} JOIN units ON units.id = unit_id "
                        "WHERE units.code = :code ORDER BY 1, 2"
                    ),
                    {"code": code},
                )
            ]
            for table, columns in TABLES.items()
        }


def visited(database: Database, code: str) -> list[tuple[str, datetime, datetime]]:
    with database.begin() as conn:
        rows = conn.execute(
            text(
                "SELECT grids.name, from_at, to_at FROM visits JOIN grids ON grids.id = grid_id "
                "JOIN units ON units.id = unit_id WHERE units.code = :code ORDER BY from_at"
            ),
            {"code": code},
        )
        return [tuple(row) for row in rows]


def marks(database: Database) -> list[Any]:
    with database.begin() as conn:
        return [
            tuple(row)
            for row in conn.execute(
                text("SELECT unit_id, day::text, taken FROM changed_days ORDER BY 1, 2, 3")
            )
        ]


def test_a_patrol_across_a_border_is_worked_out(town: Database, add_unit: Add) -> None:
    unit_id = add_unit("GW-001")
    deliver(town, patrol("GW-001"))
    assert marks(town) == [(unit_id, "2026-11-22", False)]
    assert work_out(town) == 1
    assert marks(town) == []
    found = facts(town, "GW-001")
    begin = MIDNIGHT + timedelta(hours=8)
    assert [(name, at) for name, at, _ in visited(town, "GW-001")] == [
        ("now W", begin),
        ("now E", begin + timedelta(seconds=20 * 20)),
    ]
    assert len(found["stops"]) == len(found["trips"]) == 1
    assert found["gaps"] == []
    [day] = found["unit_days"]
    assert day[:2] == (date(2026, 11, 22), 70)
    assert sum(segment[4] for segment in found["track_segments"]) >= day[3]
    line = found["track_segments"][0][-1]
    assert line.startswith("SRID=4326;LINESTRINGM(118.5")
    assert f" 34.5 {begin.timestamp():.0f}," in line


def test_what_is_there_already_is_marked_and_worked_out_once(town: Database, add_unit: Add) -> None:
    add_unit("GW-001")
    walk = patrol("GW-001")
    deliver(town, walk[:10], walk[10:20], walk[:20])
    assert len(marks(town)) == 1
    work_out(town)
    deliver(town, walk[:20])  # all known
    assert marks(town) == []
    assert work_out(town) == 0


def test_a_unit_without_fixes_has_no_facts(town: Database, add_unit: Add) -> None:
    add_unit("GW-001")
    assert mark_days(town, None, None) == work_out(town) == 0
    assert not any(facts(town, "GW-001").values())


def test_a_rest_across_midnight_stays_whole(town: Database, add_unit: Add) -> None:
    add_unit("GW-001")
    deliver(town, [fix("GW-001", seconds, 5) for seconds in range(-600, 601, 20)])
    work_out(town)
    found = facts(town, "GW-001")
    [(day, begin, end, *_)] = found["stops"]
    assert (day, end - begin) == (date(2026, 11, 21), timedelta(minutes=20))
    assert [(each[0], each[1]) for each in found["unit_days"]] == [(date(2026, 11, 21), 61)]


def test_a_late_fix_that_closes_a_silence_moves_the_rest_to_the_day_before(
    town: Database, add_unit: Add
) -> None:
    add_unit("GW-001")
    walk = [fix("GW-001", seconds) for seconds in (-500, -300, 200, 400, 600)]
    deliver(town, walk)
    work_out(town)
    days = [each[:2] for each in facts(town, "GW-001")["unit_days"]]
    assert days == [(date(2026, 11, 21), 2), (date(2026, 11, 22), 3)]
    deliver(town, [fix("GW-001", -50)])
    assert work_out(town) == 2
    days = [each[:2] for each in facts(town, "GW-001")["unit_days"]]
    assert days == [(date(2026, 11, 21), 6)]


def test_fixes_of_weeks_ago_change_that_day_and_no_other(town: Database, add_unit: Add) -> None:
    unit_id = add_unit("GW-001")
    deliver(town, patrol("GW-001"))
    work_out(town)
    today = facts(town, "GW-001")
    weeks = -21 * 24.0
    deliver(town, patrol("GW-001", hours=8 + weeks)[::2])
    assert marks(town) == [(unit_id, "2026-11-01", False)]
    work_out(town)
    deliver(town, patrol("GW-001", hours=8 + weeks)[1::2])
    work_out(town)
    found = facts(town, "GW-001")
    assert [each[:2] for each in found["unit_days"]] == [
        (date(2026, 11, 1), 70),
        (date(2026, 11, 22), 70),
    ]
    for table in ("track_segments", "visits", "stops", "trips"):
        assert [row for row in found[table] if row[0] == date(2026, 11, 22)] == today[table]


def test_a_visit_names_the_grid_of_the_edition_that_was_in_force(
    database: Database, add_unit: Add
) -> None:
    noon = MIDNIGHT + timedelta(hours=12)
    edition(database, "old", valid_from=noon - timedelta(days=9), valid_to=noon)
    edition(database, "new", valid_from=noon)
    add_unit("GW-001")
    seconds = [
        *range(-12 * 86_400, -12 * 86_400 + 600, 20),
        *range(12 * 3600 - 600, 12 * 3600 + 600, 20),
    ]
    deliver(database, [fix("GW-001", each) for each in seconds])
    work_out(database)
    names = [name for name, _, _ in visited(database, "GW-001")]
    assert names == ["old W", "old W", "new W"]  # before the first edition that one tells
    assert visited(database, "GW-001")[2][1] == noon


def test_a_crash_on_the_way_leaves_everything_as_it_was_and_the_mark(
    town: Database, add_unit: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_unit("GW-001")
    walk = patrol("GW-001")
    deliver(town, walk[::2])
    work_out(town)
    before = facts(town, "GW-001")
    deliver(town, walk)
    broken = {**facts_store._SQL, "store_visits": "SELECT 1 / 0"}
    with monkeypatch.context() as patch:
        patch.setattr(facts_store, "_SQL", broken)
        with pytest.raises(Exception, match="division by zero"):
            work_out(town)
    after = facts(town, "GW-001")
    assert {**after, "fixes": None} == {**before, "fixes": None}
    assert [mark[2] for mark in marks(town)] == [True]
    assert work_out(town) == 1
    assert facts(town, "GW-001")["unit_days"][0][1] == 70


def test_a_day_that_fails_does_not_hold_up_the_others(
    town: Database, add_unit: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = add_unit("GW-001")
    add_unit("GW-002")
    deliver(town, patrol("GW-001"), patrol("GW-002"))
    real, failures = analysis.facts_of_day, []

    def failing(conn: Any, grids: Any, unit_id: int, day: date) -> Any:
        if unit_id == first:
            raise ValueError("a slip")
        return real(conn, grids, unit_id, day)

    monkeypatch.setattr(analysis, "facts_of_day", failing)
    analyse_changes(
        town,
        VisitedGrids(GridIndexes(town)),
        before=datetime.now(UTC) + SOON,
        failed=lambda *failure: failures.append(failure),
    )
    assert [(unit_id, str(error)) for unit_id, _, error in failures] == [(first, "a slip")]
    assert marks(town) == [(first, "2026-11-22", True)]
    assert facts(town, "GW-002")["unit_days"]


def test_two_workers_share_the_marks_and_miss_nothing_that_comes_meanwhile(
    town: Database, add_unit: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [add_unit(f"GW-{n}") for n in range(4)]
    walks = {unit: patrol(f"GW-{n}") for n, unit in enumerate(ids)}
    deliver(town, *(walk[::2] for walk in walks.values()))
    real = analysis.facts_of_day
    done: list[int] = []

    def meanwhile(conn: Any, grids: Any, unit_id: int, day: date) -> Any:
        found = real(conn, grids, unit_id, day)
        done.append(unit_id)
        if len(done) == 1:
            # This day's fixes have been read, and the rest of them comes now; another worker comes too.
            deliver(town, walks[unit_id])
            work_out(town)
        return found

    monkeypatch.setattr(analysis, "facts_of_day", meanwhile)
    work_out(town)
    assert sorted(set(done)) == ids
    assert done.count(done[0]) == 2
    fixes = {
        code: facts(town, code)["unit_days"][0][1] for code in ("GW-0", "GW-1", "GW-2", "GW-3")
    }
    assert sorted(fixes.values()) == [35, 35, 35, 70]
    assert marks(town) == []


def test_working_out_again_changes_not_a_row(town: Database, add_unit: Add) -> None:
    add_unit("GW-001")
    deliver(town, patrol("GW-001"))
    work_out(town)
    rows = text("SELECT xmin::text FROM track_segments UNION ALL SELECT xmin::text FROM visits")
    with town.begin() as conn:
        before = sorted(conn.scalars(rows))
    assert mark_days(town, date(2026, 11, 22), date(2026, 11, 22)) == 1
    work_out(town)
    with town.begin() as conn:
        assert sorted(conn.scalars(rows)) == before


def test_by_hand_the_days_that_have_fixes_are_marked(town: Database, add_unit: Add) -> None:
    unit_id = add_unit("GW-001")
    deliver(town, patrol("GW-001"), patrol("GW-001", hours=8 - 48))
    with town.begin() as conn:
        conn.execute(text("DELETE FROM changed_days"))
    assert mark_days(town, date(2026, 11, 21), None) == 1
    assert mark_days(town, None, date(2026, 11, 20)) == 2
    assert [mark[:2] for mark in marks(town)] == [(unit_id, "2026-11-20"), (unit_id, "2026-11-22")]
    assert work_out(town) == 2


WANGGE = Who(account_id=None, name="wangge", role=None, address=None)
KEEP = KeepSettings(fixes_days=90)


def test_when_fixes_are_dropped_their_whereabouts_go_and_the_numbers_stay(
    town: Database, add_unit: Add
) -> None:
    add_unit("GW-001")
    deliver(town, patrol("GW-001", hours=8 - 24), patrol("GW-001", hours=9))
    work_out(town)
    before = facts(town, "GW-001")
    with Databases.beside(town) as databases:
        drop_expired(databases.tracking, KEEP, NOW.replace(hour=1) + KEEP.fixes, WANGGE)
    after = facts(town, "GW-001")
    assert after["unit_days"] == before["unit_days"]
    assert len(after["unit_days"]) == 2
    for table in ("fixes", "track_segments", "trips", "stops", "visits"):
        assert after[table] == [row for row in before[table] if _is_later(row)]
        assert after[table]


def _is_later(row: Any) -> bool:
    at = next(value for value in row if isinstance(value, datetime))
    return at >= MIDNIGHT + timedelta(hours=8)


def test_what_is_left_of_a_day_after_dropping_does_not_replace_its_numbers(
    town: Database, add_unit: Add
) -> None:
    """Midnight in China lies inside a day of partitions: half of a working day goes first."""
    add_unit("GW-001")
    deliver(town, patrol("GW-001", hours=7), patrol("GW-001", hours=9))
    with Databases.beside(town) as databases:
        drop_expired(databases.tracking, KEEP, NOW.replace(hour=1) + KEEP.fixes, WANGGE)
    work_out(town)
    found = facts(town, "GW-001")
    assert [each[:2] for each in found["unit_days"]] == [(date(2026, 11, 22), 140)]
    assert len(found["fixes"]) == 70
    assert len(found["stops"]) == 1


def test_facts_are_not_worked_out_while_old_ones_are_dropped(town: Database, add_unit: Add) -> None:
    add_unit("GW-001")
    deliver(town, patrol("GW-001"))
    with town.begin() as conn:
        analysis.own_facts(conn)
        with pytest.raises(FactsInUse):
            work_out(town)
    assert work_out(town) == 1


SIGHTING = st.tuples(
    st.one_of(
        st.integers(-90, 90).map(lambda n: n * 20),  # around midnight
        st.integers(8 * 180, 8 * 180 + 240).map(lambda n: n * 20),
        st.integers(-3 * 86_400, 15 * 3600),
    ),
    st.one_of(st.integers(-4, 4), st.just(2), st.just(4000)),
    st.sampled_from([None, None, 5.0, 500.0]),
)
STAY = st.tuples(st.integers(-3, 8 * 180), st.integers(-4, 4), st.integers(5, 40)).map(
    lambda stay: [(20 * (stay[0] + n), stay[1], None) for n in range(stay[2])]
)


@settings(max_examples=20)
@given(
    sightings=st.tuples(st.lists(SIGHTING, max_size=40), st.lists(STAY, max_size=3)).map(
        lambda parts: [
            *{each[0]: each for each in [*parts[0], *(f for s in parts[1] for f in s)]}.values()
        ]
    ),
    data=st.data(),
)
def test_the_set_of_fixes_alone_decides_what_they_mean(
    town: Database, add_unit: Add, sightings: list[Any], data: st.DataObject
) -> None:
    number = next(numbers)
    straight, mixed = f"A{number}", f"B{number}"
    add_unit(straight)
    add_unit(mixed)

    def fixes(unit: str, chosen: Sequence[Any]) -> list[Fix]:
        return [fix(unit, at, steps, accuracy_m=accuracy) for at, steps, accuracy in chosen]

    deliver(town, fixes(straight, sorted(sightings, key=lambda sighting: sighting[0])))
    work_out(town)
    repeats = data.draw(st.lists(st.sampled_from(sightings), max_size=5)) if sightings else []
    shuffled = fixes(mixed, data.draw(st.permutations([*sightings, *repeats])))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=4)))
    for begin, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True):
        deliver(town, shuffled[begin:end])
        if data.draw(st.booleans()):
            work_out(town)
    work_out(town)
    assert facts(town, mixed) == facts(town, straight)
