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
    POST_FIXES_OWN = "post_fixes_own"
    POST_FIXES_ANY = "post_fixes_any"
    CREATE_CASES = "create_cases"
    READ_CASES = "read_cases"
    ACT_ON_CASES = "act_on_cases"
    ADMINISTER = "administer"


class Role(StrEnum):
    ADMIN = "admin"
    DISPATCHER = "dispatcher"
    GRID_CHIEF = "grid_chief"
    GRID_WORKER = "grid_worker"
    INSPECTOR = "inspector"
    LIAISON = "liaison"
    PATROLLER = "patroller"
    ENFORCEMENT_OFFICER = "enforcement_officer"
    ANALYST = "analyst"
    GATEWAY = "gateway"

    @property
    def sees_everything(self) -> bool:
        """Whether the role works for the whole installation instead of a part of the grid tree."""
        return self in _EVERYWHERE

    @property
    def sees_only_self(self) -> bool:
        """Whether positions and tracks end at one's own units, even inside one's own grids."""
        return self in _FIELD

    @property
    def works_in_a_grid(self) -> bool:
        """Whether an account of the role is of no use without a grid. An enforcement officer's is:
        they work a district, and see themselves."""
        return not self.sees_everything and self is not Role.ENFORCEMENT_OFFICER


_EVERYWHERE = frozenset({Role.ADMIN, Role.DISPATCHER, Role.ANALYST, Role.GATEWAY})
_FIELD = frozenset(
    {
        Role.GRID_WORKER,
        Role.INSPECTOR,
        Role.LIAISON,
        Role.PATROLLER,
        Role.ENFORCEMENT_OFFICER,
    }
)

_READS = frozenset(
    {
        Permission.READ_GRIDS,
        Permission.READ_LAYERS,
        Permission.READ_POSITIONS,
        Permission.READ_TRACKS,
        Permission.READ_CASES,
    }
)
_CASE_WORK = frozenset({Permission.CREATE_CASES, Permission.ACT_ON_CASES})
_FIELD_WORK = _READS | _CASE_WORK | {Permission.POST_FIXES_OWN}
_COMMAND = _READS | _CASE_WORK | {Permission.READ_STAFF}

_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.ADMIN: frozenset(Permission),
        Role.DISPATCHER: _COMMAND,
        Role.GRID_CHIEF: _COMMAND | {Permission.POST_FIXES_OWN},
        **dict.fromkeys(_FIELD, _FIELD_WORK),
        Role.ANALYST: _READS,
        Role.GATEWAY: frozenset({Permission.POST_FIXES_ANY}),
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
    (any more) means nothing.
    """
    words = {word for word, is_granted in overrides.items() if is_granted} | set(granted)
    taken = {word for word, is_granted in overrides.items() if not is_granted} - set(granted)
    added = {permission for permission in Permission if permission in words}
    return frozenset((_PERMISSIONS[role] | added) - taken)
