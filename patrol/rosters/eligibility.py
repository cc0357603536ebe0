"""Who may stand in a team: whoever holds a post there, and does not stand somewhere else then."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import lcm

from sqlalchemy import Connection

from data.scope import Scope
from gis.errors import Conflict, InvalidInput
from gis.local_time import LOCAL
from gis.tree import GridTree
from patrol.duty.appointments import holders_among
from patrol.rosters.roster import NewRoster, Roster, rosters_of_any
from patrol.rosters.shift import Shift, Substitution, first_clash, shifts_between
from patrol.rosters.substitutions import read_substitutions

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Area:
    """Whose posts count: in these grids and, with `town_wide`, those for the whole town."""

    codes: frozenset[str]
    town_wide: bool


def area_of(tree: GridTree, grid_code: str, scope: Scope) -> Area:
    """The grid, those below it, and those above it with whoever works for the whole town: an officer or
    a cadre leads a team too. Of all these what `scope` covers, so that nobody puts up somebody whom
    they do not see."""
    around = tree.subtree([grid_code]) | {grid.code for grid in tree.ancestors(grid_code)}
    return Area(
        codes=frozenset(code for code in around if scope.covers(code)),
        town_wide=scope.is_everything,
    )


def require_posts(
    conn: Connection, people: Iterable[int], area: Area, at: datetime, *, field: str
) -> None:
    """Raises InvalidInput that names who holds no post there at an instant."""
    wanted = sorted({*people})
    holders = holders_among(conn, wanted, area.codes, town_wide=area.town_wide, at=at)
    if missing := [f"{each}" for each in wanted if each not in holders]:
        raise InvalidInput(
            f"The staff number {', '.join(missing)} holds no post in this grid, below or above it on "
            f"{at.astimezone(LOCAL):%Y-%m-%d}; GET /api/v1/staff lists who does.",
            code="no_post",
            field=field,
        )


def require_free(conn: Connection, new: NewRoster) -> None:
    """Raises Conflict that names whoever of a new roster stands in another team at the same time."""
    others = rosters_of_any(conn, new.people)
    made = read_substitutions(conn, [each.id for each in others])
    for other in others:
        own = [one for one in made if one.roster_id == other.id]
        # By the rotations, until both begin anew together; then where there is an exception.
        since = max(new.valid_from, other.valid_from) - _DAY
        both_anew = lcm(len(new.rotation.cycle), len(other.rotation.cycle)) + 2
        _require_apart(new, other, [], since, since + both_anew * _DAY)
        for begins_at in sorted({one.begins_at for one in own}):
            _require_apart(new, other, own, begins_at - _DAY, begins_at + _DAY)


def require_free_for(conn: Connection, substitute_id: int, shift: Shift) -> None:
    """Raises Conflict when they stand in another shift at the time of this one."""
    others = rosters_of_any(conn, [substitute_id])
    since, until = shift.begins_at - _DAY, shift.ends_at
    made = read_substitutions(conn, [each.id for each in others], since, until)
    for other in others:
        own = [one for one in made if one.roster_id == other.id]
        for beside in shifts_between(other, own, since, until):
            if substitute_id in beside.people and beside.ends_at > shift.begins_at:
                raise _stands_twice(substitute_id, beside, other, "substitute")


def _require_apart(
    new: NewRoster, other: Roster, made: list[Substitution], since: datetime, until: datetime
) -> None:
    clash = first_clash(
        [*shifts_between(new, (), since, until), *shifts_between(other, made, since, until)]
    )
    if clash is not None:
        raise _stands_twice(*clash, other, "teams")


def _stands_twice(person: int, shift: Shift, other: Roster, field: str) -> Conflict:
    begins_at, ends_at = (each.astimezone(LOCAL) for each in (shift.begins_at, shift.ends_at))
    return Conflict(
        f"The staff number {person} stands in another team at the same time, by roster {other.id}: "
        f"{begins_at:%Y-%m-%d %H:%M} to {ends_at:%H:%M}. Nobody can be in two; name somebody else.",
        code="stands_twice",
        field=field,
    )
