"""The duty roster of the town's middle: three teams of 1+N in turns round the clock.

It is stored as `patrol.rosters` reads it, which `data` must not import; a test reads it there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from data.demo.people import StaffMember
from gis.grid import Grid

_SHIFTS = (("08:00", "16:00"), ("16:00", "00:00"), ("00:00", "08:00"))
_TEAMS = ("一组", "二组", "三组")


def duty_roster(
    grid: Grid, staff: Sequence[StaffMember], staff_ids: Sequence[int]
) -> Mapping[str, Any]:
    """The columns of a roster but for its dates. The chief of the grid leads the first team and officers
    the others; everybody else who works there first of all is shared out among them."""
    main = [(member.posts[0], number) for member, number in zip(staff, staff_ids, strict=True)]
    there = [
        (post.role, number)
        for post, number in main
        if post.grid_code is not None and post.grid_code.startswith(grid.code)
    ]
    chiefs = [number for role, number in there if role == "grid_chief"]
    officers = [number for post, number in main if post.role == "enforcement_officer"]
    others = [number for role, number in there if role != "grid_chief"]
    leaders = [*chiefs, *officers[: len(_TEAMS) - 1]]
    return {
        "name": f"{grid.name}昼夜值班",
        "grid_code": grid.code,
        "shifts": [{"from": begins, "to": ends} for begins, ends in _SHIFTS],
        "teams": [
            {"name": name, "people": [leader, *others[number :: len(_TEAMS)]]}
            for number, (name, leader) in enumerate(zip(_TEAMS, leaders, strict=True))
        ],
        "cycle": [[*_TEAMS[day:], *_TEAMS[:day]] for day in range(len(_TEAMS))],
    }
