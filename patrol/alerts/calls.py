"""Calls for help. A call is a run of SOS fixes of one unit, each at most so long after the one before.

Calls are joined whenever a fix falls between them, so they are a function of the set of SOS fixes
(single linkage in one dimension), and the ends of each are all that has to be remembered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from patrol.alerts.alert import Episode, Kind
from patrol.tracking.calls import Calls
from patrol.tracking.latest import Positions
from patrol.tracking.rows import Rows


def calls_in(rows: Rows) -> list[Episode]:
    """Each SOS fix as a call of its own."""
    return [
        Episode(
            unit_id=int(row["unit_id"]),
            kind=Kind.SOS,
            begun_at=(at := row["at"].item().replace(tzinfo=UTC)),
            last_at=at,
            lon=float(row["lon"]),
            lat=float(row["lat"]),
        )
        for row in rows[rows["sos"]]
    ]


def calls_without_place(calls: Calls, positions: Positions) -> list[Episode]:
    """The same of calls that came without a place: they stand at the unit's position, if it has one."""
    known = positions[~np.isnat(positions["at"])]
    places = dict(
        zip(
            known["unit_id"].tolist(),
            zip(known["lon"].tolist(), known["lat"].tolist(), strict=True),
            strict=True,
        )
    )
    episodes = []
    for unit_id, at in zip(calls.unit_id.tolist(), calls.at.tolist(), strict=True):
        lon, lat = places.get(unit_id, (None, None))
        called_at = at.replace(tzinfo=UTC)
        episodes.append(
            Episode(
                unit_id=unit_id,
                kind=Kind.SOS,
                begun_at=called_at,
                last_at=called_at,
                lon=lon,
                lat=lat,
            )
        )
    return episodes


def join_calls(calls: Iterable[Episode], *, now: datetime, within_s: float) -> list[Episode]:
    """The calls with those joined that are at most `within_s` apart. One is over so long after its last
    fix; only the last of a unit can still last."""
    within = timedelta(seconds=within_s)
    joined: list[Episode] = []
    for call in sorted(calls, key=lambda call: (call.unit_id, call.begun_at)):
        before = joined[-1] if joined else None
        if before is None or before.unit_id != call.unit_id:
            joined.append(call)
        elif call.begun_at - before.last_at <= within:
            joined[-1] = replace(before, last_at=max(before.last_at, call.last_at))
        else:
            joined.append(call)
    return [
        replace(call, ended_at=end if end <= now or _has_later(joined, index) else None)
        for index, call in enumerate(joined)
        for end in (call.last_at + within,)
    ]


def _has_later(calls: Sequence[Episode], index: int) -> bool:
    return index + 1 < len(calls) and calls[index + 1].unit_id == calls[index].unit_id
