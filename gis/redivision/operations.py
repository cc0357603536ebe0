"""What can be done to a division: values that can be written down, and done."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import shapely

from gis.errors import InvalidInput
from gis.redivision.joining import change_parent, merge, rename
from gis.redivision.lines import SNAP_M, read_line
from gis.redivision.moving import move_border
from gis.redivision.sheet import Change, Sheet
from gis.redivision.snapping import snap
from gis.redivision.splitting import Keeps, split

Line = tuple[tuple[float, float], ...]
"""Positions, lon before lat (EPSG:4326)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MoveBorder:
    """`grids` are two of a level that share a border, `line` the new one."""

    kind: ClassVar[str] = "move_border"
    grids: tuple[str, str]
    line: Line
    snap_m: float = SNAP_M

    @property
    def codes(self) -> tuple[str, ...]:
        return self.grids


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """`codes` and `names` are for the sides that do not keep the code, the left one first."""

    kind: ClassVar[str] = "split"
    grid: str
    line: Line
    keeps: Keeps = Keeps.LARGER
    new_codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    cut_children: bool = False
    snap_m: float = SNAP_M

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.grid,)


@dataclass(frozen=True, kw_only=True, slots=True)
class Merge:
    """`code` is one of theirs or a new one, else the first one's."""

    kind: ClassVar[str] = "merge"
    grids: tuple[str, ...]
    code: str | None = None
    name: str | None = None
    parent: str | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        return self.grids


@dataclass(frozen=True, kw_only=True, slots=True)
class Rename:
    kind: ClassVar[str] = "rename"
    grid: str
    name: str | None = None
    code: str | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.grid,)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeParent:
    kind: ClassVar[str] = "change_parent"
    grid: str
    parent: str

    @property
    def codes(self) -> tuple[str, ...]:
        return self.grid, self.parent


@dataclass(frozen=True, kw_only=True, slots=True)
class Snap:
    """Of the whole division: no grid is named."""

    kind: ClassVar[str] = "snap"
    tolerance_m: float = SNAP_M

    @property
    def codes(self) -> tuple[str, ...]:
        return ()


Operation = MoveBorder | Split | Merge | Rename | ChangeParent | Snap

KINDS: Mapping[str, type[Operation]] = MappingProxyType(
    {each.kind: each for each in (MoveBorder, Split, Merge, Rename, ChangeParent, Snap)}
)


def perform(sheet: Sheet, operation: Operation) -> Change:
    """Do it to the grids of a sheet. Raises InvalidInput, naming the field, Conflict and NotFound; then
    nothing has been done that counts."""
    try:
        _do(sheet, operation)
        return sheet.change(keeps_area=not isinstance(operation, Snap))
    except shapely.errors.GEOSException as error:
        raise InvalidInput(
            "The borders there overlap in a way that nothing can be made of. Snap the edition or "
            "correct its findings first.",
            field="grids",
            code="unsound",
        ) from error


def _do(sheet: Sheet, operation: Operation) -> None:
    match operation:
        case MoveBorder():
            line = read_line(operation.line)
            move_border(sheet, operation.grids, line, snap_m=operation.snap_m)
        case Split():
            split(
                sheet,
                operation.grid,
                read_line(operation.line),
                keeps=operation.keeps,
                codes=operation.new_codes,
                names=operation.names,
                cut_children=operation.cut_children,
                snap_m=operation.snap_m,
            )
        case Merge():
            merge(
                sheet,
                operation.grids,
                code=operation.code,
                name=operation.name,
                parent=operation.parent,
            )
        case Rename():
            rename(sheet, operation.grid, name=operation.name, new_code=operation.code)
        case ChangeParent():
            change_parent(sheet, operation.grid, operation.parent)
        case Snap():
            snap(sheet, operation.tolerance_m)
