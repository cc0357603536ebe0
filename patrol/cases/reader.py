"""Cases as somebody looks at them: what is wanted, page by page, and one with everything about it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from data.database import Database
from data.scope import Scope
from patrol.cases.actions import Action
from patrol.cases.case import Actor, Case
from patrol.cases.duplicates import Duplicate, duplicates
from patrol.cases.events import Event
from patrol.cases.filtering import CaseFilter
from patrol.cases.listing import (
    Bookmark,
    CaseEntry,
    Sorting,
    list_entries,
    read_entries,
    require_entry,
)
from patrol.cases.nearest import NearUnit, nearest_units
from patrol.cases.rulebook import Rulebook
from patrol.cases.store import read_events
from patrol.cases.workflow import MERGEABLE, allowed_actions
from patrol.categories.tree import Categories
from patrol.photos.photo import Photo
from patrol.photos.service import of_case


@dataclass(frozen=True, kw_only=True, slots=True)
class CasePage:
    """`next` is None on the last page."""

    entries: list[CaseEntry]
    next: Bookmark | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFile:
    """A case with everything that happened to it, its photos, the units on duty that are near it, and,
    before it is filed, other reports that may be of the same."""

    entry: CaseEntry
    events: list[Event]
    nearest: list[NearUnit]
    duplicates: list[Duplicate]
    photos: list[Photo]


class CaseReader:
    """`clock` gives the time with a zone. Each method is one transaction of the actor's."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        rulebook: Rulebook | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._rulebook = rulebook or Rulebook()

    def actions(self, case: Case, actor: Actor) -> tuple[Action, ...]:
        """What the actor may do to the case now."""
        return allowed_actions(case, actor, self._clock())

    def categories(self) -> Categories:
        """What a case can be about, and what older cases are about."""
        with self._database.begin() as conn:
            return self.categories_within(conn)

    def categories_within(self, conn: Connection) -> Categories:
        """The same inside a transaction of the caller's."""
        return self._rulebook.current(conn).categories

    def find(
        self,
        wanted: CaseFilter,
        actor: Actor,
        *,
        sorting: Sorting = Sorting.NEWEST,
        after: Bookmark | None = None,
        count: int = 50,
    ) -> CasePage:
        """One page of what is wanted and the actor may see; of a main category what is of its
        subcategories too."""
        with self._database.begin(actor.viewer) as conn:
            entries = list_entries(
                conn,
                wanted,
                actor,
                at=self._clock(),
                categories=self._categories_of(conn, wanted),
                sorting=sorting,
                after=after,
                count=count + 1,
            )
        page = entries[:count]
        if len(entries) == len(page):
            return CasePage(entries=page, next=None)
        return CasePage(entries=page, next=Bookmark.of(page[-1].case, sorting))

    def _categories_of(self, conn: Connection, wanted: CaseFilter) -> Collection[str] | None:
        if wanted.category is None and wanted.category_name is None:
            return None
        categories = self._rulebook.current(conn).categories
        codes = None
        if wanted.category is not None:
            codes = set(categories.under(categories.of(wanted.category).code))
        if wanted.category_name is not None:
            named = categories.named(wanted.category_name)
            codes = named if codes is None else codes & named
        return codes

    def seen(self, case_ids: Collection[int], actor: Actor) -> list[CaseEntry]:
        """Those of these cases that the actor may see."""
        with self._database.begin(actor.viewer) as conn:
            entries = read_entries(conn, case_ids)
        return [entry for entry in entries if entry.case.is_visible_to(actor)]

    def read(self, case_id: int, actor: Actor, *, positions_in: Scope | None) -> CaseFile:
        """Everything about a case. The nearest units are shown while it is open, as far as the
        actor may see positions: in `positions_in`, or not at all. Raises NotFound."""
        with self._database.begin(actor.viewer) as conn:
            entry = require_entry(conn, case_id, actor)
            case = entry.case
            near = []
            if case.state.is_open and positions_in is not None:
                near = nearest_units(conn, case.lon, case.lat, self._clock(), positions_in)
            same = []
            if case.state in MERGEABLE:
                same = duplicates(
                    conn,
                    case.lon,
                    case.lat,
                    category=case.category,
                    at=case.reported_at,
                    but_not=case.id,
                )
            return CaseFile(
                entry=entry,
                events=read_events(conn, case),
                nearest=near,
                duplicates=same,
                photos=of_case(conn, case.id),
            )

    def same(self, lon: float, lat: float, category: str, actor: Actor) -> list[Duplicate]:
        """Open cases that a report from here may be about too, as far as the actor sees them."""
        with self._database.begin(actor.viewer) as conn:
            code = self._rulebook.current(conn).categories.of(category).code
            return duplicates(conn, lon, lat, category=code, at=self._clock())
