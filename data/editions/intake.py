"""Grids out of the features of files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import shapely

from data.editions.fields import GridFields
from data.files import FeatureFile, FileFeature
from gis.codes import clean, level_of, parent_of
from gis.errors import InvalidInput, UnreadableFile
from gis.grid import Grid
from gis.polygons import repair

_LEVELS = range(1, 10)
_EXACT_FLOAT = 2**53


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file and the level of its grids; None: each says its own, by a field or by its code."""

    file: FeatureFile
    level: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    """What files gave: grids by level and code, and `notes`, one for everything that was changed."""

    grids: tuple[Grid, ...]
    notes: tuple[str, ...]


def grids_from_files(
    sources: Iterable[Source], fields: GridFields = GridFields(), base: Iterable[Grid] = ()
) -> Intake:
    """The grids of all files as one tree, with those levels of `base` that the files do not bring.

    Geometries are repaired where that is certain. A grid below the top that names no parent gets the
    one its code begins with, else the one a level above that covers most of it.

    Raises UnreadableFile naming file and feature for what cannot become a grid, and InvalidInput when
    a code occurs twice.
    """
    notes: list[str] = []
    grids: dict[str, Grid] = {}
    place_of: dict[str, str] = {}
    for source in sources:
        file = source.file
        notes.extend(file.notes)
        try:
            columns = fields.detect(file.fields)
        except InvalidInput as error:
            raise UnreadableFile(f"{file.path}: {error.message}", field=error.field) from error
        for feature in file.features:
            where = f"{file.path}, feature {feature.number}"
            try:
                grid, done = _grid(feature, columns, source.level)
            except InvalidInput as error:
                raise UnreadableFile(f"{where}: {error.message}", field=error.field) from error
            if grid.code in grids:
                raise InvalidInput(
                    f"Code {grid.code} is on two grids: {place_of[grid.code]} "
                    f"({grids[grid.code].name}) and {where} ({grid.name}). Give each its own.",
                    field="code",
                    code="duplicate_code",
                )
            grids[grid.code], place_of[grid.code] = grid, where
            notes.extend(f"{where}, {grid.name} {grid.code}: {what}" for what in done)
    brought = {grid.level for grid in grids.values()}
    for grid in base:
        if grid.level not in brought and grids.setdefault(grid.code, grid) is not grid:
            raise InvalidInput(
                f"Code {grid.code} is on a grid of the base edition (level {grid.level}) and in "
                f"{place_of[grid.code]}. Give each its own.",
                field="code",
                code="duplicate_code",
            )
    tree = _with_parents(grids, notes)
    return Intake(grids=tuple(sorted(tree, key=lambda g: (g.level, g.code))), notes=tuple(notes))


def _grid(
    feature: FileFeature, fields: GridFields, level: int | None
) -> tuple[Grid, tuple[str, ...]]:
    row = feature.properties
    code = clean(_exact(row.get(fields.code or "")))
    name = _text(row, fields.name)
    parent = row.get(fields.parent or "")
    if isinstance(parent, Mapping):  # DataV: {"adcode": 320700}
        parent = parent.get("adcode")
    geometry, done = repair(feature.geometry)
    return (
        Grid(
            code=code,
            name=name or code,
            level=_level(row, fields.level, code) if level is None else level,
            parent_code=None if parent in (None, "") else clean(_exact(parent)),
            geometry=geometry,
        ),
        done,
    )


def _exact(value: object) -> object:
    """A code read as a floating-point number may have lost its last digits."""
    if isinstance(value, float) and abs(value) >= _EXACT_FLOAT:
        raise InvalidInput(
            f"The code {value:.0f} is stored as a rounded number. Store codes as text.",
            field="code",
        )
    return value


def _text(row: Mapping[str, object], field: str | None) -> str:
    value = row.get(field or "")
    return "" if value is None else str(value).strip()


def _level(row: Mapping[str, object], field: str | None, code: str) -> int:
    said = _text(row, field)
    if said:
        try:
            level = int(float(said))
        except (ValueError, OverflowError):
            level = 0
        if level not in _LEVELS:
            raise InvalidInput(
                f"{said!r} is not a level from 1 to 9. Name it with --level.", field="level"
            )
        return level
    by_code = level_of(code)
    if by_code is None:
        raise InvalidInput(
            f"Nothing says the level of grid {code}. Name it with --level.", field="level"
        )
    return by_code


def _with_parents(grids: Mapping[str, Grid], notes: list[str]) -> list[Grid]:
    top = min((grid.level for grid in grids.values()), default=1)
    by_level: dict[int, list[Grid]] = {}
    for grid in grids.values():
        by_level.setdefault(grid.level, []).append(grid)
    tree = []
    placed = 0
    for grid in grids.values():
        parent_code = grid.parent_code
        if grid.level == top:
            parent_code = None  # what is above the edition is not its business
        elif parent_code is None:
            parent_code = parent_of(grid.code)
            if parent_code not in grids:
                parent_code = _covering_most(grid, by_level.get(grid.level - 1, []))
                placed += parent_code is not None
        tree.append(replace(grid, parent_code=parent_code))
    if placed:
        notes.append(f"{placed} grids name no parent; each got the one that covers most of it.")
    return tree


def _covering_most(grid: Grid, above: Sequence[Grid]) -> str | None:
    meeting = [each for each in above if each.geometry.intersects(grid.geometry)]
    shared = {e.code: shapely.intersection(e.geometry, grid.geometry).area for e in meeting}
    return max(sorted(shared), key=lambda code: shared[code], default=None)
