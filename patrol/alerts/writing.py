"""Writing alerts, in the transaction of whoever found them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from data.sql import load_sql
from patrol.alerts.alert import Episode, Kind, Stored
from patrol.alerts.calls import join_calls
from patrol.alerts.progress import Span
from patrol.alerts.reconciling import Changes, reconcile
from patrol.alerts.shifts import FOR_EVER

_SQL = load_sql("patrol.alerts", "alerts.sql")

LATE_AFTER = timedelta(hours=1)
"""What was over for so long when it became known is recorded, but nobody is roused for it."""

_EPISODE = ("unit_id", "kind", "area_id", "begun_at", "last_at", "ended_at", "lon", "lat")


async def write_calls(
    conn: AsyncConnection, calls: Sequence[Episode], *, now: datetime, within_s: float
) -> None:
    """Raise an alert for each new call for help, or make those longer that it belongs to. The lock of
    positions is held."""
    within = timedelta(seconds=within_s)
    spans = [
        (unit_id, min(of_unit) - within, FOR_EVER)
        for unit_id, of_unit in _times_by_unit(calls).items()
    ]
    known = await read_stored(conn, spans, [Kind.SOS])
    standing = [alert.episode for alert in known if not alert.withdrawn]
    joined = join_calls([*standing, *calls], now=now, within_s=within_s)
    await write(conn, reconcile(known, joined), now)


async def read_stored(
    conn: AsyncConnection, spans: Sequence[Span], kinds: Sequence[Kind]
) -> list[Stored]:
    """The alerts of these kinds that are about any of these times, withdrawn ones too; nobody else can
    change them until the transaction ends."""
    unit_ids, since, until = (
        ([*column] for column in zip(*spans, strict=True)) if spans else ([], [], [])
    )
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            _SQL["stored_alerts"],
            {"unit_id": unit_ids, "since": since, "until": until, "kinds": [*kinds]},
        )
        found = {row["id"]: row for row in await cursor.fetchall()}
    return [_stored(row) for row in found.values()]


async def write(conn: AsyncConnection, changes: Changes, now: datetime) -> None:
    """Write the changes and wake up whoever watches. The lock of positions is held."""
    if changes.withdrawn:
        await conn.execute(_SQL["withdraw_alerts"], {"id": [*changes.withdrawn]})
    if changes.amended:
        ids = [alert_id for alert_id, _ in changes.amended]
        columns = _columns(episode for _, episode in changes.amended)
        await conn.execute(_SQL["amend_alerts"], {"id": ids, **columns})
    if changes.begun:
        columns = _columns(changes.begun)
        await conn.execute(_SQL["begin_alerts"], {**columns, "late_before": now - LATE_AFTER})
    if changes:
        await conn.execute(_SQL["notify"])


def _times_by_unit(calls: Iterable[Episode]) -> Mapping[int, Sequence[datetime]]:
    times: dict[int, list[datetime]] = {}
    for call in calls:
        times.setdefault(call.unit_id, []).append(call.begun_at)
    return times


def _columns(episodes: Iterable[Episode]) -> dict[str, list[Any]]:
    listed = list(episodes)
    columns: dict[str, list[Any]] = {
        name: [getattr(episode, name) for episode in listed] for name in _EPISODE
    }
    columns["details"] = [json.dumps(dict(episode.details)) for episode in listed]
    return columns


def _stored(row: dict[str, Any]) -> Stored:
    known = {name: row[name] for name in _EPISODE}
    return Stored(
        id=row["id"],
        episode=Episode(**{**known, "kind": Kind(row["kind"])}),
        acted_on=row["acted_on"],
        withdrawn=row["withdrawn"],
    )
