"""The roles of accounts and what each may do. This table is the only place that says it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    READ_GRIDS = "read_grids"
    READ_LAYERS = "read_layers"
    READ_STAFF = "read_staff"
    READ_POSITIONS = "read_positions"
    READ_TRACKS = "read_tracks"
    READ_NAMES = "read_names"
    UNMASK = "unmask"
    EXPORT = "export"
    ACKNOWLEDGE_ALERTS = "acknowledge_alerts"
    MANAGE_AREAS = "manage_areas"
    MANAGE_PLANS = "manage_plans"
    MANAGE_PLACES = "manage_places"
    WATCH_CAMERAS = "watch_cameras"
    POST_FIXES_OWN = "post_fixes_own"
    POST_FIXES_DEVICE = "post_fixes_device"
    POST_FIXES_ANY = "post_fixes_any"
    POST_READINGS = "post_readings"
    CREATE_CASES = "create_cases"
    READ_CASES = "read_cases"
    ACT_ON_CASES = "act_on_cases"
    READ_INSPECTIONS = "read_inspections"
    DRAW_INSPECTIONS = "draw_inspections"
    ADMINISTER = "administer"
    READ_AUDIT = "read_audit"


class Role(StrEnum):
    ADMIN = "admin"
    DISPATCHER = "dispatcher"
    GRID_CHIEF = "grid_chief"
    GRID_WORKER = "grid_worker"
    INSPECTOR = "inspector"
    LIAISON = "liaison"
    PATROLLER = "patroller"
    ENFORCEMENT_OFFICER = "enforcement_officer"
    DEPARTMENT_HANDLER = "department_handler"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    GATEWAY = "gateway"
    SENSOR_GATEWAY = "sensor_gateway"
    DEVICE = "device"

    @property
    def sees_everything(self) -> bool:
        """Whether the role works for the whole installation instead of a part of the grid tree."""
        return self in _EVERYWHERE

    @property
    def is_gateway(self) -> bool:
        """Whether it is another system's: it signs in with a token and needs no password."""
        return self in (Role.GATEWAY, Role.SENSOR_GATEWAY)

    @property
    def sees_only_self(self) -> bool:
        """Whether positions and tracks end at one's own units, even inside one's own grids."""
        return self in _FIELD

    @property
    def works_in_a_grid(self) -> bool:
        """Whether an account of the role is of no use without a grid. An enforcement officer's is:
        they work a district, and see themselves. So is a department handler's: they have the cases
        that were sent to them. A device speaks for its unit, wherever that is."""
        return not self.sees_everything and self not in _OF_USE_WITHOUT_GRID


_EVERYWHERE = frozenset(
    {
        Role.ADMIN,
        Role.DISPATCHER,
        Role.ANALYST,
        Role.AUDITOR,
        Role.GATEWAY,
        Role.SENSOR_GATEWAY,
    }
)
_PATROL = frozenset(
    {
        Role.GRID_WORKER,
        Role.INSPECTOR,
        Role.LIAISON,
        Role.PATROLLER,
        Role.ENFORCEMENT_OFFICER,
    }
)
_FIELD = _PATROL | {Role.DEPARTMENT_HANDLER, Role.DEVICE}
_OF_USE_WITHOUT_GRID = frozenset({Role.ENFORCEMENT_OFFICER, Role.DEPARTMENT_HANDLER, Role.DEVICE})

_MAP = frozenset({Permission.READ_GRIDS, Permission.READ_LAYERS})
_READS = _MAP | {Permission.READ_POSITIONS, Permission.READ_TRACKS, Permission.READ_CASES}
_CASE_WORK = frozenset({Permission.CREATE_CASES, Permission.ACT_ON_CASES})
_PATROL_WORK = (
    _READS
    | _CASE_WORK
    | {Permission.READ_NAMES, Permission.POST_FIXES_OWN, Permission.READ_INSPECTIONS}
)
_COMMAND = (
    _READS
    | _CASE_WORK
    | {Permission.READ_STAFF, Permission.READ_NAMES, Permission.UNMASK, Permission.EXPORT}
    | {Permission.READ_INSPECTIONS, Permission.ACKNOWLEDGE_ALERTS, Permission.MANAGE_PLANS}
    | {Permission.WATCH_CAMERAS}
)

_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.ADMIN: frozenset(Permission),
        Role.DISPATCHER: _COMMAND
        | {Permission.MANAGE_AREAS, Permission.MANAGE_PLACES, Permission.DRAW_INSPECTIONS},
        Role.GRID_CHIEF: _COMMAND | {Permission.POST_FIXES_OWN},
        **dict.fromkeys(_PATROL, _PATROL_WORK),
        Role.DEPARTMENT_HANDLER: _MAP
        | {Permission.READ_CASES, Permission.ACT_ON_CASES, Permission.READ_NAMES},
        Role.ANALYST: _READS | {Permission.EXPORT},
        Role.AUDITOR: frozenset({Permission.READ_AUDIT}),
        Role.GATEWAY: frozenset({Permission.POST_FIXES_ANY}),
        Role.SENSOR_GATEWAY: frozenset({Permission.POST_READINGS}),
        Role.DEVICE: frozenset({Permission.POST_FIXES_DEVICE}),
    }
)


# What no installation changes, and why.
_FIXED: Mapping[tuple[Role, Permission], str] = MappingProxyType(
    {
        (Role.ADMIN, Permission.ADMINISTER): "somebody must be able to put things right",
        (Role.AUDITOR, Permission.ADMINISTER): (
            "whoever checks the record must not make what is on it"
        ),
        **dict.fromkeys(
            (
                (role, Permission.ADMINISTER)
                for role in (Role.GATEWAY, Role.SENSOR_GATEWAY, Role.DEVICE)
            ),
            "a token that lies in a machine in the field is easily lost",
        ),
    }
)


def permissions_of(
    role: Role,
    *,
    overrides: Mapping[str, bool] = MappingProxyType({}),
    granted: Iterable[str] = (),
) -> frozenset[Permission]:
    """What an account of the role may do.

    `overrides` are where this installation differs from the table: True adds a permission to the role,
    False takes it away. `granted` are the account's own beyond its role. A word that is no permission
    (any more) means nothing, and nothing changes what is fixed (`why_fixed`).
    """
    by_table = _PERMISSIONS[role]
    words = {word for word, is_granted in overrides.items() if is_granted} | set(granted)
    taken = {word for word, is_granted in overrides.items() if not is_granted} - set(granted)
    return frozenset(
        permission
        for permission in Permission
        if (
            permission in by_table
            if why_fixed(role, permission)
            else permission in words or (permission in by_table and permission not in taken)
        )
    )


def why_fixed(role: Role, permission: Permission) -> str | None:
    """Why no installation may give the role this permission or take it away; None if it may."""
    return _FIXED.get((role, permission))
