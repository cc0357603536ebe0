"""Computed layers for whoever asks, kept for a short time.

Working one out reads everything that is counted, and a map asks for dozens of tiles: what was worked
out is kept for `kept_for`, for the same question of somebody who sees the same. Each answer says as of
when it is, so what is older is never shown as new (docs/decisions/0039).
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from data.database import Database
from data.editions import GridIndexes
from data.scope import Scope, Viewer
from gis.cells import cell_resolution_for
from gis.local_time import LOCAL
from layers.catalog.layer import Layer
from layers.cells.area import area_of
from layers.cells.coverage import cell_coverage
from layers.cells.density import USUAL_RESOLUTION, density_of_points, density_of_time
from layers.cells.hot_spots import hot_spots
from layers.cells.question import Question
from layers.cells.rows import CellRows

_KEPT_FOR = timedelta(minutes=1)
_MOST_KEPT = 32
_NEVER = datetime.min.replace(tzinfo=UTC)

_PIXEL_M = 156_543 / 2 * 0.8
"""Of a tile of zoom 0 that is shown 512 pixels wide, as maps show vector tiles, at about 37 degrees."""
_CELL_PIXELS = 40
_COARSEST, _FINEST = 4, 11


class _Key(NamedTuple):
    layer_id: str
    question: Question
    usual: int
    viewer: str


@dataclass(slots=True)
class _Place:
    """One for each key: who comes while it is worked out waits for it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    rows: CellRows | None = None
    at: datetime = _NEVER


class CellLayers:
    """Safe to share between threads. `now` is a clock."""

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        now: Callable[[], datetime],
        *,
        kept_for: timedelta = _KEPT_FOR,
    ) -> None:
        self._database = database
        self._grid_indexes = grid_indexes
        self._now = now
        self._kept_for = kept_for
        self._places: OrderedDict[_Key, _Place] = OrderedDict()
        self._lock = threading.Lock()

    def rows(
        self,
        layer: Layer,
        question: Question,
        viewer: Viewer,
        *,
        source: Layer | None,
        zoom: int | None = None,
        fresh: bool = False,
        conn: Connection | None = None,
    ) -> CellRows:
        """`source` is the layer that is counted, which the caller may look at; None: where units were.
        For a tile, `zoom` tells how large a cell of the density is. A `fresh` answer is worked out now.
        `conn` is in a transaction of this viewer; without one it takes one of its own.

        Raises InvalidInput, NotFound and NotPermitted as `layers.cells` does.
        """
        usual = USUAL_RESOLUTION if zoom is None else resolution_of_zoom(zoom)
        key = _Key(layer.id, question, usual if layer.id == "density" else 0, viewer.to_setting())
        with self._lock:
            place = self._places.setdefault(key, _Place())
            self._places.move_to_end(key)
            if len(self._places) > _MOST_KEPT:
                self._places.popitem(last=False)
        with place.lock:
            now = self._now()
            if fresh or place.rows is None or now - place.at > self._kept_for:
                with nullcontext(conn) if conn else self._database.begin(viewer) as own:
                    place.rows = self._work_out(
                        own,
                        layer=layer,
                        question=question,
                        scope=viewer.scope,
                        source=source,
                        usual=usual,
                        now=now,
                    )
                place.at = now
            return place.rows

    def _work_out(
        self,
        conn: Connection,
        *,
        layer: Layer,
        question: Question,
        scope: Scope,
        source: Layer | None,
        usual: int,
        now: datetime,
    ) -> CellRows:
        area = area_of(conn, self._grid_indexes, scope, question.grid)
        if source is None:
            as_of = _tracks_as_of(conn, question, now)
            if layer.id == "coverage":
                return cell_coverage(conn, question, area=area, now=now, as_of=as_of)
            return density_of_time(conn, question, area=area, usual=usual, now=now, as_of=as_of)
        if layer.id == "hotspots":
            return hot_spots(conn, source, question, area=area, as_of=now)
        within = None if question.grid is None else area
        return density_of_points(conn, source, question, area=within, usual=usual, as_of=now)


def resolution_of_zoom(zoom: int) -> int:
    """Of which a cell is about 40 pixels across."""
    fitting = cell_resolution_for(_CELL_PIXELS * _PIXEL_M / (1 << zoom))
    return min(max(fitting, _COARSEST), _FINEST)


def _tracks_as_of(conn: Connection, question: Question, now: datetime) -> datetime:
    """Fixes that arrived after it may not be worked out yet."""
    since, until = question.period(now)
    first, last = since.astimezone(LOCAL).date(), until.astimezone(LOCAL).date()
    oldest: datetime | None = conn.scalar(select(func.facts_as_of(first - timedelta(days=1), last)))
    return now if oldest is None else min(oldest, now)
