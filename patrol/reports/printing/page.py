"""The page of a report: one HTML document with everything in it, for screens and paper."""

from datetime import datetime
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from gis.local_time import LOCAL
from patrol.figures.definitions import Unit
from patrol.figures.shares import points_text, share_text
from patrol.reports.printing.printed import Amount, Cell, Judged, Printed, Score, Trend

MOST_ROWS = 200
"""Of a table. What a county has of grids or people is for the workbook."""
_WIDTH, _HEIGHT = 80, 18


def page_of(printed: Printed) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.filters["shown"] = shown
    environment.tests["text"] = lambda cell: isinstance(cell, str)
    source = files(__package__).joinpath("report.html").read_text(encoding="utf-8")
    return environment.from_string(source).render(
        printed=printed,
        tables=list(printed.tables()),
        most_rows=MOST_ROWS,
        page=printed.word("page").split("{}"),
    )


def shown(cell: Cell) -> str:
    """A cell as people read it; what is not known is a dash."""
    match cell:
        case Amount():
            text = _amount(cell)
        case Trend():
            text = _sparkline(cell)
        case Judged():
            text = Markup('<span class="{}">{}</span>').format(cell.standing, cell.word)
        case Score():
            text = f"{cell.value:.2f}"
        case datetime():
            text = f"{cell.astimezone(LOCAL):%Y-%m-%d %H:%M}"
        case float():
            text = f"{cell:,.10g}"
        case _:
            text = "—" if cell is None else f"{cell}"
    return text


def _amount(amount: Amount) -> str:
    if amount.value is None:
        return "—"
    sign = "+" if amount.signed else ""
    match amount.unit:
        case Unit.SHARE:
            return (points_text if amount.signed else share_text)(amount.value)
        case Unit.DURATION:
            return f"{amount.value / 3600:{sign}.1f} h"
        case Unit.COUNT:
            return f"{amount.value:{sign},.0f}"


def _sparkline(trend: Trend) -> Markup:
    """A line over the parts of the period, from their least to their most."""
    known = [(place, value) for place, value in enumerate(trend.values) if value is not None]
    if len(known) < 2:
        return Markup("")
    least = min(value for _, value in known)
    spread = max(value for _, value in known) - least or 1.0
    step = _WIDTH / max(len(trend.values) - 1, 1)
    points = " ".join(
        f"{place * step:.1f},{_HEIGHT - 1 - (value - least) / spread * (_HEIGHT - 2):.1f}"
        for place, value in known
    )
    svg = Markup(
        '<svg width="{w}" height="{h}" viewBox="0 0 {w} {h}"><polyline points="{points}" fill="none" '
        'stroke="#1f6feb" stroke-width="1.2"/></svg>'
    )
    return svg.format(w=_WIDTH, h=_HEIGHT, points=points)
