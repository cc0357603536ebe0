"""Tables of points with the grid of each: a CSV file in, the same with more columns out."""

import csv
import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
from sqlalchemy import Connection

from api.coordinates import read_position
from data.editions import GridIndex
from data.exports.table import as_text
from data.files.table import position_columns, separator_of
from data.files.text import encoding_of
from gis.crs import Crs, to_wgs84
from gis.errors import InvalidInput, UnreadableFile
from gis.grid import Grid
from patrol.duty.ownership import Owner, owners_of

SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
ADDED = (
    *("grid_code", "grid_name", "grid_level", "parent_code", "on_boundary", "snapped"),
    *("distance_m", "owner", "owner_role", "owner_reason", "problem"),
)
"""The columns that are added; one that the file has already gets a number."""

_BATCH = 20_000
_MOST_CELL_CHARACTERS = 1024 * 1024
_NOWHERE = ("",) * 10
ShowOwner = Callable[[str, Owner], tuple[str, str, str]]
"""Of the owner in a grid what may be shown: the name, the role and the reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LocatedRows:
    """How many rows there were, how many lie in a grid or near one, and how many are of no use."""

    rows: int
    located: int
    problems: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Answering:
    """What rows are answered by: the edition in force, if there is one, the owners in its grids, and
    what of an owner may be shown."""

    index: GridIndex | None
    owners: Mapping[str, Owner]
    show: ShowOwner


@dataclass(frozen=True, kw_only=True, slots=True)
class PointColumns:
    """Names of the columns of longitude and latitude; None: found by their usual names."""

    lon: str | None = None
    lat: str | None = None

    def places(self, header: Sequence[str]) -> tuple[int, int]:
        """Where they stand. Raises InvalidInput."""
        found = position_columns(header)
        places = []
        for role, wanted, usual in (("lon", self.lon, found[0]), ("lat", self.lat, found[1])):
            name = wanted or usual
            if name is None or name not in header:
                what = f"called {wanted!r}" if wanted else f"of the {role}"
                raise InvalidInput(
                    f"There is no column {what}; there are: {', '.join(filter(None, header))}. Name it "
                    f"with --{role}-field ({role}_field).",
                    field=f"{role}_field",
                )
            places.append(header.index(name))
        return places[0], places[1]


def owners_by_code(conn: Connection, index: GridIndex, at: datetime) -> dict[str, Owner]:
    """Who owns what happens in each grid of the edition."""
    codes = [grid.code for grid in index.tree.grids]
    chains = [[grid.code for grid in index.tree.chain(code)] for code in codes]
    return dict(zip(codes, owners_of(conn, chains, at), strict=True))


def locate_table(
    path: Path,
    out: BinaryIO,
    answering: Answering,
    *,
    crs: Crs = Crs.WGS84,
    columns: PointColumns = PointColumns(),
    progress: Callable[[int], None] = lambda _rows: None,
) -> LocatedRows:
    """Write the rows of a table in their order with `ADDED`, UTF-8 with a mark. A row that cannot be
    located keeps its place and says why; cells beyond the header stand behind everything.

    `progress` is told how many rows are done. Raises UnreadableFile, and InvalidInput when the columns
    are not found.
    """
    with path.open(encoding=encoding_of(path), newline="") as text:
        csv.field_size_limit(_MOST_CELL_CHARACTERS)
        first = text.readline()
        text.seek(0)
        reader = csv.reader(text, delimiter=separator_of(first))
        written = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
        writer = csv.writer(written)
        rows = located = problems = 0
        try:
            header = [name.strip() for name in next(reader, [])]
            if not any(header):
                raise UnreadableFile(
                    f"{path} is empty: its first line must be the names of the columns."
                )
            at_lon, at_lat = columns.places(header)
            writer.writerow((*header, *_added(header)))
            while batch := list(islice(reader, _BATCH)):
                answers = _locate(batch, (at_lon, at_lat), crs, answering)
                for row, answer in zip(batch, answers, strict=True):
                    width = len(header)
                    cells = row[:width] + [""] * (width - len(row))
                    writer.writerow((*cells, *answer, *row[width:]))
                    located += answer[0] != ""
                    problems += answer[-1] != ""
                rows += len(batch)
                progress(rows)
        except csv.Error as error:
            raise UnreadableFile(
                f"{path}, line {reader.line_num}: {error}. Save the table as CSV again."
            ) from error
        finally:
            written.flush()
            written.detach()
    return LocatedRows(rows=rows, located=located, problems=problems)


def _added(header: Sequence[str]) -> list[str]:
    taken = set(header)
    names = []
    for name in ADDED:
        numbered = (f"{name}_{number}" for number in range(2, len(header) + 3))
        names.append(name if name not in taken else next(n for n in numbered if n not in taken))
    return names


def _locate(
    rows: Sequence[Sequence[str]],
    places: tuple[int, int],
    crs: Crs,
    answering: Answering,
) -> Iterator[tuple[str, ...]]:
    at_lon, at_lat = places
    index = answering.index
    lon, lat = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for number, row in enumerate(rows):
        with suppress(ValueError, IndexError):
            lon[number], lat[number] = float(row[at_lon]), float(row[at_lat])
    sound = (np.abs(lon) <= 180) & (np.abs(lat) <= 90) & ~((lon >= 3) & (lon <= 54) & (lat >= 73))
    if index is None:
        for row, good in zip(rows, sound.tolist(), strict=True):
            yield (*_NOWHERE, "" if good else _problem(row, at_lon, at_lat))
        return
    at = np.flatnonzero(sound)
    x, y = to_wgs84(lon[at], lat[at], crs)
    placed = index.tree.locate_many(x, y)
    grid_index = np.full(len(rows), -1)
    grid_index[at] = placed.index
    on_boundary, snapped = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
    on_boundary[at], snapped[at] = placed.on_boundary, placed.snapped
    distance_m = np.zeros(len(rows))
    distance_m[at] = placed.distance_m
    told = {
        each: _told(index.tree.grids[each], answering)
        for each in np.unique(grid_index).tolist()
        if each >= 0
    }
    for row, good, each, on, near, far in zip(
        rows,
        sound.tolist(),
        grid_index.tolist(),
        on_boundary.tolist(),
        snapped.tolist(),
        distance_m.tolist(),
        strict=True,
    ):
        if each < 0:
            problem = "" if good else _problem(row, at_lon, at_lat)
            yield (*_NOWHERE, problem)
        else:
            grid, owner = told[each]
            yield (*grid, _yes(on), _yes(near), f"{far:.2f}", *owner, "")


def _told(grid: Grid, answering: Answering) -> tuple[tuple[str, ...], tuple[str, ...]]:
    name, role, reason = answering.show(grid.code, answering.owners[grid.code])
    return (
        (grid.code, as_text(grid.name), str(grid.level), grid.parent_code or ""),
        (as_text(name), role, reason),
    )


def _yes(value: bool) -> str:
    return "true" if value else "false"


def _problem(row: Sequence[str], at_lon: int, at_lat: int) -> str:
    """Why a row is of no use, in the words that one position is refused with."""
    values = []
    for name, place in (("lon", at_lon), ("lat", at_lat)):
        cell = row[place].strip() if place < len(row) else ""
        if not cell:
            return f"The {name} is empty."
        try:
            values.append(float(cell))
        except ValueError:
            return as_text(f"The {name} {cell[:30]!r} is not a number.")
        if not math.isfinite(values[-1]):
            return f"{name} must be a finite number of degrees."
    try:
        read_position(values[0], values[1])
    except InvalidInput as error:
        return error.message
    return "lon and lat look swapped."
