"""The kinds of notices. What they say: `patrol.notices.sayings`."""

from enum import StrEnum


class NoticeKind(StrEnum):
    CASE_TO_FILE = "case_to_file"
    CASE_TO_VERIFY = "case_to_verify"
    CASE_TO_DISPATCH = "case_to_dispatch"
    CASE_WAITING = "case_waiting"
    CASE_DISPATCHED = "case_dispatched"
    CASE_TAKEN = "case_taken"
    CASES_RECEIVED = "cases_received"
    CASES_PASSED_ON = "cases_passed_on"
    CASE_RETURNED = "case_returned"
    CASE_URGED = "case_urged"
    CASE_SUPERVISED = "case_supervised"
    CASE_DUE_SOON = "case_due_soon"
    CASE_OVERDUE = "case_overdue"
    CASE_ESCALATED = "case_escalated"
    CASE_TO_CHECK = "case_to_check"
    CASE_REWORK = "case_rework"
    CASE_TO_CALL_BACK = "case_to_call_back"
    CASE_CLOSED = "case_closed"
    CASE_REOPENED = "case_reopened"
    CASE_RESTATED = "case_restated"
    CASE_RESCHEDULED = "case_rescheduled"
    CASE_DISSATISFIED = "case_dissatisfied"
    APPROVAL_ASKED = "approval_asked"
    APPROVAL_DECIDED = "approval_decided"
    ALERT = "alert"
    CALL_FOR_HELP = "call_for_help"

    @property
    def is_urgent(self) -> bool:
        """Whether it passes through quiet hours whatever it is about."""
        return self is NoticeKind.CALL_FOR_HELP
