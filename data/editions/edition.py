"""One version of the whole grid tree."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gis.grid import Grid


class EditionState(StrEnum):
    """Draft, then active, then retired; never back."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, kw_only=True, slots=True)
class Edition:
    """An edition without its grids. `findings` is how many the topology check has; `source_crs` is
    the coordinate system the grids came in. It is in force from `valid_from` until `valid_to`.

    `version` counts the changes of a draft. One with `due_at` takes effect then by itself; `due_failure`
    is what stopped it when it should have. `base` is the edition that it was made of, else the one that
    was in force when it was read from files; `due_replaces` the one that it may replace nevertheless."""

    id: int
    name: str
    state: EditionState
    source_crs: str
    grids: int
    findings: int
    accepted_reason: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    created_at: datetime
    version: int
    due_at: datetime | None
    due_by: str | None
    due_by_account_id: int | None
    due_replaces: int | None
    due_failure: str | None
    base: int | None

    @property
    def findings_in_words(self) -> str:
        return {0: "no findings", 1: "1 finding"}.get(self.findings, f"{self.findings} findings")


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredGrid:
    """A grid and what the database knows beside it."""

    id: int
    edition_id: int
    grid: Grid
    area_m2: float
