"""Where units stood still in a period."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ARRAY, BigInteger, Connection, any_, func, literal, select

from data.schema import changed_days, stops
from gis.local_time import LOCAL
from gis.track import Stop

_DAY = timedelta(days=1)
_LONGEST = timedelta(hours=30)
"""A working day ends at six in the next morning at the latest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standstill:
    """`lon` and `lat` are medians of its fixes (EPSG:4326)."""

    since: datetime
    until: datetime
    lon: float
    lat: float


def stored_stops(
    conn: Connection, unit_ids: Sequence[int], since: datetime, until: datetime
) -> dict[int, list[Standstill]]:
    """As far as they lie in the period, by unit, in the order of time. A unit is missing here while what
    its fixes of that time mean is still to be worked out."""
    ids = literal([*unit_ids], ARRAY(BigInteger))
    first, last = (at.astimezone(LOCAL).date() for at in (since, until))
    behind = select(changed_days.c.unit_id).where(
        changed_days.c.unit_id == any_(ids), changed_days.c.day.between(first - _DAY, last)
    )
    found: dict[int, list[Standstill]] = {unit_id: [] for unit_id in unit_ids}
    for unit_id in conn.scalars(behind):
        found.pop(unit_id, None)
    s = stops.c
    query = (
        select(
            s.unit_id,
            func.greatest(s.from_at, since),
            func.least(s.to_at, until),
            s.lon,
            s.lat,
        )
        .where(
            s.unit_id == any_(literal([*found], ARRAY(BigInteger))),
            s.from_at > since - _LONGEST,
            s.from_at < until,
            s.to_at > since,
        )
        .order_by(s.unit_id, s.from_at)
    )
    for unit_id, begins, ends, lon, lat in conn.execute(query):
        found[unit_id].append(Standstill(since=begins, until=ends, lon=lon, lat=lat))
    return found


def standstills(found: Iterable[Stop]) -> list[Standstill]:
    """Those that an analysis has found."""
    return [
        Standstill(
            since=datetime.fromtimestamp(stop.from_s, UTC),
            until=datetime.fromtimestamp(stop.to_s, UTC),
            lon=stop.lon,
            lat=stop.lat,
        )
        for stop in found
    ]
