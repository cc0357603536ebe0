"""Setting up a town's staff, posts and units: each change with its record on the audit."""

from api.staffing.leaves import cancel_leave_of, end_leave_of, grant_leave
from api.staffing.people import appoint, change_staff, create_staff, end_appointment
from api.staffing.units import change_unit, create_unit

__all__ = [
    "appoint",
    "cancel_leave_of",
    "change_staff",
    "change_unit",
    "create_staff",
    "create_unit",
    "end_appointment",
    "end_leave_of",
    "grant_leave",
]
