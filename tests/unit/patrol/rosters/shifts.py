"""A roster in the least data: three teams take turns round the clock of 1+2."""

from datetime import UTC, date, datetime, time
from typing import Any

from gis.local_time import LOCAL, Window
from patrol.rosters.roster import NewRoster, Team
from patrol.rosters.rotation import Rotation

TEAMS = (
    Team(name="A", leader=1, members=(2, 3)),
    Team(name="B", leader=4, members=(5, 6)),
    Team(name="C", leader=7, members=(8, 9)),
)


def at(local: str) -> datetime:
    """An hour of 2026-11: `at("27 08:00")`."""
    return datetime.fromisoformat(f"2026-11-{local}").replace(tzinfo=LOCAL).astimezone(UTC)


def roster(**fields: Any) -> NewRoster:
    rotation = Rotation(
        shifts=tuple(
            Window(begins=time(begin), ends=time((begin + 8) % 24)) for begin in (8, 16, 0)
        ),
        cycle=(("A", "B", "C"), ("B", "C", "A"), ("C", "A", "B")),
        begins_on=date(2026, 11, 27),
    )
    values: dict[str, Any] = {
        "name": "值班",
        "grid_code": "E",
        "rotation": rotation,
        "teams": TEAMS,
        "valid_from": at("27 00:00"),
        "valid_to": None,
        **fields,
    }
    return NewRoster(**values)
