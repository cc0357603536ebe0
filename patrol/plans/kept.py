"""Results of rounds that are over, kept for figures of many plans over a long time."""

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from data.schema import round_results
from patrol.plans.rounds import RoundResult


def keep_result(conn: Connection, plan_id: int, result: RoundResult) -> None:
    """As it is known now, in place of what was known before."""
    known = {
        "ends_at": result.round.ends_at,
        "required": result.covered.required,
        "reached": result.covered.reached,
    }
    keeping = insert(round_results).values(
        plan_id=plan_id, begins_at=result.round.begins_at, **known
    )
    conn.execute(keeping.on_conflict_do_update(index_elements=["plan_id", "begins_at"], set_=known))
