"""Who works in the town: chiefs, workers and their deputies, officers, vehicles and the town hall."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from data.demo.departments import DEPARTMENTS
from data.demo.names import person_names
from gis.grid import Grid

INSPECTORS, LIAISONS, PATROLLERS, ENFORCEMENT_OFFICERS, VEHICLES = 8, 8, 12, 12, 4
DISPATCHERS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """`grid_code` is None for the whole town; `department` is that of a handler."""

    role: str
    grid_code: str | None
    is_deputy: bool = False
    department: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffMember:
    """The first of `posts` is the main one. Phone numbers are of a form that nobody is given."""

    name: str
    phone: str
    posts: tuple[Post, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoUnit:
    """What reports positions. `staff` is an index into the town's staff, None for a vehicle."""

    code: str
    kind: str
    name: str
    role: str
    staff: int | None
    grid_code: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Workforce:
    staff: tuple[StaffMember, ...]
    units: tuple[DemoUnit, ...]


def hire(level_1: Sequence[Grid], level_2: Sequence[Grid], rng: np.random.Generator) -> Workforce:
    """One chief for each level-1 and one worker for each level-2 grid, and those above and beside."""
    names = person_names(rng)
    staff: list[StaffMember] = []
    units: list[DemoUnit] = []
    for prefix, posts in _openings(level_1, level_2):
        phone = f"1990000{len(staff) + 1:04d}"
        staff.append(StaffMember(name=next(names), phone=phone, posts=posts))
        if prefix is not None:
            number = sum(unit.code.startswith(prefix) for unit in units) + 1
            units.append(
                DemoUnit(
                    code=f"{prefix}-{number:02d}",
                    kind="person",
                    name=staff[-1].name,
                    role=posts[0].role,
                    staff=len(staff) - 1,
                    grid_code=posts[0].grid_code,
                )
            )
    for number in range(1, VEHICLES + 1):
        units.append(
            DemoUnit(
                code=f"VH-{number:02d}",
                kind="vehicle",
                name=f"执法车{number:02d}",
                role="enforcement_officer",
                staff=None,
                grid_code=None,
            )
        )
    return Workforce(staff=tuple(staff), units=tuple(units))


def _openings(
    level_1: Sequence[Grid], level_2: Sequence[Grid]
) -> Iterator[tuple[str | None, tuple[Post, ...]]]:
    """The prefix of the unit's code (None: no unit) and the posts of each person."""
    children = {
        parent.code: [g.code for g in level_2 if g.parent_code == parent.code] for parent in level_1
    }
    for parent in level_1:
        yield "GC", (Post(role="grid_chief", grid_code=parent.code),)
    for parent in level_1:
        mine = children[parent.code]
        for index, code in enumerate(mine):
            posts = [Post(role="grid_worker", grid_code=code)]
            # Neighbours stand in for each other, and the first of them for the chief.
            if len(mine) > 1:
                beside = mine[(index + 1) % len(mine)]
                posts.append(Post(role="grid_worker", grid_code=beside, is_deputy=True))
            if index == 0:
                posts.append(Post(role="grid_chief", grid_code=parent.code, is_deputy=True))
            yield "GW", tuple(posts)
    for number in range(INSPECTORS):
        watched = level_1[number::INSPECTORS]
        yield "IN", tuple(Post(role="inspector", grid_code=grid.code) for grid in watched)
    for prefix, role, count in (("LI", "liaison", LIAISONS), ("PA", "patroller", PATROLLERS)):
        for number in range(count):
            home = level_1[number * len(level_1) // count]
            yield prefix, (Post(role=role, grid_code=home.code),)
    for _ in range(ENFORCEMENT_OFFICERS):
        yield "EO", (Post(role="enforcement_officer", grid_code=None),)
    for _ in range(DISPATCHERS):
        yield None, (Post(role="dispatcher", grid_code=None),)
    for department in DEPARTMENTS:
        for _ in range(department.handlers):
            code = department.code
            yield None, (Post(role="department_handler", grid_code=None, department=code),)
