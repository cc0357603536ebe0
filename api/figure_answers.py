"""What is answered about figures."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from api.names import Names
from patrol.figures.definitions import FIGURES, Direction, Figure, Unit
from patrol.figures.figure import Comparison, Item, Standing, Threshold, Value, usual_threshold
from patrol.figures.period import Period
from patrol.figures.places import Place, Ranking
from patrol.figures.ranking import Of
from patrol.figures.service import Panel
from patrol.figures.title import Title

_DIGITS = 6


class TitleAnswer(BaseModel):
    zh: str
    en: str

    @classmethod
    def of(cls, figure: Figure) -> "TitleAnswer":
        return cls(zh=figure.zh, en=figure.en)


class PeriodAnswer(BaseModel):
    """`to` is not included."""

    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime, Field(alias="to")]

    @classmethod
    def of(cls, period: Period) -> "PeriodAnswer":
        return cls.model_validate({"from": period.since, "to": period.until})


class ThresholdAnswer(BaseModel):
    """`direction` says what is better."""

    direction: Direction
    warn: float
    alarm: float

    @classmethod
    def of(cls, threshold: Threshold | None) -> "ThresholdAnswer | None":
        if threshold is None:
            return None
        return cls(direction=threshold.better, warn=threshold.warn, alarm=threshold.alarm)


class ValueAnswer(BaseModel):
    """A `share` is its numerator by its denominator, from 0 to 1, and null where that is 0; a `count`
    has no denominator; a `duration` is in seconds, and its denominator is of how many cases."""

    numerator: float | None
    denominator: float | None
    value: float | None

    @classmethod
    def of(cls, value: Value) -> "ValueAnswer":
        return cls(**rounded(value))


class EarlierAnswer(ValueAnswer):
    """Of the earlier period. `change` is how much more it is now: of a share 0.01 is a point."""

    change: float | None

    @classmethod
    def between(cls, comparison: Comparison) -> "EarlierAnswer":
        return cls(**rounded(comparison.before), change=_round(comparison.change))


class TrendAnswer(PeriodAnswer):
    value: float | None


class FigureAnswer(ValueAnswer):
    """`indicator`: one of the fifteen of the panel. `trend` is of the parts of the period, which add up
    to it; a number of open cases is that at the end of each part."""

    code: str
    title: TitleAnswer
    unit: Unit
    indicator: bool
    previous: EarlierAnswer
    last_year: EarlierAnswer
    threshold: ThresholdAnswer | None
    standing: Standing
    trend: list[TrendAnswer]

    @classmethod
    def of_item(cls, item: Item) -> "FigureAnswer":
        return cls(
            code=item.figure.code,
            title=TitleAnswer.of(item.figure),
            unit=item.figure.unit,
            indicator=item.figure.is_indicator,
            **rounded(item.now),
            previous=EarlierAnswer.between(item.previous),
            last_year=EarlierAnswer.between(item.last_year),
            threshold=ThresholdAnswer.of(item.threshold),
            standing=item.standing,
            trend=[
                TrendAnswer.model_validate(
                    {"from": each.since, "to": each.until, "value": _round(each.value)}
                )
                for each in item.trend
            ],
        )


class JudgedAnswer(BaseModel):
    """A figure that is good or bad: the `threshold` that holds and the `usual` one; null is none. A
    share counts in rankings too, by `usual_weight` unless somebody chose others."""

    code: str
    title: TitleAnswer
    unit: Unit
    direction: Direction
    threshold: ThresholdAnswer | None
    usual: ThresholdAnswer | None
    usual_weight: float


class ThresholdsAnswer(BaseModel):
    items: list[JudgedAnswer]

    @classmethod
    def of(cls, thresholds: Mapping[str, Threshold]) -> "ThresholdsAnswer":
        return cls(
            items=[
                JudgedAnswer(
                    code=code,
                    title=TitleAnswer.of(figure),
                    unit=figure.unit,
                    direction=figure.better,
                    threshold=ThresholdAnswer.of(thresholds.get(code)),
                    usual=ThresholdAnswer.of(usual_threshold(figure)),
                    usual_weight=figure.weight,
                )
                for code, figure in FIGURES.items()
                if figure.better is not None
            ]
        )


class WeightAnswer(BaseModel):
    """`share` is the part of all weights that it is."""

    code: str
    title: TitleAnswer
    weight: float
    share: float


class WeightsAnswer(BaseModel):
    items: list[WeightAnswer]

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> "WeightsAnswer":
        total = sum(weights.values())
        return cls(
            items=[
                WeightAnswer(
                    code=code,
                    title=TitleAnswer.of(FIGURES[code]),
                    weight=weight,
                    share=round(weight / total, _DIGITS),
                )
                for code, weight in weights.items()
            ]
        )


class RankedShare(ValueAnswer):
    code: str


class RankedAnswer(BaseModel):
    """`score` is from 0 to 100, the mean of the weighted shares that have a denominator; null, as the
    `rank` is, where none has. Equal scores share the better rank; `tied` is how many others have it.
    `key` is the code of a grid, village or category, the number of a person, or a department; `name` is
    null where there is no other."""

    key: str
    name: TitleAnswer | None
    rank: int | None
    tied: int
    score: float | None
    received: int
    due: int
    closed: int
    open: int
    overdue: int
    shares: list[RankedShare]

    @classmethod
    def of(cls, place: Place, name: TitleAnswer | None) -> "RankedAnswer":
        ranked = place.ranked
        return cls(
            key=ranked.key,
            name=name,
            rank=ranked.rank,
            tied=ranked.tied,
            score=ranked.score,
            **{
                each: int(ranked.counts.get(each, 0))
                for each in ("received", "due", "closed", "open", "overdue")
            },
            shares=[
                RankedShare(code=code, **rounded(share)) for code, share in ranked.shares.items()
            ],
        )


class RankingAnswer(BaseModel):
    """The best first, and at the end those without a score."""

    period: PeriodAnswer
    as_of: datetime
    of: Of
    weights: WeightsAnswer
    items: list[RankedAnswer]

    @classmethod
    def of_places(cls, ranking: Ranking, period: Period, names: Names) -> "RankingAnswer":
        return cls(
            period=PeriodAnswer.of(period),
            as_of=ranking.as_of,
            of=ranking.of,
            weights=WeightsAnswer.of(ranking.weights),
            items=[
                RankedAnswer.of(
                    place,
                    name_of(ranking.of, place.ranked.key, place.title, names),
                )
                for place in ranking.places
            ],
        )


def name_of(of: Of, key: str, title: Title | None, names: Names) -> TitleAnswer | None:
    """In both languages; a person's as whoever asks may read it."""
    if of is Of.STAFF:
        title = Title.of_name(names.of_staff("" if title is None else title.zh, int(key)))
    return None if title is None else TitleAnswer(zh=title.zh, en=title.en)


class FiguresAnswer(BaseModel):
    """The figures are of the `period` as far as it was over at `as_of`, and are compared with as much of
    the earlier ones."""

    period: PeriodAnswer
    as_of: datetime
    items: list[FigureAnswer]

    @classmethod
    def of(cls, panel: Panel) -> "FiguresAnswer":
        return cls(
            period=PeriodAnswer.of(panel.period),
            as_of=panel.as_of,
            items=[FigureAnswer.of_item(item) for item in panel.items],
        )


def rounded(value: Value) -> dict[str, float | None]:
    return {
        "numerator": _round(value.numerator, 1),
        "denominator": _round(value.denominator, 1),
        "value": _round(value.value),
    }


def _round(value: float | None, digits: int = _DIGITS) -> float | None:
    return None if value is None else round(value, digits)
