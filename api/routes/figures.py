"""Figures of a period: the panel of indicators, and where they need attention."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.figure_answers import (
    FiguresAnswer,
    RankingAnswer,
    ThresholdAnswer,
    ThresholdsAnswer,
    WeightsAnswer,
)
from api.routes.tracks import Since, Until
from gis.errors import InvalidInput, NotPermitted
from patrol.cases.case import Source
from patrol.figures.choices import (
    forget_threshold,
    read_thresholds,
    read_weights,
    set_threshold,
    set_weights,
)
from patrol.figures.period import Period
from patrol.figures.places import GRID_LEVEL
from patrol.figures.ranking import Of
from patrol.figures.service import Asked

router = APIRouter(prefix="/figures", tags=["figures"])

MayRead = Annotated[Caller, requires(Permission.READ_CASES)]
MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]
Grid = Annotated[
    str | None, Query(description="This grid and everything under it.", examples=["320722101"])
]
Code = Annotated[str, Path(examples=["on_time_rate"])]


class ThresholdBody(BaseModel):
    """Worse than `warn` needs attention, worse than `alarm` at once. Shares from 0 to 1, durations in
    seconds."""

    model_config = ConfigDict(extra="forbid")

    warn: float
    alarm: float


class WeightsBody(BaseModel):
    """By the codes of shares."""

    model_config = ConfigDict(extra="forbid")

    weights: Annotated[dict[str, float], Field(examples=[{"on_time_rate": 60, "satisfaction": 40}])]


@router.get("", summary="The figures of a period")
def read_figures(
    *,
    caller: MayRead,
    services: ServicesDep,
    since: Since,
    until: Until,
    grid: Grid = None,
    source: Source | None = None,
    category: Annotated[str | None, Query(examples=["safety.dog"])] = None,
    department: str | None = None,
) -> FiguresAnswer:
    """Each with its numerator and denominator, the period before, the same of the year before, its
    threshold, and about twelve parts of the period. At most five years; days are those of China.

    Of one's own grids, or of the cases that are one's own where one has none. With a `source`,
    `category` or `department` only figures of cases are answered. What counts to which
    period: docs/figures.md.
    """
    asked = Asked(grid=grid, source=source, category=category, department=department)
    period = Period(since=since, until=until)
    return FiguresAnswer.of(services.figures.panel(period, asked, caller.viewer))


@router.get("/rankings", summary="Who does better in a period")
def read_rankings(
    *,
    caller: MayRead,
    services: ServicesDep,
    since: Since,
    until: Until,
    of: Of,
    grid: Grid = None,
    level: Annotated[int, Query(ge=0, le=9, description="Of the grids that are ranked.")] = (
        GRID_LEVEL
    ),
    source: Source | None = None,
    category: Annotated[str | None, Query(examples=["safety.dog"])] = None,
    department: str | None = None,
    weights: Annotated[
        str | None,
        Query(
            max_length=1_000,
            description="As if these were chosen; without it those that are.",
            examples=["on_time_rate:60,satisfaction:40"],
        ),
    ] = None,
) -> RankingAnswer:
    """By a score of weighted shares, each with its numerator and denominator. Equal scores share the
    better rank; among them whoever had more cases due stands first.

    Cases count for whoever owns them now. Staff are ranked for whoever may read who holds which post.
    """
    if of is Of.STAFF and Permission.READ_STAFF not in caller.permissions:
        raise NotPermitted(
            f"Rankings of staff need {Permission.READ_STAFF}; rank grids or categories.", field="of"
        )
    asked = Asked(grid=grid, source=source, category=category, department=department)
    period = Period(since=since, until=until)
    ranking = services.figures.ranking(
        of,
        period,
        asked,
        caller.viewer,
        level=level,
        weights=None if weights is None else _read_weights(weights),
    )
    return RankingAnswer.of_places(ranking, period, caller.names)


@router.get("/thresholds", summary="Where figures need attention")
def read_figure_thresholds(_caller: MayRead, services: ServicesDep) -> ThresholdsAnswer:
    """Of each figure that is good or bad, with the usual one."""
    with services.database.begin() as conn:
        return ThresholdsAnswer.of(read_thresholds(conn))


@router.get("/weights", summary="What counts how much in rankings")
def read_ranking_weights(_caller: MayRead, services: ServicesDep) -> WeightsAnswer:
    with services.database.begin() as conn:
        return WeightsAnswer.of(read_weights(conn))


@router.put("/weights", summary="Say what counts how much in rankings")
def set_ranking_weights(
    body: WeightsBody, caller: MayAdminister, services: ServicesDep
) -> WeightsAnswer:
    """In place of all others; an empty object brings the usual ones back. It is on the audit."""
    with services.database.begin() as conn:
        return WeightsAnswer.of(set_weights(conn, caller.who, body.weights))


@router.put("/{code}/threshold", summary="Say where a figure needs attention")
def set_figure_threshold(
    code: Code, body: ThresholdBody, caller: MayAdminister, services: ServicesDep
) -> ThresholdAnswer:
    """Of shares and durations; what is better is fixed. It is on the audit."""
    with services.database.begin() as conn:
        threshold = set_threshold(conn, caller.who, code, body.warn, body.alarm)
    answer = ThresholdAnswer.of(threshold)
    assert answer is not None
    return answer


@router.delete("/{code}/threshold", summary="Go back to the usual threshold")
def delete_figure_threshold(
    code: Code, caller: MayAdminister, services: ServicesDep
) -> ThresholdAnswer | None:
    """Answers with that one; null where there is none."""
    with services.database.begin() as conn:
        return ThresholdAnswer.of(forget_threshold(conn, caller.who, code))


def _read_weights(words: str) -> dict[str, float]:
    """ "on_time_rate:60,satisfaction:40". Raises InvalidInput."""
    weights = {}
    for word in words.split(","):
        code, _, weight = word.partition(":")
        try:
            weights[code] = float(weight)
        except ValueError:
            raise InvalidInput(
                f"{word[:60]!r} is no weight; write the code of a share, a colon and a number.",
                field="weights",
            ) from None
    return weights
