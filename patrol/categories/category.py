"""A category of cases: what it is called, how long its handling may take, who handles it."""

from dataclasses import dataclass
from enum import StrEnum

from patrol.categories.field import CategoryField


class CategoryKind(StrEnum):
    """What happens, or what is broken: in the manner of GB/T 30428.2, 事件 and 部件."""

    EVENT = "event"
    PART = "part"


class PhotoNeed(StrEnum):
    """A photo without which a step is not taken."""

    REPORT = "report"  # of what somebody reports who stands before it
    BEFORE = "before"  # of what was dealt with on the spot, before
    AFTER = "after"  # and afterwards
    HANDLING = "handling"  # of what was handled


class CategoryOrigin(StrEnum):
    """Where a category comes from."""

    BUILT_IN = "built_in"
    CHANGED = "changed"  # built in, and another here
    ADDED = "added"  # by the installation


class DispatchRule(StrEnum):
    """Whose a new case of the category is."""

    GRID = "grid"  # whoever owns what happens in its grid
    DEPARTMENT = "department"  # a handler of its department
    ENFORCEMENT = "enforcement"  # an enforcement officer


USUAL_PHOTOS = frozenset({PhotoNeed.BEFORE, PhotoNeed.AFTER, PhotoNeed.HANDLING})


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """A main category (大类) has no `parent`; one that has subcategories (小类) is not chosen itself.

    `number` is two digits for the kind (01 parts, 02 events), two for the main category and two for the
    subcategory. `term` is how long the handling may take from the dispatch, a rule in its short form
    (`patrol.clocks.rule`). A case of an `urgent` category is urgent unless its report says otherwise.
    One that is not `active` is not chosen any more; cases that have it keep it. `aliases` are what other
    systems call it, such as a hotline.
    """

    code: str
    number: str
    kind: CategoryKind
    title_zh: str
    title_en: str
    parent: str | None = None
    term: str = "5d"
    urgent: bool = False
    department: str | None = None
    photos: frozenset[PhotoNeed] = USUAL_PHOTOS
    dispatch: DispatchRule = DispatchRule.GRID
    active: bool = True
    fields: tuple[CategoryField, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def is_about_people(self) -> bool:
        """Whether it is nobody else's business: a dispute, somebody who needs help."""
        return not {self.code, self.parent}.isdisjoint(_ABOUT_PEOPLE)


_ABOUT_PEOPLE = frozenset({"dispute", "service", "safety.help"})
