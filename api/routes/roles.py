"""Roles: what each may do, and where this installation has it otherwise."""

from collections.abc import Mapping
from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter
from pydantic import BaseModel

from api.access import Caller, Permission, Role, requires
from api.accounts.overrides import read_overrides, set_permission
from api.accounts.roles import permissions_of
from api.context import ServicesDep

router = APIRouter(prefix="/roles", tags=["accounts"])

MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]


class RolePermission(BaseModel):
    """`by_default` is what the role has unless an installation changes it."""

    permission: Permission
    granted: bool
    by_default: bool


class RoleAnswer(BaseModel):
    """Every permission there is, in the same order for each role."""

    role: Role
    permissions: list[RolePermission]

    @classmethod
    def of(cls, role: Role, overrides: Mapping[str, bool]) -> "RoleAnswer":
        granted = permissions_of(role, overrides=overrides)
        by_default = permissions_of(role)
        return cls(
            role=role,
            permissions=[
                RolePermission(
                    permission=permission,
                    granted=permission in granted,
                    by_default=permission in by_default,
                )
                for permission in Permission
            ],
        )


class RoleList(BaseModel):
    items: list[RoleAnswer]


class Grant(BaseModel):
    granted: bool


@router.get("", summary="What each role may do")
def list_roles(_caller: MayAdminister, services: ServicesDep) -> RoleList:
    with services.database.begin() as conn:
        overrides = read_overrides(conn)
    return RoleList(items=[RoleAnswer.of(role, overrides[role]) for role in Role])


@router.put("/{role}/permissions/{permission}", summary="Give a permission, or take it away")
def set_role_permission(
    role: Role, permission: Permission, body: Grant, caller: MayAdminister, services: ServicesDep
) -> RoleAnswer:
    """For everybody who has the role, at once. A few cannot be changed, such as the administrator's own
    `administer`: 409 says why."""
    with services.database.begin() as conn:
        set_permission(conn, role, permission, body.granted, who=caller.who)
        overrides = read_overrides(conn)[role]
    from_thread.run_sync(services.identities.forget)  # before this answer, not when it is announced
    return RoleAnswer.of(role, overrides)
