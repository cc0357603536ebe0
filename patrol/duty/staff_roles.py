"""What people on the staff can be."""

from enum import StrEnum


class StaffRole(StrEnum):
    """The role of a post, and of the unit that its holder carries."""

    DISPATCHER = "dispatcher"
    GRID_CHIEF = "grid_chief"
    GRID_WORKER = "grid_worker"
    INSPECTOR = "inspector"
    LIAISON = "liaison"
    PATROLLER = "patroller"
    ENFORCEMENT_OFFICER = "enforcement_officer"
    DEPARTMENT_HANDLER = "department_handler"

    @property
    def works_in_a_grid(self) -> bool:
        """Whether a post of the role says nothing without a grid."""
        return self not in _TOWN_WIDE


_TOWN_WIDE = frozenset(
    {StaffRole.DISPATCHER, StaffRole.ENFORCEMENT_OFFICER, StaffRole.DEPARTMENT_HANDLER}
)
