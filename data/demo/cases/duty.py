"""Who was on duty when, and whose a case was then."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from data.demo.patrols.history import PatrolRecord
from data.demo.people import StaffMember


@dataclass(frozen=True, kw_only=True, slots=True)
class Ownership:
    """Whose a case is: an index into the town's staff (None: the dispatch queue), the role that makes
    them its owner, and why."""

    staff: int | None
    role: str
    reason: str


class DutyBook:
    """The patrols of the staff, to be asked about any time of the history."""

    def __init__(self, staff: Sequence[StaffMember], patrols: Iterable[PatrolRecord]) -> None:
        self._patrols: dict[int, list[PatrolRecord]] = defaultdict(list)
        for patrol in patrols:
            if patrol.shift.unit.staff is not None:
                self._patrols[patrol.shift.unit.staff].append(patrol)
        self._posts: dict[tuple[str, str, bool], int] = {}
        for index, member in enumerate(staff):
            for post in member.posts:
                if post.grid_code is not None:
                    key = post.role, post.grid_code, post.is_deputy
                    self._posts.setdefault(key, index)

    def holder(self, role: str, grid_code: str) -> int:
        """The member of staff (by index) who holds a post that is not a deputy's."""
        return self._posts[role, grid_code, False]

    def owner(self, grid_code: str, parent_code: str, at: datetime) -> Ownership:
        """The rule of ownership: the worker on duty, else the deputy on duty, else the chief."""
        for is_deputy, reason in ((False, "worker_on_duty"), (True, "deputy_on_duty")):
            worker = self._posts.get(("grid_worker", grid_code, is_deputy))
            if worker is not None and self.on_duty(worker, at):
                return Ownership(staff=worker, role="grid_worker", reason=reason)
        chief = self.holder("grid_chief", parent_code)
        return Ownership(staff=chief, role="grid_chief", reason="chief")

    def passing(self, staff: int, lon: float, lat: float, *, near: datetime) -> datetime | None:
        """When, on their patrol nearest to a time, they came nearest to a place. None: they never
        went on patrol."""
        patrols = self._patrols[staff]
        if not patrols:
            return None
        patrol = min(patrols, key=lambda record: abs(record.shift.began_at - near))
        apart = np.hypot(patrol.fixes.lon - lon, patrol.fixes.lat - lat)
        seen_s = float(patrol.fixes.at_s[apart.argmin()])
        return datetime.fromtimestamp(seen_s, tz=UTC)

    def on_duty(self, staff: int, at: datetime) -> bool:
        return any(
            patrol.shift.began_at <= at
            and (patrol.shift.ended_at is None or at < patrol.shift.ended_at)
            for patrol in self._patrols[staff]
        )
