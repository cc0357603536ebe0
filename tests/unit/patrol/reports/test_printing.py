"""What a page of a report shows of a report that is made up."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from patrol.figures.definitions import FIGURES
from patrol.figures.figure import Comparison, Item, TrendPoint, Value
from patrol.figures.places import Place, Ranking
from patrol.figures.ranking import Of, rank
from patrol.figures.service import Panel
from patrol.figures.title import Title
from patrol.reports.kind import ReportKind
from patrol.reports.printing import Language, Printed
from patrol.reports.printing.page import MOST_ROWS, page_of
from patrol.reports.report import About, Content, Report

AT = datetime(2026, 4, 1, tzinfo=UTC)
PERIOD = ReportKind.MONTH.period_of(datetime(2026, 3, 1, tzinfo=UTC).date())
WEIGHTS = {"on_time_rate": 1.0}


def printed(people: int = 1, **changed: object) -> Printed:
    counts = {f"{n}": {"due": 3, "due_on_time": 2} for n in range(people)}
    places = [
        Place(ranked=each, title=Title.of_name("<b>王</b>")) for each in rank(counts, WEIGHTS)
    ]
    third = Value(numerator=1, denominator=3, value=1 / 3)
    item = Item(
        figure=FIGURES["on_time_rate"],
        now=third,
        previous=Comparison.of(third, Value(numerator=None, denominator=None, value=None)),
        last_year=Comparison.of(third, Value(numerator=1, denominator=2, value=0.5)),
        threshold=None,
        trend=[TrendPoint(since=AT, until=AT, value=value) for value in (0.1, None, 0.9)],
    )
    whole = Printed(
        report=Report(
            id=1,
            about=About(kind=ReportKind.MONTH, period=PERIOD, grid=None),
            version=1,
            made_at=AT,
            made_by_account_id=None,
            made_by="wangge",
            reason=None,
            sha256="0" * 64,
        ),
        content=Content(
            grid_name=None,
            panel=Panel(period=PERIOD, as_of=PERIOD.until, items=[item]),
            rankings=[Ranking(of=Of.STAFF, as_of=AT, weights=WEIGHTS, places=places)],
            hot_spots=[],
            overdue=[],
        ),
        language=Language.ZH,
        name_of=lambda name, _staff_id: name,
        with_staff=True,
    )
    return replace(whole, **changed)  # type: ignore[arg-type]


def cells(page: str) -> list[str]:
    return re.findall(r"<td[^>]*>(.*?)</td>", page)


def test_a_figure_is_shown_with_its_parts_and_what_is_not_known_is_a_dash() -> None:
    row = cells(page_of(printed()))[:8]
    assert row == ["按期结案率", "33.33 %", "1", "3", "—", "—", "50.00 %", "-16.67"]


def test_a_name_is_text_and_nothing_else() -> None:
    page = page_of(printed())
    assert "<b>王" not in page
    assert "&lt;b&gt;王" in page


def test_a_long_table_ends_and_says_how_much_more_there_is() -> None:
    page = page_of(printed(people=MOST_ROWS + 7))
    assert page.count("&lt;b&gt;王") == MOST_ROWS
    assert "另有 7 行" in page
    assert "另有" not in page_of(printed(people=MOST_ROWS))


def test_staff_are_ranked_for_whoever_may_know() -> None:
    assert "人员排名" in page_of(printed())
    assert "人员排名" not in page_of(printed(with_staff=False))


def test_every_word_is_there_in_both_languages() -> None:
    assert "Monthly report" in page_of(printed(language=Language.EN))
    assert "月报" in page_of(printed(language=Language.ZH))
