"""What a plan asks to reach, and what tracks make of it in its rounds. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from shapely import MultiLineString

from data.tracks.segments import Bounds, Vertices, bounds_around
from gis.cells import Cells, cell_centre
from gis.coverage import cells_along
from gis.roads import Pieces, cut_into_pieces, pieces_along
from patrol.plans.checkpoints import Checkpoint
from patrol.plans.rhythm import Round
from patrol.plans.rounds import (
    Demand,
    Reached,
    RoundResult,
    Stay,
    result_at_points,
    result_of_parts,
)
from patrol.tracks.nearby import passages_by_unit

Place = tuple[float, float]
"""Lon and lat."""

Read = Callable[[Bounds], Vertices]
"""The tracks in a box that count, for all the time of the rounds."""


class Targets(Protocol):
    """They are numbered from 0. What happens outside the `bounds` does not matter for them. Of parts
    there are no `checkpoints`."""

    @property
    def bounds(self) -> Bounds: ...

    @property
    def checkpoints(self) -> Sequence[Checkpoint]: ...

    def place(self, number: int) -> Place:
        """Where one of them is."""
        ...

    def results(self, rounds: Sequence[Round], demand: Demand, read: Read) -> list[RoundResult]: ...


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PointTargets:
    """In the order of the plan; at least one."""

    checkpoints: Sequence[Checkpoint]

    @property
    def bounds(self) -> Bounds:
        boxes = np.array([bounds_around(one.place, one.radius_m) for one in self.checkpoints])
        west, south = boxes[:, :2].min(axis=0).tolist()
        east, north = boxes[:, 2:].max(axis=0).tolist()
        return west, south, east, north

    def place(self, number: int) -> Place:
        return self.checkpoints[number].place

    def results(self, rounds: Sequence[Round], demand: Demand, read: Read) -> list[RoundResult]:
        period_s = (
            min(each.begins_at for each in rounds).timestamp(),
            max(each.ends_at for each in rounds).timestamp(),
        )
        stays = [
            [
                Stay(from_s=passage.from_s, to_s=passage.to_s, unit_id=unit_id)
                for unit_id, passages in passages_by_unit(
                    read(bounds_around(one.place, one.radius_m)), one.place, one.radius_m, period_s
                ).items()
                for passage in passages
            ]
            for one in self.checkpoints
        ]
        dwell_s = [one.dwell_s for one in self.checkpoints]
        return [result_at_points(each, stays, dwell_s, demand) for each in rounds]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CellTargets:
    cells: Cells
    resolution: int
    bounds: Bounds

    @property
    def checkpoints(self) -> Sequence[Checkpoint]:
        return ()

    def place(self, number: int) -> Place:
        return cell_centre(int(self.cells[number]))

    def results(self, rounds: Sequence[Round], demand: Demand, read: Read) -> list[RoundResult]:
        track = read(self.bounds)
        found = cells_along(
            track.t_s, track.lon, track.lat, line=track.line, resolution=self.resolution
        )
        counts = np.isin(found.cell, self.cells)
        t_s = found.t_s[counts]
        reached = Reached(
            part=found.cell[counts],
            from_s=t_s,
            to_s=t_s,
            unit_id=track.unit_id[found.after[counts]],
        )
        return [result_of_parts(each, reached, self.cells, demand) for each in rounds]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RoadTargets:
    """Pieces of roads; whoever comes within `width_m` of the middle of one has reached it."""

    pieces: Pieces
    width_m: float
    bounds: Bounds

    @classmethod
    def of(cls, roads: MultiLineString, width_m: float) -> "RoadTargets":
        west, south, east, north = roads.bounds
        low, high = bounds_around((west, south), width_m), bounds_around((east, north), width_m)
        return cls(pieces=cut_into_pieces(roads), width_m=width_m, bounds=(*low[:2], *high[2:]))

    @property
    def checkpoints(self) -> Sequence[Checkpoint]:
        return ()

    def place(self, number: int) -> Place:
        return self.pieces.place(number)

    def results(self, rounds: Sequence[Round], demand: Demand, read: Read) -> list[RoundResult]:
        track = read(self.bounds)
        found = pieces_along(
            track.t_s,
            track.lon,
            track.lat,
            line=track.line,
            pieces=self.pieces,
            width_m=self.width_m,
        )
        reached = Reached(
            part=found.piece,
            from_s=found.from_s,
            to_s=found.to_s,
            unit_id=track.unit_id[found.after],
        )
        required = np.arange(len(self.pieces))
        return [result_of_parts(each, reached, required, demand) for each in rounds]
