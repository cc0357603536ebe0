"""Grid editions: drafted from files, changed step by step, checked, put in force, read, and kept in
memory."""

from data.editions.bases import BaseChanged, EditionName, came_between
from data.editions.change import Changed, ChangeState, EditionChange, EditionChanged, decode
from data.editions.changes import read_changes
from data.editions.drafting import change_draft, copy_to_draft, delete_draft, redo, undo
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
from data.editions.service import Draft, activate, draft_edition, find_edition, require_edition
from data.editions.store import (
    active_edition_id,
    active_grid_codes,
    edition_id_at,
    grid_codes_at,
    read_editions,
    read_findings,
    read_grids,
)

__all__ = [
    "BaseChanged",
    "Certainty",
    "ChangeState",
    "Changed",
    "Choice",
    "Draft",
    "Edition",
    "EditionChange",
    "EditionChanged",
    "EditionName",
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
    "came_between",
    "change_draft",
    "copy_to_draft",
    "decode",
    "delete_draft",
    "draft_edition",
    "edition_id_at",
    "find_edition",
    "forget",
    "grid_codes_at",
    "grids_from_files",
    "preview_layer",
    "read_changes",
    "read_editions",
    "read_findings",
    "read_grids",
    "read_mappings",
    "redo",
    "remember",
    "remembered_fields",
    "require_edition",
    "undo",
]
