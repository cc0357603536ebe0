"""Departments (处置部门) that handle cases, such as that for roads or that for water."""

import hashlib
import re
from dataclasses import asdict, dataclass

import msgspec
from sqlalchemy import Connection, insert, select, update

from data.audit import Who, record
from data.schema import case_categories, departments
from gis.errors import Conflict, InvalidInput, NotFound

NAME_LIMIT = 60
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Department:
    """One that is not `active` has nobody any more; what was sent to it stays."""

    code: str
    name_zh: str
    name_en: str
    active: bool = True


def list_departments(conn: Connection) -> list[Department]:
    """By code, those that are retired too."""
    rows = conn.execute(select(departments).order_by(departments.c.code))
    return [Department(**row._mapping) for row in rows]


def read_department(
    *, code: str, name_zh: str, name_en: str | None = None, active: bool = True
) -> Department:
    """Without `name_en` it has the Chinese name. Raises InvalidInput."""
    if not _CODE.fullmatch(code):
        raise InvalidInput(
            f"{code[:40]!r} is no code of a department; write small letters, digits, - and _, such as "
            "roads.",
            field="code",
        )
    zh = _name(name_zh, "name_zh")
    return Department(code=code, name_zh=zh, name_en=_name(name_en or zh, "name_en"), active=active)


def create_department(conn: Connection, who: Who, department: Department) -> None:
    """Raises Conflict when the code is used already."""
    if _find(conn, department.code) is not None:
        raise Conflict(
            f"There is a department {department.code} already; choose another code.",
            code="department_exists",
            field="code",
        )
    conn.execute(insert(departments).values(**asdict(department)))
    details = asdict(department)
    del details["code"]
    record(conn, who, "department.create", f"department {department.code}", details=details)


def change_department(
    conn: Connection, who: Who, department: Department, version: str | None = None
) -> None:
    """What is the same is not recorded. Raises NotFound, and Conflict when it is to be retired and cases
    are still sent to it, or when it is of another `version` than the one that somebody looked at."""
    before = _find(conn, department.code)
    if before is None:
        raise NotFound(
            f"There is no department {department.code[:40]!r}; GET /api/v1/departments lists them.",
            code="unknown_department",
        )
    if version is not None and version != version_of(before):
        raise Conflict(
            f"The department {department.code} was changed by somebody else in the meantime; look at it "
            "again, and change it then.",
            code="department_changed",
        )
    if not department.active:
        _refuse_in_use(conn, department.code)
    values = asdict(department)
    changed = {name: value for name, value in values.items() if getattr(before, name) != value}
    if changed:
        here = departments.c.code == department.code
        conn.execute(update(departments).where(here).values(**changed))
        subject = f"department {department.code}"
        record(conn, who, "department.change", subject, details=changed)


def version_of(department: Department) -> str:
    """Another one when anything about it is another."""
    return hashlib.sha256(msgspec.json.encode(department)).hexdigest()[:16]


def require_department(conn: Connection, code: str | None) -> None:
    """Raises InvalidInput for one that is not there, or retired."""
    if code is None:
        return
    found = _find(conn, code)
    if found is None or not found.active:
        raise _unknown(code, " that is active")


def require_known(conn: Connection, code: str) -> None:
    """Raises InvalidInput for one that never was; a retired one has its cases still."""
    if conn.scalar(select(departments.c.code).where(departments.c.code == code)) is None:
        raise _unknown(code)


def _unknown(code: str, which: str = "") -> InvalidInput:
    return InvalidInput(
        f"There is no department {code[:40]!r}{which}; GET /api/v1/departments lists them.",
        field="department",
        code="unknown_department",
    )


def _find(conn: Connection, code: str) -> Department | None:
    row = conn.execute(
        select(departments).where(departments.c.code == code).with_for_update()
    ).one_or_none()
    return None if row is None else Department(**row._mapping)


def _refuse_in_use(conn: Connection, code: str) -> None:
    c = case_categories.c
    using = conn.scalars(select(c.code).where(c.department == code, c.active).order_by(c.code))
    if codes := using.all():
        raise Conflict(
            f"Cases of {', '.join(codes[:10])} are for the department {code}; give these categories "
            "another one first.",
            code="department_in_use",
        )


def _name(text: str, field: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        raise InvalidInput(
            f"A department needs a name of at most {NAME_LIMIT} characters that can be printed.",
            field=field,
        )
    return name
