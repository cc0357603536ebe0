"""Grids merged, renamed, and put under another parent."""

from collections.abc import Sequence
from dataclasses import replace

from gis.codes import clean
from gis.errors import InvalidInput
from gis.grid import Grid
from gis.redivision.edges import dissolve, edges_of
from gis.redivision.sheet import Sheet, named

LONGEST_NAME = 200


def merge(
    sheet: Sheet, codes: Sequence[str], *, code: str | None, name: str | None, parent: str | None
) -> None:
    """Make one grid of several of a level that touch. It has `code`, one of theirs or a new one, else
    the first one's; where they have different parents, `parent` says which one it gets. What is below
    them comes along. Raises InvalidInput."""
    grids = [sheet[each] for each in dict.fromkeys(codes)]
    if len(grids) < 2 or len({grid.level for grid in grids}) > 1:
        raise InvalidInput("Name two or more grids of one level.", field="grids")
    parents = {grid.parent_code for grid in grids}
    if len(parents) > 1 and parent is None:
        raise InvalidInput(
            f"They have different parents: say which one the merged grid gets "
            f"({', '.join(sorted(each or 'none' for each in parents))}).",
            field="parent",
        )
    if parent is not None and parent not in parents:
        raise InvalidInput(f"{parent} is not the parent of one of them.", field="parent")
    _require_touching(grids)
    chosen = grids[0].code if code is None else code
    kept = next((grid for grid in grids if grid.code == chosen), None)
    if kept is None:
        kept = replace(grids[0], code=sheet.claim(clean(chosen)))
    merged = replace(
        kept,
        name=kept.name if name is None else read_name(name),
        parent_code=parent if parent is not None else kept.parent_code,
        geometry=dissolve([grid.geometry for grid in grids]),
    )
    below = [child for grid in grids for child in sheet.children(grid.code)]
    if below and any(not sheet.children(grid.code) for grid in grids):
        raise InvalidInput(
            "Some of them have grids below and others have none. Put a grid into those first.",
            field="grids",
        )
    for grid in grids:
        sheet.remove(grid.code)
    sheet.put(merged)
    for child in below:
        sheet.put(replace(child, parent_code=merged.code))
    if len(parents) > 1:
        sheet.rebuild(sorted(each for each in parents if each is not None))


def rename(sheet: Sheet, code: str, *, name: str | None, new_code: str | None) -> None:
    """Another name, another code, or both. Raises InvalidInput."""
    grid = sheet[code]
    renamed = replace(grid, name=grid.name if name is None else read_name(name))
    if new_code is not None and new_code != code:
        renamed = replace(renamed, code=sheet.claim(clean(new_code)))
        children = sheet.children(code)
        sheet.remove(code)
        for child in children:
            sheet.put(replace(child, parent_code=renamed.code))
    if renamed == grid:
        raise InvalidInput("It is called so already.", field="name")
    sheet.put(renamed)


def change_parent(sheet: Sheet, code: str, parent: str) -> None:
    """Put a grid, and what is below it, under another parent one level up. Both parents' outlines
    change. Raises InvalidInput."""
    grid, above = sheet[code], sheet[parent]
    if above.level != grid.level - 1:
        raise InvalidInput(
            f"{named(above)} is of level {above.level}; a parent is one level up.", field="parent"
        )
    if grid.parent_code == parent:
        raise InvalidInput(f"{named(grid)} is in {named(above)} already.", field="parent")
    sheet.put(replace(grid, parent_code=parent))
    sheet.rebuild([grid.parent_code, parent])


def read_name(name: str) -> str:
    """Raises InvalidInput."""
    cleaned = name.strip()
    if not 0 < len(cleaned) <= LONGEST_NAME or not cleaned.isprintable():
        raise InvalidInput(f"A name has 1 to {LONGEST_NAME} printable characters.", field="name")
    return cleaned


def _require_touching(grids: Sequence[Grid]) -> None:
    apart = [(grid, edges_of(grid.geometry)) for grid in grids[1:]]
    reached = edges_of(grids[0].geometry)
    while apart:
        touching = [each for each in apart if each[1] & reached]
        if not touching:
            raise InvalidInput(
                f"{named(apart[0][0])} has no border with the others. Name grids that touch.",
                field="grids",
            )
        for each in touching:
            reached |= each[1]
            apart.remove(each)
