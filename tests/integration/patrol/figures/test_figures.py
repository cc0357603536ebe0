"""Figures of cases, read out of the database."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from data.database import Database
from data.editions import GridIndexes
from data.schema import duty_sessions, patrol_plans, round_results, unit_days
from data.scope import Scope, Viewer
from gis.errors import InvalidInput, NotPermitted
from patrol.figures.figure import Item
from patrol.figures.period import Period
from patrol.figures.service import Asked, FigureService
from tests.integration.patrol.figures.conftest import MARCH, AddCases, local

LATER = local(4, 10)
EVERYBODY = Viewer.everything()


@pytest.fixture
def read(database: Database) -> Any:
    """`read("closing_rate", ...) -> Item`, of March."""

    def read(
        code: str,
        *,
        now: datetime = LATER,
        viewer: Viewer = EVERYBODY,
        period: Period = MARCH,
        **asked: str,
    ) -> Item:
        panel = FigureService(database, GridIndexes(database), lambda: now).panel(
            period, Asked(**asked), viewer
        )
        return next(item for item in panel.items if item.figure.code == code)

    return read


def ratio(item: Item) -> tuple[float | None, float | None]:
    return item.now.numerator, item.now.denominator


def test_of_1054_received_996_are_filed_972_due_and_911_closed_737_of_them_on_time(
    add_cases: AddCases, read: Any
) -> None:
    due = local(3, 5, 12)
    add_cases(1054 - 996, state="void", filed_at=None, dispatched_at=None)
    add_cases(737, state="closed", due_at=due, handled_at=due, closed_at=local(3, 6))
    late = due + timedelta(seconds=1)
    add_cases(911 - 737, state="closed", due_at=due, handled_at=late, closed_at=local(3, 7))
    add_cases(972 - 911, due_at=due)
    add_cases(996 - 972, due_at=local(4, 2))

    assert read("received").now.value == 1054
    assert read("due").now.value == 972
    assert read("closed").now.value == 911
    assert ratio(read("filing_rate")) == (996, 1054)
    assert ratio(read("closing_rate")) == (911, 972)
    assert round(100 * read("closing_rate").now.value, 2) == 93.72
    assert ratio(read("on_time_rate")) == (737, 972)
    assert round(100 * read("on_time_rate").now.value, 2) == 75.82


def test_of_nothing_there_is_no_share(read: Any) -> None:
    assert read("closing_rate").now.value is None
    assert read("received").now.value == 0


def test_what_was_closed_after_the_period_was_not_closed_in_it(
    add_cases: AddCases, read: Any
) -> None:
    in_time = {"due_at": local(3, 31), "handled_at": local(3, 30)}
    add_cases(1, state="closed", closed_at=local(4, 1), **in_time)
    assert ratio(read("closing_rate")) == (0, 1)
    assert ratio(read("on_time_rate")) == (0, 1)
    assert read("closed").now.value == 0


def test_an_excused_case_stays_overdue_and_is_told_beside(add_cases: AddCases, read: Any) -> None:
    late = {"due_at": local(3, 5), "handled_at": local(3, 6), "closed_at": local(3, 7)}
    add_cases(1, state="closed", exempt=True, **late)
    add_cases(1, state="closed", **late)
    assert ratio(read("on_time_rate")) == (0, 2)
    assert ratio(read("excused_on_time_rate")) == (1, 2)


def test_what_is_on_hold_is_not_due(add_cases: AddCases, read: Any) -> None:
    held_at = local(3, 4)
    add_cases(
        2,
        state="on_hold",
        due_at=local(3, 5),
        held_at=held_at,
        extensions=1,
        holds=[(held_at, None)],
    )
    assert ratio(read("closing_rate")) == (0, 0)
    assert ratio(read("extension_rate")) == (0, 0)
    assert read("on_hold", now=local(3, 20)).now.value == 2
    assert read("overdue", now=local(3, 20)).now.value == 0
    assert read("on_hold").now.value == 2


def test_what_was_due_before_it_was_put_on_hold_is_due_and_meanwhile_not_overdue(
    add_cases: AddCases, read: Any
) -> None:
    held_at = local(3, 10)
    add_cases(1, state="on_hold", due_at=local(3, 5), held_at=held_at, holds=[(held_at, None)])
    assert ratio(read("closing_rate")) == (0, 1)
    assert (read("overdue").now.value, read("open").now.value) == (0, 1)
    by_day = {point.until: point.value for point in read("overdue").trend}
    assert (by_day[local(3, 4)], by_day[local(3, 10)], by_day[local(3, 13)]) == (0, 1, 0)


def test_a_period_that_is_over_tells_what_was_on_hold_at_its_end(
    add_cases: AddCases, read: Any
) -> None:
    late = {"due_at": local(2, 5), "reported_at": local(2, 1)}
    add_cases(1, **late, holds=[(local(2, 20), local(3, 10)), (local(3, 28), local(4, 2))])
    add_cases(2, **late, holds=[(local(3, 10), local(3, 20))])
    add_cases(3, state="on_hold", held_at=local(4, 5), **late, holds=[(local(4, 5), None)])
    add_cases(4, state="merged", **late, holds=[(local(2, 20), local(4, 2))])
    on_hold, overdue = read("on_hold"), read("overdue")
    assert (on_hold.now.value, overdue.now.value) == (1, 5)
    assert on_hold.previous.before.value == 1
    assert on_hold.last_year.before.value == 0
    held = {point.until: point.value for point in on_hold.trend}
    assert (held[local(3, 10)], held[local(3, 19)], held[local(3, 22)]) == (1, 2, 0)
    late_then = {point.until: point.value for point in overdue.trend}
    assert (late_then[local(3, 10)], late_then[local(3, 19)], late_then[local(3, 22)]) == (5, 4, 6)


def test_what_was_on_hold_is_told_of_whom_it_is_asked_for(add_cases: AddCases, read: Any) -> None:
    holds = [(local(3, 10), local(4, 2))]
    add_cases(1, holds=holds, source="citizen")
    add_cases(2, holds=holds, grid_code="32072210100200101", category="safety.dog")
    chief = Viewer(scope=Scope.of(frozenset({"32072210100200101"})))
    assert read("on_hold").now.value == 3
    assert read("on_hold", viewer=chief).now.value == 2
    assert read("on_hold", source="citizen").now.value == 1
    assert read("on_hold", category="safety.dog").now.value == 2


def test_what_was_settled_at_once_is_filed_and_never_due(add_cases: AddCases, read: Any) -> None:
    add_cases(
        1,
        state="closed",
        filed_at=None,
        dispatched_at=None,
        handled_at=local(3, 2, 12),
        closed_at=local(3, 2, 12),
    )
    assert ratio(read("filing_rate")) == (1, 1)
    assert ratio(read("closing_rate")) == (0, 0)
    assert ratio(read("first_time_rate")) == (1, 1)


@pytest.mark.parametrize(
    "blemish", [{"rework": 1}, {"cycle": 2}, {"returns": 1, "wrong_returns": 1}]
)
def test_what_took_a_second_try_was_not_done_the_first_time(
    add_cases: AddCases, read: Any, blemish: dict[str, int]
) -> None:
    closed = {"state": "closed", "closed_at": local(3, 9)}
    add_cases(3, **closed, returns=1)
    add_cases(1, **closed, **blemish)
    assert ratio(read("first_time_rate")) == (3, 4)


def test_a_return_that_was_right_says_that_the_dispatch_was_wrong(
    add_cases: AddCases, read: Any
) -> None:
    add_cases(7)
    add_cases(2, returns=1)
    add_cases(1, returns=1, wrong_returns=1)
    assert ratio(read("return_rate")) == (3, 10)
    assert ratio(read("correct_dispatch_rate")) == (8, 10)


def test_rework_extension_repeats_ratings_and_tiers_are_counted(
    add_cases: AddCases, read: Any
) -> None:
    closed = {"state": "closed", "closed_at": local(3, 9), "due_at": local(3, 8)}
    add_cases(1, **closed, rework=2, rating="dissatisfied")
    add_cases(3, **closed, extensions=1, rating="satisfied")
    add_cases(4, **closed, tier="county")
    add_cases(2, state="merged", filed_at=None, dispatched_at=None)
    assert ratio(read("rework_rate")) == (1, 8)
    assert ratio(read("extension_rate")) == (3, 8)
    assert ratio(read("satisfaction")) == (3, 4)
    assert ratio(read("rated_share")) == (4, 8)
    assert ratio(read("local_rate")) == (4, 8)
    assert ratio(read("repeat_rate")) == (2, 10)


def test_handling_takes_from_the_dispatch_to_the_handling(add_cases: AddCases, read: Any) -> None:
    for hours in range(1, 11):
        at = local(3, 2, 12) + timedelta(hours=hours)
        add_cases(1, state="closed", handled_at=at, closed_at=local(3, 9))
    assert read("handling_median").now.value == 5.5 * 3600
    assert read("handling_median").now.denominator == 10
    assert read("handling_p90").now.value == pytest.approx(9.1 * 3600)


def test_what_stands_open_is_told_at_the_end_and_along_the_way(
    add_cases: AddCases, read: Any
) -> None:
    add_cases(1, due_at=local(3, 5))
    add_cases(1, reported_at=local(2, 1), due_at=local(2, 5), state="closed", closed_at=local(3, 8))
    add_cases(1, reported_at=local(4, 5))
    add_cases(1, state="void", filed_at=None, dispatched_at=None)
    found = read("open")
    assert found.now.value == 1
    assert found.previous.before.value == 1
    by_day = {point.until: point.value for point in found.trend}
    assert (by_day[local(3, 4)], by_day[local(3, 7)], by_day[local(3, 10)]) == (2, 2, 1)
    assert read("overdue").now.value == 1


def test_the_parts_of_a_period_add_up_to_it(add_cases: AddCases, read: Any) -> None:
    for day in range(1, 32, 3):
        add_cases(day, reported_at=local(3, day, 23))
    found = read("received")
    assert len(found.trend) == 11
    assert sum(point.value for point in found.trend) == found.now.value


def test_a_period_is_compared_with_the_month_and_the_year_before(
    add_cases: AddCases, read: Any
) -> None:
    add_cases(5)
    add_cases(3, reported_at=local(2, 14))
    add_cases(9, reported_at=local(3, 14, year=2025))
    found = read("received")
    assert (found.previous.before.value, found.previous.change) == (3, 2)
    assert (found.last_year.before.value, found.last_year.change) == (9, -4)


def test_a_case_belongs_to_the_local_day(add_cases: AddCases, read: Any) -> None:
    add_cases(1, reported_at=local(3))
    add_cases(1, reported_at=local(3) - timedelta(seconds=1))
    assert read("received").now.value == 1


def test_only_what_was_asked_for_is_counted(add_cases: AddCases, read: Any) -> None:
    add_cases(1, source="citizen")
    add_cases(2, category="safety.dog")
    assert read("received", source="citizen").now.value == 1
    assert read("received", category="safety.dog").now.value == 2
    assert read("received", category="safety.dog", source="citizen").now.value == 0


def test_a_chief_sees_the_figures_of_their_grids(add_cases: AddCases, read: Any) -> None:
    add_cases(1)
    add_cases(2, grid_code="32072210100200101")
    chief = Viewer(scope=Scope.of(frozenset({"32072210100200101"})))
    assert read("received", viewer=chief).now.value == 2
    with pytest.raises(NotPermitted):
        read("received", viewer=chief, grid="32072210100100101")
    with pytest.raises(InvalidInput):
        read("received", grid="1")


def test_online_are_the_minutes_of_duty_that_fixes_account_for(
    database: Database, add_unit: Any, read: Any
) -> None:
    unit_id, other_id = add_unit("GW-001"), add_unit("GW-002")
    day = {"fixes": 9, "flagged": 0, "length_m": 0, "gap_s": 3600, "stops": 0, "trips": 0}
    with database.begin() as conn:
        conn.execute(
            insert(duty_sessions),
            [
                {"unit_id": unit_id, "began_at": local(3, 2, 8), "ended_at": local(3, 2, 12)},
                {"unit_id": unit_id, "began_at": local(3, 2, 14), "ended_at": local(3, 2, 18)},
                {"unit_id": other_id, "began_at": local(3, 3, 8), "ended_at": local(3, 3, 9)},
                {"unit_id": other_id, "began_at": local(4, 3, 8), "ended_at": local(4, 3, 9)},
            ],
        )
        conn.execute(
            insert(unit_days).values(
                unit_id=unit_id,
                day=local(3, 2, 8).date(),
                moving_s=2 * 3600,
                stopped_s=4 * 3600,
                first_at=local(3, 2, 8),
                last_at=local(3, 2, 18),
                **day,
            )
        )
    assert ratio(read("online_rate")) == (360, 540)


def test_coverage_is_of_the_rounds_that_ended_in_the_period(database: Database, read: Any) -> None:
    with database.begin() as conn:
        plan = {
            "name": "x",
            "grid_code": "1",
            "kind": "cells",
            "resolution": 9,
            "checkpoint_ids": [],
        }
        rhythm = {"weekdays": [1], "windows": [{"from": "08:00", "to": "09:00"}]}
        plan_id = conn.scalar(
            insert(patrol_plans)
            .values(**plan, rhythm=rhythm, valid_from=local(1))
            .returning(patrol_plans.c.id)
        )
        conn.execute(
            insert(round_results),
            [
                {
                    "plan_id": plan_id,
                    "begins_at": local(3, day, 8),
                    "ends_at": local(3, day, 9),
                    "required": 10,
                    "reached": reached,
                }
                for day, reached in ((2, 10), (9, 4))
            ],
        )
    assert ratio(read("coverage")) == (14, 20)
