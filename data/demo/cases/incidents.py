"""A month of cases: what was reported where and when, and what has become of it by now."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from data.demo.cases.casework import CaseStep, Casework
from data.demo.cases.complaints import TOPICS, Locations, Topic
from data.demo.cases.duty import DutyBook
from data.demo.patrols.history import HISTORY_DAYS, PatrolRecord
from data.demo.town import Town
from gis.local_time import LOCAL
from gis.tree import GridTree, Place

_PER_DAY, _PER_WEEKEND_DAY = 17, 12
# Of the last hours; and reports of citizens that nobody has looked at yet.
_RECENT, _RECENT_H = 12, 12.0
_FRESH, _FRESH_H = 4, 0.6
_SOURCES = {"patrol": 0.46, "citizen": 0.24, "hotline": 0.18, "camera": 0.08, "sensor": 0.04}
_REPORT_HOURS = (7.5, 20.5)


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseRecord:
    """A case and its events so far, at least the report; `place` is where in the grid tree it lies."""

    number: str
    source: str
    topic: Topic
    description: str
    reporter: str | None
    lon: float
    lat: float
    place: Place
    steps: tuple[CaseStep, ...]

    @property
    def state(self) -> str:
        return self.steps[-1].to_state

    @property
    def reported_at(self) -> datetime:
        return self.steps[0].at

    @property
    def day(self) -> date:
        """The town's day that its number is of."""
        return self.reported_at.astimezone(LOCAL).date()


def case_history(
    town: Town,
    patrols: Sequence[PatrolRecord],
    *,
    now: datetime,
    seed: int | None = None,
    days: int = HISTORY_DAYS,
) -> list[CaseRecord]:
    """Cases of the last days in the order of their reports; nearly all are closed by `now`.

    The same for the same town, patrols, seed, `now` and `days`. `now` is aware.
    """
    rng = np.random.default_rng([town.seed if seed is None else seed, 3])
    book = _CaseBook(town, DutyBook(town.workforce.staff, patrols))
    drafts = [
        draft
        for when, source in _occasions(now, days, rng)
        if (draft := book.write(when, source, now, rng)) is not None
    ]
    numbers = Counter[date]()
    cases = []
    for draft in sorted(drafts, key=lambda case: (case.reported_at, case.lon, case.lat)):
        numbers[draft.day] += 1
        number = f"AH{draft.day:%Y%m%d}-{numbers[draft.day]:04d}"
        cases.append(replace(draft, number=number))
    return cases


def _occasions(
    now: datetime, days: int, rng: np.random.Generator
) -> Iterator[tuple[datetime, str]]:
    """When something becomes known and how; what a patrol finds has a time of its own."""

    def source() -> str:
        return str(rng.choice(list(_SOURCES), p=list(_SOURCES.values())))

    today = now.astimezone(LOCAL).date()
    for ago in range(days, 0, -1):
        day = today - timedelta(days=ago)
        midnight = datetime.combine(day, time(), LOCAL)
        for _ in range(_PER_DAY if day.weekday() < 5 else _PER_WEEKEND_DAY):
            yield midnight + timedelta(hours=rng.uniform(*_REPORT_HOURS)), source()
    for _ in range(_RECENT):
        yield now - timedelta(hours=rng.uniform(_FRESH_H, _RECENT_H)), source()
    for _ in range(_FRESH):
        yield now - timedelta(hours=rng.uniform(0.05, _FRESH_H)), "citizen"


class _CaseBook:
    def __init__(self, town: Town, duty: DutyBook) -> None:
        self._duty = duty
        self._office = Casework(town.workforce.staff, duty)
        self._locations = Locations(town)
        self._tree = GridTree(town.grids)
        weights = np.array([topic.weight for topic in TOPICS])
        self._topic_shares = weights / weights.sum()

    def write(
        self, when: datetime, source: str, now: datetime, rng: np.random.Generator
    ) -> CaseRecord | None:
        """A case reported around `when`, with what has happened to it until `now`."""
        topic = TOPICS[int(rng.choice(len(TOPICS), p=self._topic_shares))]
        lon, lat, name = self._locations.draw(topic, rng)
        place = self._tree.place(lon, lat)
        if place is None:
            return None
        if source == "patrol":
            # On the day of `when`, the worker comes past and sees it.
            worker = self._office.worker_of(place.grid)
            when = self._duty.passing(worker, lon, lat, near=when) or when
        reported_at = when.astimezone(UTC).replace(microsecond=0)
        if reported_at >= now:
            return None
        steps = self._office.course(topic, source, place.grid, reported_at, rng)
        wording = topic.wordings[int(rng.integers(len(topic.wordings)))]
        return CaseRecord(
            number="",
            source=source,
            topic=topic,
            description=wording.format(place=name),
            reporter=_reporter(rng) if source in ("citizen", "hotline") else None,
            lon=lon,
            lat=lat,
            place=place,
            steps=tuple(step for step in steps if step.at <= now),
        )


def _reporter(rng: np.random.Generator) -> str:
    family = "王李张刘陈杨赵黄周吴徐孙"[int(rng.integers(12))]
    title = ("先生", "女士")[int(rng.integers(2))]
    return f"{family}{title} 1990001{int(rng.integers(10_000)):04d}"
