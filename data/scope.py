"""Who looks, and how far they see.

Every store function that reads people or cases takes a scope or a viewer, and the database asks again
by itself: a transaction of the application says whom it is for, and row-level security shows it no
fix, position or case that this viewer may not see (`data/schema/access.sql`).
"""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, any_, literal, true


@dataclass(frozen=True, slots=True)
class Scope:
    """`codes` are the grids of the subtree, all levels of it; None is the whole installation."""

    codes: frozenset[str] | None

    @classmethod
    def everything(cls) -> "Scope":
        return cls(None)

    @classmethod
    def of(cls, codes: frozenset[str]) -> "Scope":
        return cls(codes)

    @property
    def is_everything(self) -> bool:
        return self.codes is None

    def covers(self, code: str | None) -> bool:
        """Whether something at home in grid `code` is visible. None is at home everywhere and nowhere
        in particular, so only the whole installation covers it."""
        return self.codes is None or (code is not None and code in self.codes)

    def condition_on(self, grid_code: ColumnElement[Any]) -> ColumnElement[bool]:
        """`covers` as a condition on a column, with one parameter however many grids there are."""
        codes = self.sql_codes()
        return true() if codes is None else grid_code == any_(literal(codes, ARRAY(Text)))

    def sql_codes(self) -> list[str] | None:
        """For `(:scope::text[] IS NULL OR grid_code = ANY(:scope))`."""
        return None if self.codes is None else sorted(self.codes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """Whom something is read for.

    Of people they see the units at home in `scope` and their own ones (those of `staff_id`), or only
    their own. Of cases they see those in `scope`, those they own, and those that `account_id` reported.

    A citizen has no account: they see the case that they follow by its code (`follows`), what it became
    a part of, and among photos of nobody's those whose ids they know (`holds`).
    """

    scope: Scope
    staff_id: int | None = None
    account_id: int | None = None
    only_self: bool = False
    follows: int | None = None
    holds: frozenset[UUID] = frozenset()

    @classmethod
    def everything(cls) -> "Viewer":
        """The system itself, and whoever works at the machine."""
        return cls(scope=Scope.everything())

    @property
    def sees_everybody(self) -> bool:
        """Whether no unit is hidden from them."""
        return self.scope.is_everything and not self.only_self

    def sees(self, *, staff_id: int | None, grid_code: str | None) -> bool:
        """Whether they see a unit of this staff and home."""
        if staff_id is not None and staff_id == self.staff_id:
            return True
        return not self.only_self and self.scope.covers(grid_code)

    def reads_plan(self, *, staff_id: int | None, grid_code: str) -> bool:
        """Whether they may read a patrol plan of this grid, of a unit of this staff if it names one: it
        says what is to be done there, so also who sees only themselves."""
        return self.scope.covers(grid_code) or (staff_id is not None and staff_id == self.staff_id)

    def to_setting(self) -> str:
        """What `wangge.viewer` is set to for row-level security; see `viewer()` in the schema."""
        return json.dumps(
            {
                "codes": self.scope.sql_codes(),
                "staff_id": self.staff_id,
                "account_id": self.account_id,
                "only_self": self.only_self,
                "follows": self.follows,
                "holds": sorted(map(str, self.holds)),
            }
        )
