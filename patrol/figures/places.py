"""Counting for a ranking: what is ranked, by which key, under which name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from data.schema import staff
from gis.codes import division_of
from gis.tree import GridTree
from patrol.categories.store import read_categories
from patrol.duty.departments import list_departments
from patrol.figures.choices import read_weights
from patrol.figures.counting import Subject, count_apart
from patrol.figures.period import Period
from patrol.figures.ranking import Of, Ranked, added_up, rank
from patrol.figures.tally import Counts
from patrol.figures.title import Title

GRID_LEVEL = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """`title` is None where there is no other name than the key."""

    ranked: Ranked
    title: Title | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranking:
    """Of the period as far as it was over at `as_of`; `weights` are those that counted, by figure."""

    of: Of
    as_of: datetime
    weights: Mapping[str, float]
    places: Sequence[Place]


def ranking_of(
    conn: Connection,
    of: Of,
    over: Period,
    subject: Subject,
    now: datetime,
    *,
    tree: GridTree | None,
    level: int = GRID_LEVEL,
    weights: Mapping[str, float] | None = None,
) -> Ranking:
    """Of a period that is over, in a transaction of the viewer's. `level` is that of the grids that are
    ranked; what lies above it stands for itself. Without `weights` those of the installation count."""
    counts = count_apart(conn, (over.since, over.until), subject, now, of.by)
    if of is Of.GRIDS:
        counts = _by_grid(counts, tree, level)
    elif of is Of.VILLAGES:
        counts = added_up(
            (village, its) for key, its in counts.items() if (village := division_of(key))
        )
    if weights is None:
        weights = read_weights(conn)
    ranked = rank(counts, weights)
    titles = _titles(conn, of, [each.key for each in ranked], tree)
    return Ranking(
        of=of,
        as_of=over.until,
        weights=weights,
        places=[Place(ranked=each, title=titles.get(each.key)) for each in ranked],
    )


def _by_grid(
    counts: Mapping[str, Counts], tree: GridTree | None, level: int
) -> Mapping[str, Counts]:
    def above(code: str) -> str:
        if tree is None or code not in tree:
            return code
        return next((each.code for each in tree.chain(code) if each.level == level), code)

    return added_up((above(code), its) for code, its in counts.items())


def _titles(
    conn: Connection, of: Of, keys: Iterable[str], tree: GridTree | None
) -> Mapping[str, Title]:
    if of is Of.STAFF:
        wanted = [int(key) for key in keys]
        rows = conn.execute(select(staff.c.id, staff.c.name).where(staff.c.id.in_(wanted)))
        return {f"{row.id}": Title.of_name(row.name) for row in rows}
    if of is Of.CATEGORIES:
        return category_titles(conn)
    if of is Of.DEPARTMENTS:
        found = list_departments(conn)
        return {each.code: Title(zh=each.name_zh, en=each.name_en) for each in found}
    if tree is None:
        return {}
    return {key: Title.of_name(tree.by_code[key].name) for key in keys if key in tree}


def category_titles(conn: Connection) -> Mapping[str, Title]:
    """By code."""
    return {each.code: Title(zh=each.title_zh, en=each.title_en) for each in read_categories(conn)}
