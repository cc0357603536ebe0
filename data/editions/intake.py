"""Grids out of the features of files."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from types import MappingProxyType

import shapely

from data.editions.fields import (
    Certainty,
    Choice,
    GridFields,
    choose,
    fingerprint,
    named_in,
    taken,
)
from data.files import MOST_VERTICES, FeatureFile, FileFeature, too_many_vertices
from gis.codes import DIVISION_DIGITS, clean, level_of, nested_parents, parent_of
from gis.errors import InvalidInput, UnreadableFile
from gis.grid import Grid
from gis.polygons import repair
from gis.redivision import NARROW_M, Repair, close_slivers

_LEVELS = range(1, 10)
_EXACT_FLOAT = 2**53
_NOT_NAMED = GridFields()


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file, the level of its grids (None: each says its own, by a field or by its code), and which of
    its columns is which, where that is named for this file."""

    file: FeatureFile
    level: int | None = None
    named: GridFields = _NOT_NAMED


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """What the columns of a file were taken for, by role."""

    file: FeatureFile
    choices: Mapping[str, Choice]


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    """What files gave: grids by level and code, `notes`, one for everything that was changed, `repairs`
    of slivers, each of which is a note too, and what the columns of each file were taken for."""

    grids: tuple[Grid, ...]
    notes: tuple[str, ...]
    repairs: tuple[Repair, ...] = ()
    columns: tuple[Columns, ...] = ()


def grids_from_files(
    sources: Iterable[Source],
    fields: GridFields = GridFields(),
    base: Iterable[Grid] = (),
    remembered: Mapping[str, GridFields] = MappingProxyType({}),
    sliver_m: float | None = NARROW_M,
) -> Intake:
    """The grids of all files as one tree, with those levels of `base` that the files do not bring.
    `fields` are taken in each file that has them (`named_in`). `remembered` has what columns were taken
    for before, by their fingerprint.

    Geometries are repaired where that is certain: rings, and overlaps and gaps that are nowhere wider
    than `sliver_m` metres (None: none of these). A grid below the top that names no parent gets the
    one its code begins with, else the one a level above that covers most of it; so does one whose
    parent was only guessed from a column of divisions and is not there.

    Raises UnreadableFile naming file and feature for what cannot become a grid, and InvalidInput when
    a code occurs twice, or for a `sliver_m` that is none.
    """
    notes: list[str] = []
    grids: dict[str, Grid] = {}
    place_of: dict[str, str] = {}
    guessed: set[str] = set()
    nested: dict[str, str | None] = {}
    read: list[Columns] = []
    vertices = 0
    sources = tuple(sources)
    named_of = named_in([(each.file.fields, each.named) for each in sources], fields)
    for source, named in zip(sources, named_of, strict=True):
        file = source.file
        notes.extend(file.notes)
        vertices += shapely.count_coordinates([each.geometry for each in file.features])
        if vertices > MOST_VERTICES:
            raise too_many_vertices("The edition", vertices)
        try:
            choices = choose(
                file.fields,
                [each.properties for each in file.features],
                named=named,
                remembered=remembered.get(fingerprint(file.fields)),
            )
            columns = taken(choices, file.fields)
        except InvalidInput as error:
            raise _at(str(file.path), error) from error
        read.append(Columns(file=file, choices=choices))
        notes.extend(f"{file.path}: {each}" for each in _in_words(choices))
        unnamed = sum(not _text(each.properties, columns.name) for each in file.features)
        if unnamed:
            notes.append(
                f"{file.path}: {unnamed} of {len(file.features)} grids have no name; each is called by "
                "its code."
            )
        parent_of_nested = nested_in([each.properties for each in file.features], columns)
        nested |= parent_of_nested
        is_guess = "parent" in choices and choices["parent"].certainty is Certainty.LIKELY
        for feature in file.features:
            where = f"{file.path}, feature {feature.number}"
            try:
                grid, done = _grid(feature, columns, source.level, parent_of_nested)
            except InvalidInput as error:
                raise _at(where, error) from error
            if grid.code in grids:
                raise InvalidInput(
                    f"Code {grid.code} is on two grids: {place_of[grid.code]} "
                    f"({grids[grid.code].name}) and {where} ({grid.name}). Give each its own.",
                    field="code",
                    code="duplicate_code",
                )
            grids[grid.code], place_of[grid.code] = grid, where
            guessed.update([grid.code] if is_guess else ())
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
    tree = _with_parents(grids, guessed, nested, notes)
    ordered = tuple(sorted(tree, key=lambda g: (g.level, g.code)))
    repairs: tuple[Repair, ...] = ()
    if sliver_m is not None:
        closed = close_slivers(ordered, narrower_m=sliver_m)
        ordered, repairs = closed.grids, closed.repairs
        notes.extend(each.message for each in repairs)
    return Intake(
        grids=ordered,
        notes=tuple(notes),
        repairs=repairs,
        columns=tuple(read),
    )


