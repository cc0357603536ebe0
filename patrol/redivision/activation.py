"""Putting an edition in force: the grids, their lineage and the open cases in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from data.audit import Who, record
from data.editions import Edition, EditionState, activate, active_edition_id, read_grids
from data.editions.changes import lock_edition
from data.editions.lineage import insert_lineage
from data.editions.service import require_edition
from data.editions.store import lock_editions
from gis.redivision import compare
from gis.tree import GridTree
from patrol.redivision.cases import Reattribution, reattribute


@dataclass(frozen=True, kw_only=True, slots=True)
class PutInForce:
    edition: Edition
    cases: Reattribution


def put_in_force(
    conn: Connection,
    edition_id: int,
    who: Who,
    *,
    at: datetime,
    accept_reason: str | None = None,
    replaces: int | None = None,
) -> PutInForce:
    """Retire the edition before it, write what became of its grids, give the open cases theirs, and put
    that on the record. What is active already stays as it is.

    The transaction's viewer has to see every case. Raises what `data.editions.activate` raises.
    """
    lock_editions(conn)
    lock_edition(conn, edition_id)
    if require_edition(conn, edition_id).state is EditionState.ACTIVE:
        nothing = Reattribution(cases=0, moved=0, reassigned=0)
        return PutInForce(edition=require_edition(conn, edition_id), cases=nothing)
    previous_id = active_edition_id(conn)
    edition = activate(conn, edition_id, at=at, accept_reason=accept_reason, replaces=replaces)
    grids = [row.grid for row in read_grids(conn, edition_id)]
    if previous_id is not None:
        before = [row.grid for row in read_grids(conn, previous_id)]
        insert_lineage(
            conn,
            compare(before, grids).links,
            from_edition_id=previous_id,
            to_edition_id=edition_id,
        )
    cases = reattribute(
        conn,
        edition_id,
        lambda: GridTree(grids),  # not kept: the transaction may yet be rolled back
        at=at,
        note=f"网格调整 / grid edition {edition.name}",
    )
    record(
        conn,
        who,
        "edition.activate",
        f"edition {edition.name}",
        reason=edition.accepted_reason,
        details={
            "id": edition.id,
            "previous": previous_id,
            "base": edition.base,
            "from": at.isoformat(),
            "cases": cases.cases,
            "moved": cases.moved,
            "reassigned": cases.reassigned,
        },
    )
    return PutInForce(edition=edition, cases=cases)
