"""The tables of `docs/security.md`: `python -m api.accounts.handbook docs/security.md`."""

import sys
from collections.abc import Mapping
from pathlib import Path

from api.accounts.role_names import CHINESE
from api.accounts.roles import Permission, Role, permissions_of
from patrol.cases.handbook import filled, markdown_table

# The first word of each role, where it has several.
_ROLES_ZH: Mapping[Role, str] = {role: word for word, role in reversed(CHINESE.items())}
_MEANINGS: Mapping[Permission, str] = {
    Permission.READ_GRIDS: "the grids, and which one a place lies in",
    Permission.READ_LAYERS: "the map's layers: base map, facilities, cameras, grids",
    Permission.READ_STAFF: "who holds which post, their numbers masked",
    Permission.READ_POSITIONS: "where units are now",
    Permission.READ_TRACKS: "where units have been, and the rosters of their duty",
    Permission.READ_NAMES: "people's names; without it a unit's code, a role or nothing",
    Permission.UNMASK: "a full telephone or identity number, or who reported, for a reason",
    Permission.EXPORT: "tracks and records of plans as files, for a reason; reports made and as files",
    Permission.ACKNOWLEDGE_ALERTS: "to acknowledge alerts and make cases of them",
    Permission.MANAGE_AREAS: "to draw and end the areas that alerts are about",
    Permission.MANAGE_PLANS: "to plan patrols, checkpoints and duty rosters, and leave of staff",
    Permission.MANAGE_PLACES: "to add, change, import and remove cameras, facilities and sensors",
    Permission.WATCH_CAMERAS: "to watch the cameras of one's grids; each time is on the audit",
    Permission.POST_FIXES_OWN: "to send the positions of one's own unit, and begin and end its duty",
    Permission.POST_FIXES_DEVICE: "to send the positions of the unit that the device was enrolled for",
    Permission.POST_FIXES_ANY: "to send the positions of any unit, and begin and end its duty",
    Permission.POST_READINGS: "to send what sensors measure",
    Permission.CREATE_CASES: "to report cases",
    Permission.READ_CASES: "cases",
    Permission.ACT_ON_CASES: "to act on cases, as far as `docs/cases.md` says",
    Permission.READ_INSPECTIONS: "random inspections, as far as `docs/inspections.md` says",
    Permission.DRAW_INSPECTIONS: "to prepare random inspections, and to draw them",
    Permission.ADMINISTER: "accounts, roles, staff, units, devices, grid editions and channels",
    Permission.READ_AUDIT: "who did what: the audit, and whether it is whole",
}


def permission_table_markdown() -> str:
    return markdown_table(
        ("Permission", "What it opens", "Roles"),
        (
            (f"`{permission}`", _MEANINGS[permission], _roles_with(permission))
            for permission in Permission
        ),
    )


def role_table_markdown() -> str:
    return markdown_table(
        ("Role", "", "Grids and cases", "People's positions and tracks"),
        ((f"`{role}`", _ROLES_ZH[role], _cases_of(role), _people_of(role)) for role in Role),
    )


def with_tables(page: str) -> str:
    """The page about security with its tables as they are now."""
    return filled(
        page,
        {"role table": role_table_markdown(), "permission table": permission_table_markdown()},
    )


def _roles_with(permission: Permission) -> str:
    return ", ".join(f"`{role}`" for role in Role if permission in permissions_of(role))


def _cases_of(role: Role) -> str:
    if Permission.READ_CASES not in permissions_of(role):
        return "none"
    return "all" if role.sees_everything else "those of its grids, its own, and what it reported"


def _people_of(role: Role) -> str:
    if permissions_of(role).isdisjoint({Permission.READ_POSITIONS, Permission.READ_TRACKS}):
        return "none"
    if role.sees_everything:
        return "all"
    return "its own" if role.sees_only_self else "those at home in its grids, and its own"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
