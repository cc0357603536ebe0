"""The part of the grid tree that somebody may see.

Every store function that reads people or cases takes one.
"""

from dataclasses import dataclass


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

    def sql_codes(self) -> list[str] | None:
        """For `(:scope::text[] IS NULL OR grid_code = ANY(:scope))`."""
        return None if self.codes is None else sorted(self.codes)
