"""Where and when segments of tracks have come out differently since somebody looked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Connection, any_, delete, literal, or_, select

from data.schema import renewed_tracks, units
from data.tracks.segments import Bounds


@dataclass(frozen=True, kw_only=True, slots=True)
class RenewedTrack:
    """Of a unit (`units.id`) with a role, in a box, from `since` to `until`."""

    id: int
    unit_id: int
    role: str
    since: datetime
    until: datetime
    bounds: Bounds

    def meets(self, bounds: Bounds) -> bool:
        west, south, east, north = self.bounds
        return west <= bounds[2] and east >= bounds[0] and south <= bounds[3] and north >= bounds[1]


def read_renewed(conn: Connection, since: datetime) -> list[RenewedTrack]:
    """Those that concern a time after `since`."""
    r = renewed_tracks.c
    query = (
        select(r.id, r.unit_id, units.c.role, r.since, r.until, r.west, r.south, r.east, r.north)
        .select_from(renewed_tracks.join(units, units.c.id == r.unit_id))
        .where(r.until > since)
    )
    return [
        RenewedTrack(
            id=row.id,
            unit_id=row.unit_id,
            role=row.role,
            since=row.since,
            until=row.until,
            bounds=(row.west, row.south, row.east, row.north),
        )
        for row in conn.execute(query)
    ]


def forget_renewed(conn: Connection, seen: Collection[RenewedTrack], since: datetime) -> None:
    """Those that somebody has looked at, and all that concern no time after `since`."""
    ids = literal([each.id for each in seen], ARRAY(BigInteger))
    r = renewed_tracks.c
    conn.execute(delete(renewed_tracks).where(or_(r.id == any_(ids), r.until <= since)))
