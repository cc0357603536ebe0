"""Two cases that look like one, and that somebody has found to be two."""

from datetime import datetime

from sqlalchemy import Connection, delete
from sqlalchemy.dialects.postgresql import insert

from data.schema import distinct_cases
from gis.errors import InvalidInput, NotFound, NotPermitted
from patrol.cases.case import Actor, Case
from patrol.cases.listing import require_entry
from patrol.cases.workflow import is_for_merging

_c = distinct_cases.c


def tell_apart(
    conn: Connection, case_id: int, other_id: int, actor: Actor, *, at: datetime
) -> tuple[Case, Case] | None:
    """Say that they are not the same; None when somebody has said so before. It is for whoever merges.

    Raises NotFound when the actor may not see either, InvalidInput, NotPermitted."""
    both = _require_two(conn, case_id, other_id, actor)
    lower, higher = sorted((case_id, other_id))
    said = insert(distinct_cases).values(
        lower_case_id=lower,
        higher_case_id=higher,
        said_at=at,
        said_by_account_id=actor.account_id,
        said_by=actor.name,
    )
    is_new = conn.scalar(said.on_conflict_do_nothing().returning(_c.lower_case_id)) is not None
    return both if is_new else None


def take_back(conn: Connection, case_id: int, other_id: int, actor: Actor) -> tuple[Case, Case]:
    """They may be the same again. Raises NotFound, also when nobody has said that they are not;
    InvalidInput, NotPermitted."""
    both = _require_two(conn, case_id, other_id, actor)
    lower, higher = sorted((case_id, other_id))
    gone = delete(distinct_cases).where(_c.lower_case_id == lower, _c.higher_case_id == higher)
    if conn.execute(gone).rowcount == 0:
        numbers = " and ".join(case.number for case in both)
        raise NotFound(f"Nobody has said that {numbers} are not the same.", field="other")
    return both


def _require_two(conn: Connection, case_id: int, other_id: int, actor: Actor) -> tuple[Case, Case]:
    case, other = (require_entry(conn, each, actor).case for each in (case_id, other_id))
    if case.id == other.id:
        raise InvalidInput("A case is the same as itself; give another one.", field="other")
    if not is_for_merging(actor):
        raise NotPermitted(
            "Whether two cases are the same is for whoever may merge them: ask the dispatch queue.",
            code="not_yours_to_do",
        )
    return case, other
