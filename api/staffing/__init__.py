"""Setting up a town's staff, posts and units: each change with its record on the audit."""

from api.staffing.people import appoint, change_staff, create_staff, end_appointment
from api.staffing.units import change_unit, create_unit

__all__ = [
    "appoint",
    "change_staff",
    "change_unit",
    "create_staff",
    "create_unit",
    "end_appointment",
]
