"""Counting what figures are made of: a few statements over periods that lie together, parts and all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import chain

from sqlalchemy import Connection, text

from data.sql import load_sql
from patrol.figures.tally import Alike, Amounts, Counts, Edges, Held, Moments, Tally, places

_SQL = load_sql("patrol.figures", "figures.sql")


class By(StrEnum):
    """What is counted apart. A grid is the smallest around a case, or a unit's home."""

    TOGETHER = "together"
    GRID = "grid"
    STAFF = "staff"
    CATEGORY = "category"
    SOURCE = "source"
    DEPARTMENT = "department"

    @property
    def statements_of_the_field(self) -> tuple[str, ...]:
        """Those that know what it is."""
        return ("duty", "rounds") if self in (By.TOGETHER, By.GRID, By.STAFF) else ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What the figures are about. `codes` are grids, None is all that the viewer is shown; `staff_id`
    limits what is said of duty to one person. Of a `source`, `category` or `department` only cases are
    counted."""

    codes: frozenset[str] | None = None
    staff_id: int | None = None
    source: str | None = None
    category: str | None = None
    department: str | None = None

    @property
    def is_of_cases(self) -> bool:
        return not (self.source is self.category is self.department is None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """The counts of a whole period and of its parts, in their order."""

    whole: Counts = field(default_factory=dict)
    parts: Sequence[Counts] = ()


def count_together(
    conn: Connection, periods: Sequence[Edges], subject: Subject, now: datetime
) -> Sequence[Counted]:
    """Each of the periods, which are given by the edges of their parts."""
    conn.execute(text(_SQL["plan_for_these"]))
    tallies = {edges: Tally(edges) for edges in periods}
    for near in _lying_together(tallies):
        for counted in _counted(conn, near, subject, now, By.TOGETHER):
            for edges in near:
                tallies[edges].add(counted)
    for edges, tally in tallies.items():
        for row in conn.execute(text(_SQL["handling"]), _asked(edges, subject)).mappings():
            tally.add_handling(dict(row))
    return [Counted(whole=tallies[each].whole, parts=tallies[each].parts) for each in periods]


def count_apart(
    conn: Connection, period: Edges, subject: Subject, now: datetime, by: By
) -> Mapping[str, Counts]:
    """The whole of a period, by key. What has none is left out, and so are medians."""
    conn.execute(text(_SQL["plan_for_these"]))
    tallies: dict[str, Tally] = {}
    for counted in _counted(conn, [period], subject, now, by):
        if counted.key:
            tallies.setdefault(counted.key, Tally(period)).add(counted)
    return {key: tally.whole for key, tally in tallies.items()}


def _lying_together(periods: Iterable[Edges]) -> Iterator[list[Edges]]:
    """Those that one statement may count, for not much lies between them."""
    near: list[Edges] = []
    for edges in sorted(periods):
        if near and edges[0] > max(each[-1] for each in near) + (edges[-1] - edges[0]):
            yield near
            near = []
        near.append(edges)
    yield near


def _counted(
    conn: Connection, near: Sequence[Edges], subject: Subject, now: datetime, by: By
) -> Iterator[Alike | Amounts | Held]:
    edges = tuple(sorted({*chain.from_iterable(near)}))
    place = places(edges)
    asked = {**_asked(edges, subject), "by": by.value}
    for row in conn.execute(text(_SQL["cases"]), asked).mappings():
        numbers = {name: row[name] for name in _NUMBERS}
        reported = place(row["reported"])
        assert reported is not None
        moments = Moments(
            reported=reported,
            dispatched=place(row["dispatched"]),
            due=place(row["due"]),
            handled=place(row["handled"]),
            closed=place(row["closed"]),
        )
        yield Alike(key=row["key"], moments=moments, numbers=numbers)
    for row in conn.execute(text(_SQL["held"]), asked).mappings():
        yield Held(**row)
    for name in () if subject.is_of_cases else by.statements_of_the_field:
        more = {"staff_id": subject.staff_id, "now": now} if name == "duty" else {}
        for row in conn.execute(text(_SQL[name]), asked | more).mappings():
            at = place(row["part"])
            assert at is not None
            counts = {each: float(row[each]) for each in _AMOUNTS[name]}
            yield Amounts(key=row["key"], at=at, counts=counts)


_AMOUNTS = {"duty": ("on_duty_min", "online_min"), "rounds": ("required", "reached")}
_NUMBERS = (
    *("cases", "filed", "repeated", "dropped", "returned", "dispatched_right"),
    *("in_time", "excused", "extended", "first_time", "reworked", "rated", "satisfied", "local"),
)


def _asked(edges: Edges, subject: Subject) -> dict[str, object]:
    return {
        "edges": [*edges],
        "since": edges[0],
        "until": edges[-1],
        "codes": None if subject.codes is None else sorted(subject.codes),
        "source": subject.source,
        "category": subject.category,
        "department": subject.department,
    }
