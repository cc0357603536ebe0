"""Which of many cases may be about the same, all at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, text

from data.sql import load_sql
from patrol.cases.case import State
from patrol.cases.duplicates import NEAR_M, WITHIN

_SQL = load_sql("patrol.intake", "intake.sql")
_SHORTEST_DEGREE_M = 110_574.0  # of latitude, at the equator


@dataclass(frozen=True, kw_only=True, slots=True)
class OneOfTwo:
    id: int
    number: str
    external_number: str | None
    state: State
    reported_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """`first` was reported before `second`. `external_category` is what both are called in the system
    that they came from."""

    first: OneOfTwo
    second: OneOfTwo
    category: str
    external_category: str | None
    distance_m: float
    gap_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class PairMark:
    """The last pair of a page: when its earlier case was reported, and both ids."""

    at: datetime
    first_id: int
    second_id: int


def duplicate_pairs(
    conn: Connection,
    since: datetime,
    until: datetime,
    *,
    count: int,
    after: PairMark | None = None,
) -> list[Pair]:
    """Of the cases of one kind within NEAR_M metres (on the ellipsoid of WGS-84) and WITHIN of each
    other, the first `count` whose earlier one was reported from `since` to before `until`, and behind
    `after`; as far as the transaction's viewer sees them. Void and merged ones are left out, and pairs
    of which somebody has said that they are two."""
    begins = since if after is None or after.at < since else after.at
    is_behind = after is not None and after.at == begins
    rows = conn.execute(
        text(_SQL["duplicate_pairs"]),
        {
            "since": begins,
            "after_first": after.first_id if after and is_behind else 0,
            "after_second": after.second_id if after and is_behind else 0,
            "until": until,
            "within": WITHIN,
            "near_m": NEAR_M,
            "near_lat": NEAR_M / _SHORTEST_DEGREE_M,
            "count": count,
        },
    )
    return [*_pairs(rows.mappings())]


def _pairs(rows: Iterable[RowMapping]) -> Iterator[Pair]:
    for row in rows:
        first, second = (
            OneOfTwo(
                id=row[f"{which}_id"],
                number=row[f"{which}_number"],
                external_number=row[f"{which}_external_number"],
                state=State(row[f"{which}_state"]),
                reported_at=row[f"{which}_at"],
            )
            for which in ("first", "second")
        )
        yield Pair(
            first=first,
            second=second,
            category=row["category"],
            external_category=row["external_category"],
            distance_m=row["distance_m"],
            gap_s=(second.reported_at - first.reported_at).total_seconds(),
        )
