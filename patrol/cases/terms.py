"""When a case is due: by its term from the dispatch, without the time on hold, with its extensions."""

from datetime import datetime, timedelta

from patrol.cases.case import Case


def due_at(deadline_h: int, at: datetime) -> datetime:
    """By a term that begins at `at`."""
    return at + timedelta(hours=deadline_h)


def due_after_hold(case: Case, at: datetime) -> datetime:
    """What was left when the hold began is left when it ends, at `at`. The case is on hold."""
    assert case.due_at is not None
    assert case.held_at is not None
    return at + (case.due_at - case.held_at)


def due_extended(case: Case) -> datetime:
    """By the original term once more. The case was dispatched."""
    assert case.due_at is not None
    assert case.deadline_h is not None
    return case.due_at + timedelta(hours=case.deadline_h)
