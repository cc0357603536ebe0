"""Who does better by some figures together. Pure: counts and weights come in.

The score is the mean of the weighted shares, those of which less is better turned round, from 0 to 100.
A share without a denominator does not count, and its weight goes to the others: whoever was never rated
is not taken for somebody who satisfied nobody. Whoever has nothing to judge has no score and no rank.

Equal scores, as they are shown, share the better rank, and the next rank is as much further down ("1,
2, 2, 4"). Among themselves they stand in the order of how much was due, the most first, and then of
their keys.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from patrol.figures.counting import By
from patrol.figures.definitions import FIGURES, Direction
from patrol.figures.figure import Value, value_of
from patrol.figures.tally import Counts

SCORE_DIGITS = 2


class Of(StrEnum):
    """What is ranked."""

    GRIDS = "grids"
    STAFF = "staff"
    DEPARTMENTS = "departments"
    VILLAGES = "villages"
    CATEGORIES = "categories"

    @property
    def by(self) -> By:
        """What is counted apart for it; a grid's numbers are added up to those above it."""
        return _BY[self]


_BY: Mapping[Of, By] = {
    Of.GRIDS: By.GRID,
    Of.VILLAGES: By.GRID,
    Of.STAFF: By.STAFF,
    Of.DEPARTMENTS: By.DEPARTMENT,
    Of.CATEGORIES: By.CATEGORY,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranked:
    """`shares` are those that count, by figure. `rank` and `score` are None where there is nothing to
    judge; `tied` is how many others have the same rank."""

    key: str
    rank: int | None
    tied: int
    score: float | None
    shares: Mapping[str, Value]
    counts: Counts


def rank(counts: Mapping[str, Counts], weights: Mapping[str, float]) -> Sequence[Ranked]:
    """The best first, and at the end those without a score."""
    rows = []
    for key, its in counts.items():
        shares = {code: value_of(FIGURES[code], its) for code in weights}
        rows.append((key, its, shares, _score(shares, weights)))
    rows.sort(key=lambda row: (row[3] is None, -(row[3] or 0.0), -row[1].get("due", 0.0), row[0]))
    scores = [score for *_, score in rows if score is not None]
    times, first = Counter(scores), {score: place for place, score in _backwards(scores)}
    return [
        Ranked(
            key=key,
            rank=None if score is None else first[score],
            tied=0 if score is None else times[score] - 1,
            score=score,
            shares=shares,
            counts=its,
        )
        for key, its, shares, score in rows
    ]


def added_up(counts: Iterable[tuple[str, Counts]]) -> Mapping[str, Counts]:
    """By key; they have no medians, which would not add up."""
    sums: dict[str, defaultdict[str, float]] = {}
    for key, its in counts:
        total = sums.setdefault(key, defaultdict(float))
        for name, value in its.items():
            total[name] += value
    return sums


def _score(shares: Mapping[str, Value], weights: Mapping[str, float]) -> float | None:
    known = {code: share.value for code, share in shares.items() if share.value is not None}
    if not known:
        return None
    total = sum(
        weights[code] * (1 - value if FIGURES[code].better is Direction.LOWER else value)
        for code, value in known.items()
    )
    return round(100 * total / sum(weights[code] for code in known), SCORE_DIGITS)


def _backwards(scores: Sequence[float]) -> Iterable[tuple[int, float]]:
    return reversed([*enumerate(scores, start=1)])
