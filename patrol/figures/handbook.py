"""The tables of `docs/figures.md`: `python -m patrol.figures.handbook docs/figures.md`."""

import sys
from pathlib import Path

from patrol.cases.handbook import filled, markdown_table
from patrol.figures.definitions import FIGURES, Cohort, Direction, Figure, Unit


def figure_table() -> str:
    return markdown_table(
        ("Figure", "Title", "", "Counted", "Numerator", "Denominator"),
        (
            (
                f"`{figure.code}`",
                figure.en,
                figure.zh,
                figure.cohort,
                figure.above,
                figure.below or "—",
            )
            for figure in FIGURES.values()
        ),
    )


def cohort_table() -> str:
    return markdown_table(
        ("Counted", "What counts to a period"), ((f"`{each}`", each.words) for each in Cohort)
    )


def threshold_table() -> str:
    return markdown_table(
        ("Figure", "Better", "Attention", "Alarm", "Weight"),
        (
            (
                f"`{figure.code}`",
                figure.better,
                _limit(figure, figure.warn),
                _limit(figure, figure.alarm),
                f"{figure.weight:g}" if figure.weight else "",
            )
            for figure in FIGURES.values()
            if figure.better is not None
        ),
    )


def with_tables(page: str) -> str:
    """The page about figures with its tables as they are now."""
    tables = {
        "figure table": figure_table(),
        "cohort table": cohort_table(),
        "threshold table": threshold_table(),
    }
    return filled(page, tables)


def _limit(figure: Figure, limit: float | None) -> str:
    if limit is None:
        return ""
    side = "under" if figure.better is Direction.HIGHER else "over"
    return f"{side} {100 * limit:g} %" if figure.unit is Unit.SHARE else f"{side} {limit:g} s"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
