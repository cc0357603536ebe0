"""Grid editions: drafted from files, checked, put in force, read, and kept in memory."""

from data.editions.edition import Edition, EditionState, StoredGrid
from data.editions.fields import GridFields
from data.editions.index import GridIndex, GridIndexes
from data.editions.intake import Intake, Source, grids_from_files
from data.editions.service import Draft, activate, draft_edition, find_edition
from data.editions.store import (
    active_edition_id,
    active_grid_codes,
    edition_id_at,
    read_editions,
    read_findings,
    read_grids,
)

__all__ = [
    "Draft",
    "Edition",
    "EditionState",
    "GridFields",
    "GridIndex",
    "GridIndexes",
    "Intake",
    "Source",
    "StoredGrid",
    "activate",
    "active_edition_id",
    "active_grid_codes",
    "draft_edition",
    "edition_id_at",
    "find_edition",
    "grids_from_files",
    "read_editions",
    "read_findings",
    "read_grids",
]
