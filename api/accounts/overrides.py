"""Where this installation differs from the table of roles: rows of `role_permissions`."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from api.accounts.roles import Permission, Role, permissions_of, why_fixed
from data.audit import Who, record
from data.schema import role_permissions
from gis.errors import Conflict


def read_overrides(conn: Connection) -> Mapping[Role, Mapping[str, bool]]:
    """By role, each of them, what is granted (True) or taken away (False) here."""
    overrides: dict[Role, dict[str, bool]] = {role: {} for role in Role}
    for row in conn.execute(select(role_permissions)):
        if row.role in overrides:
            overrides[Role(row.role)][row.permission] = row.granted
    return overrides


def require_free(role: Role, permission: Permission, granted: bool) -> None:
    """Raises Conflict when the role, or an account of it, may not be given the permission or lose it."""
    reason = why_fixed(role, permission)
    if reason is not None and granted is not (permission in permissions_of(role)):
        raise Conflict(
            f"{permission} can be neither given to {role} nor taken away: {reason}. "
            "Give the account another role instead.",
            code="fixed_permission",
            field="permission",
        )


def set_permission(
    conn: Connection, role: Role, permission: Permission, granted: bool, *, who: Who
) -> None:
    """Give the role the permission or take it away, from now on, for everybody who has the role.

    Raises Conflict for what is fixed. What already is so is not recorded again.
    """
    require_free(role, permission, granted)
    by_default = permission in permissions_of(role)
    is_granted = permission in permissions_of(role, overrides=read_overrides(conn)[role])
    if granted == by_default:
        conn.execute(
            delete(role_permissions).where(
                role_permissions.c.role == role, role_permissions.c.permission == permission
            )
        )
    else:
        row = insert(role_permissions).values(role=role, permission=permission, granted=granted)
        conn.execute(
            row.on_conflict_do_update(
                index_elements=list(role_permissions.primary_key), set_={"granted": granted}
            )
        )
    if granted is not is_granted:
        details = {"permission": permission, "granted": granted}
        record(conn, who, "role.change", f"role {role}", details=details)
