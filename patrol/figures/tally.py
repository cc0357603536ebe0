"""Adding up what was counted to a period and its parts. Pure.

A moment is known as far as its part: as the beginning of the part it lies in, which is enough to tell
what is before an edge and what is not.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

Counts = Mapping[str, float]
"""By the names of `patrol.figures.definitions`; what is not there is 0. A median that is not there is
not known."""

Edges = tuple[datetime, ...]
"""Of the parts of a period, ascending; the first and the last are those of the period."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moments:
    """Of cases; None is what did not happen, and of those on hold when they are due. `handled` is when
    they were closed where nobody handled them."""

    reported: datetime
    dispatched: datetime | None
    due: datetime | None
    handled: datetime | None
    closed: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Alike:
    """Cases whose moments lie in the same parts: how many there are, and of these how many there are of
    each kind."""

    key: str
    moments: Moments
    numbers: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """How many cases were on hold at an edge. Those that were `late` when they were put on hold were not
    overdue meanwhile."""

    key: str
    at: datetime
    on_hold: int
    late: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Amounts:
    """Of something that happened in a part, which already are counts of figures."""

    key: str
    at: datetime
    counts: Counts


class Tally:
    """`parts` has the counts of each part, in their order, and `whole` those of the period."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges
        self.whole: dict[str, float] = defaultdict(float)
        self.parts: list[dict[str, float]] = [defaultdict(float) for _ in edges[1:]]

    def add(self, counted: Alike | Amounts | Held) -> None:
        match counted:
            case Alike():
                self._add_cases(counted)
            case Amounts():
                self._add(counted.at, counted.counts)
            case Held(at=at):
                self._stand(lambda end: _on_hold(counted) if end == at else {})

    def add_handling(self, row: Mapping[str, Any]) -> None:
        """Medians of a `part`, from 1 on, or without one of the whole."""
        part = row["part"]
        counts = self.whole if part is None else self.parts[int(part) - 1]
        for name in ("handled", "handling_median", "handling_p90"):
            value = row[name]
            if value is not None:
                counts[name] = float(value)

    def _add_cases(self, cases: Alike) -> None:
        moments, numbers = cases.moments, cases.numbers
        self._add(moments.reported, _chosen(numbers, _REPORTED))
        if moments.dispatched is not None:
            self._add(moments.dispatched, _chosen(numbers, _DISPATCHED))
        if moments.due is not None:
            is_closed = _is_before(moments.closed, self._edges[-1])
            names = {**_DUE, **_CLOSED_OF_DUE} if is_closed else _DUE
            self._add(moments.due, _chosen(numbers, names))
        if moments.closed is not None:
            self._add(moments.closed, _chosen(numbers, _CLOSED))
        self._stand(lambda end: _standing(cases, end))

    def _stand(self, standing: Callable[[datetime], Counts]) -> None:
        """What is open at the end of each part, and of the whole, which is that of the last one."""
        for end, counts in (
            *zip(self._edges[1:], self.parts, strict=True),
            (self._edges[-1], self.whole),
        ):
            for name, number in standing(end).items():
                counts[name] += number

    def _add(self, at: datetime, counts: Counts) -> None:
        part = bisect_right(self._edges, at) - 1
        if 0 <= part < len(self.parts):
            for each in (self.whole, self.parts[part]):
                for name, number in counts.items():
                    each[name] += number


# Which number is which count.
_REPORTED = MappingProxyType({"received": "cases", "filed": "filed", "repeated": "repeated"})
_DISPATCHED = MappingProxyType(
    {"dispatched": "cases", "returned": "returned", "dispatched_right": "dispatched_right"}
)
_DUE = MappingProxyType({"due": "cases", "extended": "extended"})
_CLOSED_OF_DUE = MappingProxyType(
    {"due_closed": "cases", "due_on_time": "in_time", "due_excused": "excused"}
)
_CLOSED = MappingProxyType(
    {
        "closed": "cases",
        "first_time": "first_time",
        "reworked": "reworked",
        "rated": "rated",
        "satisfied": "satisfied",
        "closed_locally": "local",
    }
)


def _chosen(numbers: Mapping[str, int], names: Mapping[str, str]) -> dict[str, float]:
    return {count: numbers[number] for count, number in names.items()}


def _standing(cases: Alike, end: datetime) -> Counts:
    moments, numbers = cases.moments, cases.numbers
    if moments.reported >= end or _is_before(moments.closed, end):
        return {}
    stand = numbers["cases"] - numbers["dropped"]
    is_overdue = _is_before(moments.due, end) and not _is_before(moments.handled, end)
    return {"open": stand, "overdue": stand if is_overdue else 0}


def _on_hold(held: Held) -> Counts:
    return {"on_hold": held.on_hold, "overdue": -held.late}


def _is_before(moment: datetime | None, edge: datetime) -> bool:
    return moment is not None and moment < edge


def places(edges: Edges) -> Callable[[int | None], datetime | None]:
    """What a number of edges (`figures.sql`) says of a moment: the beginning of the part it lies in."""
    long_ago = datetime.min.replace(tzinfo=edges[0].tzinfo)
    beginnings = (long_ago, *edges)
    return lambda number: None if number is None else beginnings[number]
