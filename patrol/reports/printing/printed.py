"""What a printed report shows: tables, whatever they are printed on. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gis.local_time import LOCAL
from patrol.figures.definitions import FIGURES, Unit
from patrol.figures.figure import Item, Standing
from patrol.figures.places import Place, Ranking
from patrol.figures.ranking import Of
from patrol.figures.title import Title
from patrol.reports.printing.words import KINDS, RANKINGS, STANDINGS, TRENDS, WORDS
from patrol.reports.report import Content, Report


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """A number of a unit; of a share that changed, it is `signed`."""

    value: float | None
    unit: Unit
    signed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Trend:
    values: Sequence[float | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    standing: Standing
    word: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    value: float


Cell = str | float | datetime | Amount | Trend | Judged | Score | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedTable:
    """`note` explains it, "" is nothing to explain."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Printed:
    """A report as somebody may read it: `name_of` gives a person's name, or what stands for it, and
    `with_staff` is whether staff are ranked."""

    report: Report
    content: Content
    language: Language
    name_of: Callable[[str, int], str]
    with_staff: bool

    def word(self, name: str) -> str:
        return WORDS[name][self.language]

    @property
    def title(self) -> str:
        return f"{self.word('subject')} · {KINDS[self.report.about.kind][self.language]}"

    @property
    def place(self) -> str:
        grid, name = self.report.about.grid, self.content.grid_name
        return self.word("whole") if grid is None else f"{name or ''} {grid}".strip()

    @property
    def period(self) -> str:
        """The first and the last day."""
        period = self.report.about.period
        return f"{_first_day(period.since)} — {_last_day(period.until)}"

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        made_at = self.report.made_at.astimezone(LOCAL)
        return [
            (self.word("grid"), self.place),
            (self.word("period"), self.period),
            (self.word("version"), f"{self.report.version}"),
            *([(self.word("reason"), self.report.reason)] if self.report.reason else []),
            (self.word("made"), f"{made_at:%Y-%m-%d %H:%M}"),
            (self.word("sha256"), self.report.sha256),
        ]

    def tables(self) -> Iterator[PrintedTable]:
        yield self._figures()
        for ranking in self.content.rankings:
            if self.with_staff or ranking.of is not Of.STAFF:
                yield self._ranking(ranking)
        yield self._hot_spots()
        yield self._overdue()

    def _figures(self) -> PrintedTable:
        names = (
            *("figure", "value", "numerator", "denominator", "previous", "change"),
            *("last_year", "year_change", "standing", "trend"),
        )
        return PrintedTable(
            title=self.word("figures"),
            header=[self.word(name) for name in names],
            rows=[self._figure(item) for item in self.content.panel.items],
            note=self.word("definitions"),
        )

    def _figure(self, item: Item) -> Sequence[Cell]:
        figure, unit = item.figure, item.figure.unit
        is_share = unit is Unit.SHARE
        return [
            figure.zh if self.language is Language.ZH else figure.en,
            Amount(value=item.now.value, unit=unit),
            _whole(item.now.numerator) if is_share else None,
            _whole(item.now.denominator) if is_share else None,
            Amount(value=item.previous.before.value, unit=unit),
            Amount(value=item.previous.change, unit=unit, signed=True),
            Amount(value=item.last_year.before.value, unit=unit),
            Amount(value=item.last_year.change, unit=unit, signed=True),
            Judged(standing=item.standing, word=STANDINGS[item.standing][self.language]),
            Trend(values=[point.value for point in item.trend]),
        ]

    def _ranking(self, ranking: Ranking) -> PrintedTable:
        counts = ("received", "due", "closed", "overdue")
        shares = [FIGURES[code] for code in ranking.weights if code in FIGURES]
        return PrintedTable(
            title=RANKINGS[ranking.of][self.language],
            header=[
                *(self.word(name) for name in ("rank", "name", "score", *counts)),
                *(each.zh if self.language is Language.ZH else each.en for each in shares),
            ],
            rows=[
                [
                    place.ranked.rank,
                    self._name(ranking.of, place),
                    None if place.ranked.score is None else Score(value=place.ranked.score),
                    *(place.ranked.counts.get(name, 0.0) for name in counts),
                    *(
                        Amount(value=place.ranked.shares[each.code].value, unit=Unit.SHARE)
                        for each in shares
                    ),
                ]
                for place in ranking.places
            ],
            note=self.word("scores"),
        )

    def _name(self, of: Of, place: Place) -> str:
        key = place.ranked.key
        name = "" if place.title is None else self._in_words(place.title)
        if of is Of.STAFF:
            return self.name_of(name, int(key))
        if of in (Of.CATEGORIES, Of.DEPARTMENTS):
            return name or key
        return f"{name} {key}".strip()

    def _in_words(self, title: Title) -> str:
        return title.zh if self.language is Language.ZH else title.en

    def _hot_spots(self) -> PrintedTable:
        names = ("cell", "lon", "lat", "cases", "z", "going_on", "hot_from", "hot_to")
        windows = self.content.spot_windows
        note = self.word("spot_windows") if windows else ""
        return PrintedTable(
            title=self.word("hot_spots"),
            header=[self.word(name) for name in names],
            rows=[
                [
                    *(spot.cell, spot.lon, spot.lat, float(spot.cases), spot.z),
                    spot.trend and TRENDS[spot.trend][self.language],
                    spot.since and _first_day(spot.since),
                    spot.until and _last_day(spot.until),
                ]
                for spot in self.content.hot_spots
            ],
            note=note.format(
                count=len(windows), first=_first_day(windows[0].since) if windows else ""
            ),
        )

    def _overdue(self) -> PrintedTable:
        names = ("number", "category", "grid", "owner", "due_at", "overdue_for")
        return PrintedTable(
            title=self.word("worst"),
            header=[self.word(name) for name in names],
            rows=[
                [
                    case.number,
                    self._in_words(case.category_title),
                    case.grid_name or case.grid_code,
                    None
                    if case.owner_staff_id is None
                    else self.name_of(case.owner_name or "", case.owner_staff_id),
                    case.due_at,
                    round(case.overdue_s / 86_400, 1),
                ]
                for case in self.content.overdue
            ],
        )


def _whole(number: float | None) -> float | None:
    return None if number is None else float(round(number))


def _first_day(since: datetime) -> str:
    return f"{since.astimezone(LOCAL):%Y-%m-%d}"


def _last_day(until: datetime) -> str:
    return f"{datetime.fromtimestamp(until.timestamp() - 1, LOCAL):%Y-%m-%d}"
