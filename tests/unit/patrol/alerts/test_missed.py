"""What is told of a round, and when that is news."""

from datetime import UTC, datetime
from typing import Any

from shapely import box

from gis.cells import cells_within, lonlat_to_cells
from gis.ratio import Ratio
from patrol.alerts.alert import Kind
from patrol.alerts.missed import Missed, StoredMissed, is_news, missed_in
from patrol.plans.checkpoints import Checkpoint
from patrol.plans.plan import Plan, PlanKind
from patrol.plans.rhythm import EveryHours, Round
from patrol.plans.rounds import Arrival, RoundResult
from patrol.plans.targets import CellTargets, PointTargets

BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
ROUND = Round(begins_at=BEGIN, ends_at=BEGIN.replace(hour=4))
SQUARE = box(118.60, 34.50, 118.62, 34.52)


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
        width_m=None,
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
        left_out=None if all(reached) else reached.index(False),
        in_order=in_order,
        unit_ids=frozenset({1}),
    )


CHECKPOINTS = [checkpoint(number) for number in (1, 2, 3)]


def told(reached: list[bool], *, in_order: bool | None = None) -> Missed | None:
    targets = PointTargets(checkpoints=CHECKPOINTS)
    return missed_in(plan(PlanKind.POINTS), targets, result(reached, in_order=in_order))


def test_it_stands_at_the_first_checkpoint_that_was_left_out() -> None:
    missed = told([True, False, False])
    assert missed is not None
    assert (missed.kind, missed.place) == (Kind.MISSED_CHECKPOINT, CHECKPOINTS[1].place)
    assert missed.details["missed"] == ["2", "3"]


def test_an_order_that_was_not_kept_stands_where_it_begins() -> None:
    missed = told([True, True, True], in_order=False)
    assert missed is not None
    assert (missed.place, missed.details["missed"]) == (CHECKPOINTS[0].place, [])


def in_cells(left_out: int | None, required: int) -> RoundResult:
    return RoundResult(
        round=ROUND,
        covered=Ratio(reached=0, required=required),
        is_fulfilled=False,
        arrivals=(),
        left_out=left_out,
        in_order=None,
        unit_ids=frozenset(),
    )


def test_of_cells_it_stands_in_the_first_that_nobody_reached() -> None:
    cells = cells_within(SQUARE, 9)
    targets = CellTargets(cells=cells, resolution=9, bounds=SQUARE.bounds)
    missed = missed_in(plan(PlanKind.CELLS), targets, in_cells(2, len(cells)))
    assert missed is not None
    assert missed.kind is Kind.NOT_PATROLLED
    lon, lat = missed.place
    assert lonlat_to_cells([lon], [lat], 9).tolist() == [cells[2]]


def test_where_there_is_nothing_to_do_nothing_is_missed() -> None:
    targets = CellTargets(cells=cells_within(SQUARE, 9)[:0], resolution=9, bounds=SQUARE.bounds)
    assert missed_in(plan(PlanKind.CELLS), targets, in_cells(None, 0)) is None


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
