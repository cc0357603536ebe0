"""Calls for help without a usable place: who presses the button needs help wherever they are."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import numpy as np

from patrol.tracking.duty import Ids, Times
from patrol.tracking.rows import Rows


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Calls:
    """The latest of each unit. It stands at the unit's last known position, if there is any."""

    unit_id: Ids
    at: Times

    @classmethod
    def among(cls, rows: Rows, now: datetime) -> Self | None:
        """Of refused rows in the order of (unit_id, at). None when there are none. A call whose time is
        still to come is one of this moment, or it would stand for as long as the clock is wrong."""
        if not len(rows):
            return None
        last = np.append(rows["unit_id"][1:] != rows["unit_id"][:-1], True)
        clock = np.datetime64(now.astimezone(UTC).replace(tzinfo=None), "us")
        return cls(unit_id=rows["unit_id"][last], at=np.minimum(rows["at"][last], clock))
