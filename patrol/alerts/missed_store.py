"""Alerts about rounds of patrol plans, as they are stored: one for each round of a plan."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, Connection, DateTime, any_, case, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from data.schema import alerts
from patrol.alerts.missed import Missed, StoredMissed, is_news
from patrol.alerts.writing import LATE_AFTER
from patrol.tracking.positions import announce, lock_positions

_A = alerts.c


def tell(
    conn: Connection, plan_id: int, rounds: Mapping[datetime, Missed | None], now: datetime
) -> None:
    """What is known of rounds, by their beginnings: of those that were not done somebody is told, and
    of those that were done after all it is withdrawn. What somebody did about an alert stays."""
    told = _stored(conn, plan_id, rounds)
    news = {at: missed for at, missed in rounds.items() if is_news(told.get(at), missed)}
    if not news:
        return
    lock_positions(conn)
    for round_at, missed in news.items():
        if missed is None:
            _withdraw(conn, plan_id, round_at, now)
        else:
            _raise(conn, plan_id, round_at, missed, now)


def end_old(conn: Connection, begun_by: datetime, after: timedelta) -> None:
    """Alerts that nobody acknowledged end so long `after` the round, if it was over by then."""
    old = (_A.plan_id.is_not(None), ~_A.withdrawn, _A.ended_at.is_(None), _A.begun_at <= begun_by)
    if conn.scalar(select(select(_A.id).where(*old).exists())):
        lock_positions(conn)
        conn.execute(
            update(alerts).where(*old).values(ended_at=_A.begun_at + after, seq=announce(conn))
        )


def _stored(
    conn: Connection, plan_id: int, rounds: Mapping[datetime, Missed | None]
) -> dict[datetime, StoredMissed]:
    wanted = any_(literal([*rounds], ARRAY(DateTime(timezone=True))))
    query = select(alerts).where(_A.plan_id == plan_id, _A.round_at == wanted)
    return {
        row.round_at: StoredMissed(
            place=(row.lon, row.lat),
            details=row.details,
            withdrawn=row.withdrawn,
        )
        for row in conn.execute(query)
    }


def _raise(
    conn: Connection, plan_id: int, round_at: datetime, missed: Missed, now: datetime
) -> None:
    lon, lat = missed.place
    new = insert(alerts).values(
        plan_id=plan_id,
        round_at=round_at,
        kind=missed.kind.value,
        begun_at=missed.ended_at,
        last_at=missed.ended_at,
        lon=lon,
        lat=lat,
        details=dict(missed.details),
        late=missed.ended_at < now - LATE_AFTER,
        seq=announce(conn),
    )
    changed = {name: new.excluded[name] for name in ("lon", "lat", "details", "seq")}
    # One that was withdrawn wants attention again, unless somebody has acknowledged it.
    ended_at = case((_A.acknowledged_at.is_not(None), _A.ended_at))
    conn.execute(
        new.on_conflict_do_update(
            index_elements=[_A.plan_id, _A.round_at],
            set_={**changed, "withdrawn": False, "ended_at": ended_at},
        )
    )


def _withdraw(conn: Connection, plan_id: int, round_at: datetime, now: datetime) -> None:
    conn.execute(
        update(alerts)
        .where(_A.plan_id == plan_id, _A.round_at == round_at)
        .values(
            withdrawn=True,
            ended_at=func.coalesce(_A.ended_at, now),
            seq=announce(conn),
        )
    )
