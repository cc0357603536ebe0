"""What is told of a round, and when that is news."""

from datetime import UTC, datetime
from typing import Any

import pytest
from shapely import MultiPolygon, box

from gis.grid import Grid
from gis.ratio import Ratio
from patrol.alerts.alert import Kind
from patrol.alerts.missed import Missed, StoredMissed, is_news, missed_in
from patrol.plans.checkpoints import Checkpoint
from patrol.plans.plan import Plan, PlanKind
from patrol.plans.rhythm import EveryHours, Round
from patrol.plans.rounds import Arrival, RoundResult

BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
ROUND = Round(begins_at=BEGIN, ends_at=BEGIN.replace(hour=4))
GRID = Grid(
    code="E",
    name="一网格",
    level=1,
    parent_code=None,
    geometry=MultiPolygon([box(118.60, 34.50, 118.62, 34.52)]),
)


def checkpoint(number: int) -> Checkpoint:
    return Checkpoint(
        id=number,
        name=f"{number}",
        lon=118.6 + number / 100,
        lat=34.5,
        radius_m=30,
        dwell_s=0,
        grid_code="E",
        valid_from=BEGIN,
        valid_to=None,
    )


def plan(kind: PlanKind) -> Plan:
    points = kind is PlanKind.POINTS
    return Plan(
        id=1,
        name="夜巡",
        grid_code="E",
        kind=kind,
        checkpoint_ids=(1, 2, 3) if points else (),
        resolution=None if points else 9,
        rhythm=EveryHours(hours=4),
        in_order=False,
        at_least=1,
        role=None,
        unit_id=None,
        unit=None,
        valid_from=BEGIN,
        valid_to=None,
        created_at=BEGIN,
    )


def result(reached: list[bool], *, in_order: bool | None = None) -> RoundResult:
    return RoundResult(
        round=ROUND,
        covered=Ratio(reached=sum(reached), required=len(reached)),
        is_fulfilled=all(reached) and in_order is not False,
        arrivals=tuple(Arrival(at_s=0, unit_id=1) if each else None for each in reached),
        in_order=in_order,
        unit_ids=frozenset({1}),
    )


CHECKPOINTS = [checkpoint(number) for number in (1, 2, 3)]


def told(reached: list[bool], *, in_order: bool | None = None) -> Missed | None:
    points = plan(PlanKind.POINTS)
    return missed_in(points, CHECKPOINTS, None, result(reached, in_order=in_order))


def test_it_stands_at_the_first_checkpoint_that_was_left_out() -> None:
    missed = told([True, False, False])
    assert missed is not None
    assert (missed.kind, missed.place) == (Kind.MISSED_CHECKPOINT, CHECKPOINTS[1].place)
    assert missed.details["missed"] == ["2", "3"]


def test_an_order_that_was_not_kept_stands_where_it_begins() -> None:
    missed = told([True, True, True], in_order=False)
    assert missed is not None
    assert (missed.place, missed.details["missed"]) == (CHECKPOINTS[0].place, [])


def test_of_cells_it_stands_somewhere_in_the_grid() -> None:
    few = RoundResult(
        round=ROUND,
        covered=Ratio(reached=1, required=9),
        is_fulfilled=False,
        arrivals=(),
        in_order=None,
        unit_ids=frozenset(),
    )
    missed = missed_in(plan(PlanKind.CELLS), [], GRID, few)
    assert missed is not None
    assert missed.kind is Kind.NOT_PATROLLED
    assert missed.place == (pytest.approx(118.61), pytest.approx(34.51))


def test_what_was_done_is_not_told() -> None:
    assert told([True, True, True]) is None


def as_stored(missed: Missed, **changes: Any) -> StoredMissed:
    values = {"place": missed.place, "details": missed.details, "withdrawn": False, **changes}
    return StoredMissed(**values)


def test_news_is_what_differs_from_what_was_told() -> None:
    worse, better = told([False, False, True]), told([True, False, True])
    assert worse is not None
    assert is_news(None, worse)
    assert is_news(as_stored(worse), better)
    assert is_news(as_stored(worse), None)
    assert is_news(as_stored(worse, withdrawn=True), worse)
    assert not is_news(as_stored(worse), worse)
    assert not is_news(as_stored(worse, withdrawn=True), None)
    assert not is_news(None, None)