def _at(where: str, error: InvalidInput) -> UnreadableFile:
    code = None if error.code == InvalidInput.code else error.code
    return UnreadableFile(f"{where}: {error.message}", field=error.field, code=code)


def _in_words(choices: Mapping[str, Choice]) -> Iterable[str]:
    """What a person may want to know about the columns: all that is not plain."""
    for certainty, why in (
        (Certainty.REMEMBERED, "as for the last file with these columns"),
        (Certainty.LIKELY, "by the look of it"),
    ):
        found = {role: each.field for role, each in choices.items() if each.certainty is certainty}
        if found:
            listed = ", ".join(f"{role} is {field}" for role, field in found.items())
            yield f"{listed}, {why}."


def _grid(
    feature: FileFeature,
    fields: GridFields,
    level: int | None,
    nested: Mapping[str, str | None],
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
            level=_level(row, fields, code, nested) if level is None else level,
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
            code="rounded_code",
        )
    return value


def _text(row: Mapping[str, object], field: str | None) -> str:
    value = row.get(field or "")
    return "" if value is None else str(value).strip()


def nested_in(rows: Sequence[Mapping[str, object]], fields: GridFields) -> Mapping[str, str | None]:
    """The parents of the codes of a file that says no levels in a column, where the codes follow another
    scheme than ours and begin with each other; empty where they do not."""
    if any(_text(row, fields.level) for row in rows):
        return {}
    try:
        codes = {clean(_exact(row.get(fields.code or ""))) for row in rows}
    except InvalidInput:
        return {}
    return {} if any(map(level_of, codes)) else nested_parents(codes)


def level_in_row(
    row: Mapping[str, object], fields: GridFields, nested: Mapping[str, str | None]
) -> int | None:
    """The level that a row says by its column or its code (`nested_in`); None where neither says one.

    Raises InvalidInput for one that is none, and for a code that is none.
    """
    said = _text(row, fields.level)
    if not said:
        code = clean(_exact(row.get(fields.code or "")))
        return _depth(code, nested) if code in nested else level_of(code)
    try:
        level = int(float(said))
    except (ValueError, OverflowError):
        level = 0
    if level not in _LEVELS:
        raise InvalidInput(
            f"{said!r} is not a level from 1 to 9. Say the level of the file.",
            field="level",
            code="bad_level",
        )
    return level


def _depth(code: str, parents: Mapping[str, str | None]) -> int:
    """1 for a code without a parent."""
    parent = parents[code]
    return 1 if parent is None else 1 + _depth(parent, parents)


def _level(
    row: Mapping[str, object], fields: GridFields, code: str, nested: Mapping[str, str | None]
) -> int:
    level = level_in_row(row, fields, nested)
    if level is None:
        raise InvalidInput(
            f"Nothing says the level of grid {code}. Say the level of the file, or name a column of "
            "levels.",
            field="level",
            code="no_level",
        )
    return level


def _with_parents(
    grids: Mapping[str, Grid],
    guessed: Set[str],
    nested: Mapping[str, str | None],
    notes: list[str],
) -> list[Grid]:
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
        elif grid.code in guessed and parent_code not in grids:
            parent_code = _longer(parent_code, grids)
        if grid.level != top and parent_code is None:
            parent_code = nested.get(grid.code) or parent_of(grid.code)
            if parent_code not in grids:
                parent_code = _covering_most(grid, by_level.get(grid.level - 1, []))
                placed += parent_code is not None
        tree.append(replace(grid, parent_code=parent_code))
    if placed:
        notes.append(f"{placed} grids name no parent; each got the one that covers most of it.")
    return tree


def _longer(code: str | None, grids: Mapping[str, Grid]) -> str | None:
    """The same division with the zeros of its 12 digits: 110108001 is 110108001000."""
    whole = (code or "").ljust(DIVISION_DIGITS, "0")
    return whole if code and whole in grids else None


def _covering_most(grid: Grid, above: Sequence[Grid]) -> str | None:
    meeting = [each for each in above if each.geometry.intersects(grid.geometry)]
    shared = {e.code: shapely.intersection(e.geometry, grid.geometry).area for e in meeting}
    return max(sorted(shared), key=lambda code: shared[code], default=None)
