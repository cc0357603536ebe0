"""The look at patrol plans: of a round that is over its result is kept, and if it was not done somebody
is told.

A round is judged when tracks up to its end are worked out, and again whenever tracks of its time and
place come out differently, for late fixes: what is stored is a function of the fixes and not of their
order. Nobody is told of rounds that ended before the plan was made.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import structlog
from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from data.background import Routine
from data.background.routine import GoOn
from data.database import Database
from data.editions import GridIndex, GridIndexes
from data.schema import plan_watches
from data.scope import Viewer
from gis.errors import InvalidInput
from patrol.alerts.missed import Missed, missed_in
from patrol.alerts.missed_store import end_old, tell
from patrol.alerts.rules import Rules
from patrol.alerts.watched_plans import WatchedPlan
from patrol.plans.kept import keep_result
from patrol.plans.plan import Plan, plans_valid_after
from patrol.plans.results import facts_as_of, judge, targets_of
from patrol.plans.rhythm import Round
from patrol.tracks.renewed import RenewedTrack, forget_renewed, read_renewed

_log = structlog.get_logger(__name__)

FINAL_AFTER = timedelta(hours=72)
"""So long after the end of a round nobody is told of it any more, and it does not wait for anybody."""


class PlanWatch(Routine):
    """`async with PlanWatch(…):` looks at them every `look_s` until it is left."""

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        *,
        rules: Rules = Rules(),
        look_s: float = 20.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__("patrol plans", self._look, retry_s=look_s)
        self._database = database
        self._grid_indexes = grid_indexes
        self._rules = rules
        self._look_s = look_s
        self._now = now

    def _look(self, go_on: GoOn) -> float:
        look_at_plans(self._database, self._grid_indexes, self._rules, self._now(), progress=go_on)
        return self._look_s


def look_at_plans(
    database: Database,
    grid_indexes: GridIndexes,
    rules: Rules,
    now: datetime,
    *,
    progress: Callable[[], None] = lambda: None,
) -> int:
    """Tell of what was missed, and withdraw what late fixes show to have been done. Returns how many
    rounds were judged; none while another process looks.

    Each plan is a transaction of its own: interrupted anywhere, the next look finds the rest. `progress`
    is called before each and may raise to end it all.
    """
    judged = 0
    with database.begin() as lock:
        if not lock.scalar(select(func.pg_try_advisory_xact_lock(func.hashtext("plans watch")))):
            return judged
        with database.begin() as conn:
            watched = _watched(conn, now)
            first = min((each.begins_at for each in watched), default=now)
            renewed = read_renewed(conn, first)
            look = _Look(index=grid_indexes.active(conn), renewed=renewed, rules=rules, now=now)
        for each in watched:
            progress()
            if look.is_due(each):
                with database.begin(Viewer.everything()) as conn:
                    judged += look.at(conn, each)
        with database.begin() as conn:
            forget_renewed(conn, renewed, first)
            end_old(conn, now - FINAL_AFTER, FINAL_AFTER)
    return judged


def _watched(conn: Connection, now: datetime) -> list[WatchedPlan]:
    oldest = now - FINAL_AFTER
    judged = {row.plan_id: row.judged_until for row in conn.execute(select(plan_watches))}
    return [
        WatchedPlan(
            plan=plan,
            since=(since := max(plan.created_at, oldest)),
            judged_until=judged.get(plan.id, since),
        )
        for plan in plans_valid_after(conn, oldest)
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Look:
    index: GridIndex | None
    renewed: Sequence[RenewedTrack]
    rules: Rules
    now: datetime

    def is_due(self, watched: WatchedPlan) -> bool:
        return bool(self._new(watched) or watched.concerned_by(self.renewed))

    def at(self, conn: Connection, watched: WatchedPlan) -> int:
        """Returns how many rounds were judged. Those that cannot be are left as they are."""
        plan = watched.plan
        grid = None if self.index is None else self.index.tree.by_code.get(plan.grid_code)
        ready = list(takewhile(lambda each: self._is_ready(conn, each), self._new(watched)))
        known: dict[datetime, Missed | None] = {}
        with _as_far_as_can_be_judged(plan):
            targets = targets_of(conn, plan, grid)
            touching = [
                track for track in watched.concerned_by(self.renewed) if track.meets(targets.bounds)
            ]
            for each in (*watched.again(touching), *ready):
                with _as_far_as_can_be_judged(plan):
                    [result] = judge(conn, plan, targets, [each])
                    keep_result(conn, plan.id, result)
                    known[each.begins_at] = missed_in(plan, targets, result)
        tell(conn, plan.id, known, self.now)
        if ready:
            _save(conn, plan.id, ready[-1].ends_at)
        return len(known)

    def _new(self, watched: WatchedPlan) -> list[Round]:
        return watched.new(self.now - self._settle)

    def _is_ready(self, conn: Connection, each: Round) -> bool:
        """Whether all is worked out that arrived until shortly after the end, or was waited for."""
        if self.now - each.ends_at >= timedelta(seconds=self.rules.round_wait_s):
            return True
        as_of = facts_as_of(conn, [each])
        return as_of is None or as_of - each.ends_at >= self._settle

    @property
    def _settle(self) -> timedelta:
        return timedelta(seconds=self.rules.round_settle_s)


@contextmanager
def _as_far_as_can_be_judged(plan: Plan) -> Iterator[None]:
    """Cells of a grid that is not in force any more cannot, nor a round in which too much went on."""
    try:
        yield
    except InvalidInput as error:
        _log.warning("a round cannot be judged", plan_id=plan.id, reason=f"{error}")


def _save(conn: Connection, plan_id: int, judged_until: datetime) -> None:
    new = insert(plan_watches).values(plan_id=plan_id, judged_until=judged_until)
    conn.execute(
        new.on_conflict_do_update(
            index_elements=[plan_watches.c.plan_id], set_={"judged_until": judged_until}
        )
    )
