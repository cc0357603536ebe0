"""Telling whom another edition of the grids gave open cases, and from whom it took them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from gis.tree import GridTree
from patrol.cases.case import Case
from patrol.duty.desk import dispatchers_of
from patrol.duty.ownership import chief_of
from patrol.notices import NoticeKind, about_cases, tell

_Whom = tuple[NoticeKind, int, str | None]
"""What somebody hears, who it is, and the detail."""


def tell_of_new_owners(
    conn: Connection,
    edition_id: int,
    pairs: Sequence[tuple[Case, Case]],
    tree: GridTree,
    at: datetime,
) -> None:
    """Of each case as it was and is: one notice for each person and direction, with how many there are.
    Of what nobody owns now the desk hears, or the chief where nobody dispatches."""
    told: dict[_Whom, list[Case]] = defaultdict(list)
    desks: dict[str | None, frozenset[int]] = {}
    for before, after in pairs:
        if before.owner_id == after.owner_id:
            continue
        if before.owner_id is not None:
            told[NoticeKind.CASES_PASSED_ON, before.owner_id, None].append(after)
        if after.owner_id is not None:
            told[NoticeKind.CASES_RECEIVED, after.owner_id, None].append(after)
            continue
        code = after.placement.grid_code
        if code not in desks:
            desks[code] = _desk(conn, tree, code, at)
        for staff_id in desks[code]:
            told[NoticeKind.CASES_RECEIVED, staff_id, "desk"].append(after)
    notices = [
        about_cases(
            kind,
            staff_id=staff_id,
            count=len(cases),
            fact=f"edition {edition_id}",
            detail=detail,
            urgent=any(case.urgent for case in cases),
        )
        for (kind, staff_id, detail), cases in told.items()
    ]
    tell(conn, notices, at)


def _desk(conn: Connection, tree: GridTree, code: str | None, at: datetime) -> frozenset[int]:
    chain = [] if code is None else [grid.code for grid in tree.chain(code)]
    desk = dispatchers_of(conn, chain, at)
    chief = chief_of(conn, chain, at).staff_id
    return desk or frozenset([] if chief is None else [chief])
