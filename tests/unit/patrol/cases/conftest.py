from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from patrol.cases.case import Assignment, Case, Placement, Source, State
from patrol.duty.ownership import OwnerReason

A_CASE = Case(
    id=1,
    number="AH20261122-0001",
    state=State.DISPATCHED,
    source=Source.PATROL,
    category="other",
    description="路口有垃圾",
    urgent=False,
    reporter=None,
    reported_by_account_id=70,
    lon=118.6,
    lat=34.5,
    placement=Placement(edition_id=1, grid_code="A1", on_boundary=False, snapped_m=None),
    assignment=Assignment(staff_id=5, role="grid_worker", reason=OwnerReason.WORKER_ON_DUTY),
    term="24h",
    rework=0,
    reported_at=datetime(2026, 11, 22, tzinfo=UTC),
    dispatched_at=datetime(2026, 11, 22, tzinfo=UTC),
    due_at=datetime(2026, 11, 23, tzinfo=UTC),
    handled_at=None,
    handled_by_account_id=None,
    closed_at=None,
    version=3,
)


@pytest.fixture
def a_case() -> Callable[..., Case]:
    """`a_case(state=...)`: a case in grid A1, dispatched to staff 5 at midnight of 2026-11-22."""

    def make(**changes: Any) -> Case:
        return replace(A_CASE, **changes)

    return make
