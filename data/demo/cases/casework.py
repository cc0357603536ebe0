"""How a case goes from hand to hand: who does what to it, when, until it is closed.

The states, actions and rules are those of `patrol.cases.workflow`, which `data` must not import; a
test folds every case of the demo through them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from data.demo.cases.complaints import Topic
from data.demo.cases.duty import DutyBook, Ownership
from data.demo.departments import DEPARTMENTS, SENT, Pace
from data.demo.people import StaffMember
from gis.grid import Grid
from gis.local_time import LOCAL

SYSTEM, CITIZEN = "system", "市民"

_PRE_CHECKED, _VOID = 0.5, 0.06
_USUAL_PACE = Pace()
_PACES = {each.code: each.pace for each in DEPARTMENTS}
_LONGEST_H = 30.0
_SLOW = frozenset({"order.construction", "dispute.neighbour"})
_LONGEST_SLOW_H = 120.0
# A case of a longer term that were late would still be open.
_LONGEST_TERM_MISSED_H = 120
_MORNING_H, _EVENING_H = 7.5, 21.0


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseStep:
    """One event. `owner` is set where the action decides whose the case is, `due_at` on dispatch,
    `rating` where whoever reported it said whether they are satisfied."""

    action: str
    from_state: str | None
    to_state: str
    at: datetime
    actor: str
    note: str | None = None
    owner: Ownership | None = None
    due_at: datetime | None = None
    rating: str | None = None


class Casework:
    """The offices through which cases pass."""

    def __init__(self, staff: Sequence[StaffMember], duty: DutyBook) -> None:
        self._staff = staff
        self._duty = duty
        self._with_role: dict[str, list[int]] = {}
        self._handlers: dict[str, list[int]] = {}
        for index, member in enumerate(staff):
            main = member.posts[0]
            self._with_role.setdefault(main.role, []).append(index)
            if main.department is not None:
                self._handlers.setdefault(main.department, []).append(index)

    def worker_of(self, grid: Grid) -> int:
        return self._duty.holder("grid_worker", grid.code)

    def name(self, staff: int) -> str:
        return self._staff[staff].name

    def anyone(self, role: str, rng: np.random.Generator) -> int:
        return _one_of(self._with_role[role], rng)

    def owner(self, topic: Topic, grid: Grid, at: datetime, rng: np.random.Generator) -> Ownership:
        """By the rule of its category: of the grid, the department, or the officers on duty."""
        sent = SENT.get(topic.category)
        if sent is None or sent.dispatch == "grid":
            return self._duty.owner(grid.code, grid.parent_code or "", at)
        if sent.dispatch == "department":
            handler = _one_of(self._handlers[sent.department], rng)
            return Ownership(staff=handler, role="department_handler", reason="department")
        officers = self._with_role["enforcement_officer"]
        there = [officer for officer in officers if self._duty.on_duty(officer, at)]
        officer = _one_of(there or officers, rng)
        return Ownership(staff=officer, role="enforcement_officer", reason="enforcement")

    def course(
        self,
        topic: Topic,
        source: str,
        grid: Grid,
        reported_at: datetime,
        rng: np.random.Generator,
    ) -> list[CaseStep]:
        """All steps from the report to the end, some of them perhaps in the future.

        `grid` is the level-2 grid that the case lies in.
        """
        course = _Course(
            self, self._duty, topic=topic, source=source, grid=grid, at=reported_at, rng=rng
        )
        return course.run()


def _one_of(among: Sequence[int], rng: np.random.Generator) -> int:
    return among[int(rng.integers(len(among)))]


class _Course:
    """One case on its way; `at` is the time it has got to."""

    def __init__(
        self,
        office: Casework,
        duty: DutyBook,
        *,
        topic: Topic,
        source: str,
        grid: Grid,
        at: datetime,
        rng: np.random.Generator,
    ) -> None:
        self.office, self.duty, self.rng = office, duty, rng
        self.topic, self.source, self.grid = topic, source, grid
        self.chief = duty.holder("grid_chief", grid.parent_code or "")
        self.dispatcher = office.anyone("dispatcher", rng)
        self.state: str | None = None
        self.at = at
        self.steps: list[CaseStep] = []

    def run(self) -> list[CaseStep]:
        self._report()
        if self.source == "citizen" and not self._look_first():
            return self.steps
        clerk = self.office.name(self.dispatcher) if self.source == "citizen" else SYSTEM
        owner = self.office.owner(self.topic, self.grid, self.at, self.rng)
        self._do("file", "filed", clerk, owner=owner)
        self._dispatch(SYSTEM, owner)
        if self.rng.random() < self._pace(owner).returned:
            owner = self._return(owner)
        self._handle(owner)
        self._check(owner)
        self._wait(self.rng.uniform(0.5, 9.0))
        self._call_back()
        return self.steps

    def _report(self) -> None:
        actor = {
            "patrol": self.office.name(self.office.worker_of(self.grid)),
            "hotline": self.office.name(self.dispatcher),
            "citizen": CITIZEN,
        }.get(self.source, SYSTEM)
        self._do("report", "reported", actor)

    def _look_first(self) -> bool:
        """Somebody looks before a citizen's report is filed; False when there was nothing to it."""
        desk = self.office.name(self.dispatcher)
        self._wait(self.rng.uniform(0.05, 0.8))
        if self.rng.random() < _PRE_CHECKED:
            self._do("pre_check", "pre_check", desk)
            self._wait(self.rng.uniform(0.3, 2.5))
            worker = self.office.name(self.office.worker_of(self.grid))
            self._do("verify", "reported", worker, note="现场核实，情况属实")
            self._wait(self.rng.uniform(0.05, 0.5))
        if self.rng.random() < _VOID:
            self._do("void", "void", desk, note="与已有案件重复")
            return False
        return True

    def _dispatch(self, actor: str, owner: Ownership) -> None:
        due_at = self.at + timedelta(hours=self.topic.deadline_h)
        self._do("dispatch", "dispatched", actor, owner=owner, due_at=due_at)

    def _return(self, owner: Ownership) -> Ownership:
        """Not theirs to do: it goes back to the chief, and from there to an enforcement officer; what a
        department gives back to the worker of the grid."""
        self._wait(self.rng.uniform(0.3, 3.0))
        is_departments = owner.role == "department_handler"
        queue = Ownership(staff=None, role="dispatcher", reason="dispatch_queue")
        back = Ownership(staff=self.chief, role="grid_chief", reason="chief")
        self._do(
            "return",
            "returned",
            self._name(owner),
            note="不属于本部门职责" if is_departments else "需执法队现场处理",
            owner=queue if owner.staff == self.chief else back,
        )
        self._wait(self.rng.uniform(0.2, 1.5))
        if is_departments:
            role, staff = "grid_worker", self.office.worker_of(self.grid)
        else:
            role = "enforcement_officer"
            staff = self.office.anyone(role, self.rng)
        chosen = Ownership(staff=staff, role=role, reason="chosen")
        self._dispatch(self.office.name(self.dispatcher), chosen)
        return chosen

    def _handle(self, owner: Ownership) -> None:
        self._wait(self.rng.exponential(0.15 if self.topic.urgent else 0.5))
        self._do("accept", "in_progress", self._name(owner))
        term_h = self.topic.deadline_h
        if self.rng.random() < self._pace(owner).overdue and term_h <= _LONGEST_TERM_MISSED_H:
            hours = term_h * self.rng.uniform(1.05, 1.5)
        else:
            longest = _LONGEST_SLOW_H if self.topic.category in _SLOW else _LONGEST_H
            hours = min(term_h * self.rng.uniform(0.06, 0.6), longest * self.rng.uniform(0.4, 1.0))
        self._wait(hours)
        self._do("handle", "post_check", self._name(owner), note=self.topic.done)

    def _check(self, owner: Ownership) -> None:
        """Whoever checks is not the one who handled it."""
        checker = (
            self.office.anyone("inspector", self.rng) if owner.staff == self.chief else self.chief
        )
        self._wait(self.rng.uniform(0.3, 5.0))
        if self.rng.random() < self._pace(owner).reworked:
            self._do("rework", "in_progress", self.office.name(checker), note="处理不彻底，请继续")
            self._wait(self.rng.uniform(1.0, 8.0))
            self._do("handle", "post_check", self._name(owner), note=self.topic.done)
            self._wait(self.rng.uniform(0.3, 3.0))
        self._do("check", "callback", self.office.name(checker))

    def _call_back(self) -> None:
        """By the minute of the call: seven of ten are satisfied, and two do not answer."""
        minute = int(self.at.timestamp() // 60) % 10
        rating = "satisfied" if minute < 7 else "neutral" if minute == 7 else None
        note = {
            "satisfied": "电话回访，表示满意",
            "neutral": "电话回访，基本满意",
            None: "电话回访，未接通",
        }[rating]
        self._do("close", "closed", self.office.name(self.dispatcher), note=note, rating=rating)

    def _pace(self, owner: Ownership) -> Pace:
        sent = SENT.get(self.topic.category)
        if sent is None or owner.role != "department_handler":
            return _USUAL_PACE
        return _PACES[sent.department]

    def _name(self, owner: Ownership) -> str:
        assert owner.staff is not None  # only those who have a case act on it
        return self.office.name(owner.staff)

    def _wait(self, hours: float) -> None:
        """Some hours later; what falls into the night waits for the morning, unless it is urgent."""
        self.at += timedelta(seconds=round(hours * 3_600))
        local = self.at.astimezone(LOCAL)
        hour = local.hour + local.minute / 60
        if not self.topic.urgent and not _MORNING_H <= hour < _EVENING_H:
            morning = local.replace(hour=8, minute=0, second=0)
            if hour >= _EVENING_H:
                morning += timedelta(days=1)
            late = timedelta(seconds=round(self.rng.uniform(0.0, 5_400.0)))
            self.at = (morning + late).astimezone(self.at.tzinfo)

    def _do(
        self,
        action: str,
        target: str,
        actor: str,
        *,
        note: str | None = None,
        owner: Ownership | None = None,
        due_at: datetime | None = None,
        rating: str | None = None,
    ) -> None:
        self.steps.append(
            CaseStep(
                action=action,
                from_state=self.state,
                to_state=target,
                at=self.at,
                actor=actor,
                note=note,
                owner=owner,
                due_at=due_at,
                rating=rating,
            )
        )
        self.state = target
