"""Grid editions: drafted from files, checked, put in force, read, and kept in memory."""

from data.editions.edition import Edition, EditionState, StoredGrid
from data.editions.fields import Certainty, Choice, GridFields
from data.editions.index import GridIndex, GridIndexes
from data.editions.intake import Intake, Source, grids_from_files
from data.editions.mappings import (
    FieldMapping,
    forget,
    read_mappings,
    remember,
    remembered_fields,
)
from data.editions.preview import FieldPreview, LayerPreview, preview_layer
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
    "Certainty",
    "Choice",
    "Draft",
    "Edition",
    "EditionState",
    "FieldMapping",
    "FieldPreview",
    "GridFields",
    "GridIndex",
    "GridIndexes",
    "Intake",
    "LayerPreview",
    "Source",
    "StoredGrid",
    "activate",
    "active_edition_id",
    "active_grid_codes",
    "draft_edition",
    "edition_id_at",
    "find_edition",
    "forget",
    "grids_from_files",
    "preview_layer",
    "read_editions",
    "read_findings",
    "read_grids",
    "read_mappings",
    "remember",
    "remembered_fields",
]
