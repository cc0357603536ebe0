"""What an installation chose: where figures need attention, and what counts how much in rankings."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from data.audit import Who, record
from data.schema import figure_thresholds, ranking_weights
from gis.errors import InvalidInput, NotFound
from patrol.figures.definitions import FIGURES, Figure, Unit
from patrol.figures.figure import Threshold, read_threshold, usual_threshold

MOST_WEIGHT = 1_000.0


def figure_of(code: str) -> Figure:
    """Raises NotFound, naming those there are."""
    try:
        return FIGURES[code]
    except KeyError:
        raise NotFound(
            f"There is no figure {code!r}; choose one of {', '.join(FIGURES)}.", field="code"
        ) from None


def read_thresholds(conn: Connection) -> Mapping[str, Threshold]:
    """By figure; those without one are not in it."""
    chosen = {row.code: row for row in conn.execute(select(figure_thresholds))}
    found: dict[str, Threshold] = {}
    for code, figure in FIGURES.items():
        row = chosen.get(code)
        if row is not None and figure.better is not None:
            found[code] = Threshold(better=figure.better, warn=row.warn, alarm=row.alarm)
        elif (usual := usual_threshold(figure)) is not None:
            found[code] = usual
    return found


def set_threshold(conn: Connection, who: Who, code: str, warn: float, alarm: float) -> Threshold:
    """Raises NotFound and InvalidInput."""
    threshold = read_threshold(figure_of(code), warn, alarm)
    limits = {"warn": warn, "alarm": alarm}
    adding = insert(figure_thresholds).values(code=code, **limits)
    conn.execute(adding.on_conflict_do_update(index_elements=["code"], set_=limits))
    record(conn, who, "figures.threshold", f"figure {code}", details=limits)
    return threshold


def forget_threshold(conn: Connection, who: Who, code: str) -> Threshold | None:
    """The usual one holds again. Raises NotFound."""
    figure = figure_of(code)
    removing = delete(figure_thresholds).where(figure_thresholds.c.code == code)
    if conn.execute(removing).rowcount:
        record(conn, who, "figures.threshold", f"figure {code}", details={"usual": True})
    return usual_threshold(figure)


def read_weights(conn: Connection) -> Mapping[str, float]:
    """By figure, those that count in rankings."""
    chosen = {row.code: row.weight for row in conn.execute(select(ranking_weights))}
    usual = {code: figure.weight for code, figure in FIGURES.items() if figure.weight}
    return {code: weight for code, weight in (chosen or usual).items() if code in FIGURES}


def check_weights(weights: Mapping[str, float]) -> None:
    """Raises InvalidInput for what cannot be ranked by, or weighs nothing or too much."""
    for code, weight in weights.items():
        figure = FIGURES.get(code)
        if figure is None or figure.unit is not Unit.SHARE or figure.better is None:
            shares = [each.code for each in FIGURES.values() if each.unit is Unit.SHARE]
            raise InvalidInput(
                f"{code!r} cannot be ranked by; choose among {', '.join(shares)}.", field="weights"
            )
        if not 0 < weight <= MOST_WEIGHT:
            raise InvalidInput(
                f"The weight of {code} lies between 0 and {MOST_WEIGHT:g}; leave out what does not "
                "count.",
                field="weights",
            )


def set_weights(conn: Connection, who: Who, weights: Mapping[str, float]) -> Mapping[str, float]:
    """In place of all others; none at all brings the usual ones back. Raises InvalidInput."""
    check_weights(weights)
    conn.execute(delete(ranking_weights))
    if weights:
        rows = [{"code": code, "weight": weight} for code, weight in weights.items()]
        conn.execute(insert(ranking_weights), rows)
    record(conn, who, "figures.weights", details={"weights": dict(weights)})
    return read_weights(conn)
