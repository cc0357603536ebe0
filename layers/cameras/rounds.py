"""Video rounds (视频轮巡): cameras one after another, round the clock.

Which one plays when follows from the round and the time alone, so that every screen shows the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Row, delete, insert, select, text

from data.schema import video_rounds
from data.sql import load_sql
from gis.errors import InvalidInput, NotFound
from layers.cameras.store import find_cameras

MOST_STOPS = 500
_SQL = load_sql("layers.cameras", "cameras.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundStop:
    """A camera, by its code, and for how long it plays."""

    camera: str
    dwell_s: int


@dataclass(frozen=True, kw_only=True, slots=True)
class VideoRound:
    """`begins_at` is when its first camera plays for the first time; it goes round ever since."""

    id: int
    name: str
    stops: tuple[RoundStop, ...]
    begins_at: datetime

    @property
    def lasts_s(self) -> int:
        return sum(stop.dwell_s for stop in self.stops)


@dataclass(frozen=True, kw_only=True, slots=True)
class Showing:
    camera: str
    from_at: datetime
    to_at: datetime


def schedule(one: VideoRound, at: datetime, count: int) -> list[Showing]:
    """What plays at `at`, and the `count - 1` cameras after it."""
    into_s = (at - one.begins_at) // timedelta(seconds=1) % one.lasts_s
    # From the whole second, counted from begins_at, that the round came to its first camera.
    begins = one.begins_at + timedelta(
        seconds=(at - one.begins_at) // timedelta(seconds=1) - into_s
    )
    index = 0
    while into_s >= one.stops[index].dwell_s:
        into_s -= one.stops[index].dwell_s
        begins += timedelta(seconds=one.stops[index].dwell_s)
        index += 1
    showings = []
    for step in range(count):
        stop = one.stops[(index + step) % len(one.stops)]
        ends = begins + timedelta(seconds=stop.dwell_s)
        showings.append(Showing(camera=stop.camera, from_at=begins, to_at=ends))
        begins = ends
    return showings


def cameras_along(conn: Connection, line: BaseGeometry, within_m: float) -> list[str]:
    """The codes of the cameras near a line (EPSG:4326), as one comes past them."""
    return list(
        conn.scalars(
            text(_SQL["along"]), {"line": line.wkt, "within_m": within_m, "count": MOST_STOPS + 1}
        )
    )


def insert_round(
    conn: Connection, name: str, stops: Sequence[RoundStop], begins_at: datetime
) -> VideoRound:
    """Raises InvalidInput for no stops, too many, or a camera that there is not."""
    if not 0 < len(stops) <= MOST_STOPS:
        raise InvalidInput(
            f"A round has 1 to {MOST_STOPS} cameras, not {len(stops)}.", field="stops"
        )
    codes = [stop.camera for stop in stops]
    missing = sorted(set(codes) - find_cameras(conn, codes).keys())
    if missing:
        raise InvalidInput(f"There is no camera {missing[0]}.", field="stops")
    row = conn.execute(
        insert(video_rounds)
        .values(
            name=name,
            stops=[{"camera": stop.camera, "dwell_s": stop.dwell_s} for stop in stops],
            begins_at=begins_at,
        )
        .returning(video_rounds)
    ).one()
    return _round(row)


def list_rounds(conn: Connection) -> list[VideoRound]:
    return [_round(row) for row in conn.execute(select(video_rounds).order_by(video_rounds.c.id))]


def find_round(conn: Connection, round_id: int) -> VideoRound:
    """Raises NotFound."""
    row = conn.execute(select(video_rounds).where(video_rounds.c.id == round_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no video round {round_id}.", field="id")
    return _round(row)


def delete_round(conn: Connection, round_id: int) -> VideoRound:
    """Raises NotFound."""
    found = find_round(conn, round_id)
    conn.execute(delete(video_rounds).where(video_rounds.c.id == round_id))
    return found


def _round(row: Row[*tuple[Any, ...]]) -> VideoRound:
    stops = tuple(RoundStop(camera=each["camera"], dwell_s=each["dwell_s"]) for each in row.stops)
    return VideoRound(id=row.id, name=row.name, stops=stops, begins_at=row.begins_at)
