"""What roles are called in Chinese: in a town's own lists, and on the command line."""

from api.accounts.roles import Role
from gis.errors import InvalidInput
from patrol.duty.staff_roles import StaffRole

CHINESE: dict[str, Role] = {
    "管理员": Role.ADMIN,
    "系统管理员": Role.ADMIN,
    "调度员": Role.DISPATCHER,
    "网格长": Role.GRID_CHIEF,
    "网格员": Role.GRID_WORKER,
    "督查员": Role.INSPECTOR,
    "联络员": Role.LIAISON,
    "巡查员": Role.PATROLLER,
    "执法队员": Role.ENFORCEMENT_OFFICER,
    "部门经办人": Role.DEPARTMENT_HANDLER,
    "分析员": Role.ANALYST,
    "审计员": Role.AUDITOR,
    "网关": Role.GATEWAY,
    "感知网关": Role.SENSOR_GATEWAY,
    "终端": Role.DEVICE,
}


def read_role(text: str) -> Role:
    """The role of this name: grid_worker or 网格员. Raises InvalidInput, naming those there are."""
    word = text.strip()
    named = CHINESE.get(word)
    if named is not None:
        return named
    try:
        return Role(word.lower())
    except ValueError as error:
        names = "、".join(CHINESE)
        raise InvalidInput(
            f"{text!r} is no role; there are {', '.join(Role)} ({names}).", field="role"
        ) from error


def read_staff_role(text: str) -> StaffRole:
    """The same of those that somebody on the staff can have. Raises InvalidInput."""
    role = read_role(text)
    try:
        return StaffRole(role.value)
    except ValueError as error:
        names = [name for name, each in CHINESE.items() if each in {*StaffRole}]
        raise InvalidInput(
            f"{text!r} is the role of an account, not of a post; posts are {', '.join(StaffRole)} "
            f"({'、'.join(names)}).",
            field="role",
        ) from error
