"""Standing too long: never further than some way from where the unit came to stand. Pure."""

from collections.abc import Sequence

import msgspec
import numpy as np

from gis.geodesy import distance_m
from patrol.alerts.conditions import Over, Pending, Seen
from patrol.alerts.rules import Rules

_AT_ONCE = 64
"""Somebody who walks is soon away, so it is no use measuring far ahead."""


def stand(
    anchor: Pending | None, seen: Seen, rules: Rules
) -> tuple[Pending | None, Sequence[Over]]:
    """Where the unit stands after the fixes, and what ended on the way. It moves on when it is away by
    more than `still_m`, whatever the fix's accuracy."""
    over: list[Over] = []
    index = 0
    while index < len(seen):
        if anchor is None:
            anchor = _anchor(seen, index)
        part = slice(index, index + _AT_ONCE)
        away_m = distance_m(anchor.lon, anchor.lat, seen.lon[part], seen.lat[part])
        left = np.flatnonzero(away_m - seen.accuracy_m[part] > rules.still_m)
        staying = int(left[0]) if len(left) else len(away_m)
        if staying:
            last_us = int(seen.at_us[index + staying - 1])
            raised = anchor.raised or last_us - anchor.since_us >= rules.still_s * 1e6
            anchor = msgspec.structs.replace(anchor, last_us=last_us, raised=raised)
        index += staying
        if len(left):
            if anchor.raised:
                over.append(Over(pending=anchor, ended_us=int(seen.at_us[index])))
            anchor = _anchor(seen, index)
            index += 1
    return anchor, over


def _anchor(seen: Seen, index: int) -> Pending:
    at_us = int(seen.at_us[index])
    return Pending(
        since_us=at_us, lon=float(seen.lon[index]), lat=float(seen.lat[index]), last_us=at_us
    )
