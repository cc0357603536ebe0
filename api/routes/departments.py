"""Departments that handle cases."""

from typing import Annotated

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from patrol.duty.departments import (
    Department,
    change_department,
    create_department,
    list_departments,
    read_department,
    version_of,
)

router = APIRouter(prefix="/departments", tags=["staff"])

MayRead = Annotated[Caller, requires(Permission.READ_CASES, Permission.ADMINISTER)]
MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]


class DepartmentName(BaseModel):
    zh: str
    en: str


class DepartmentItem(BaseModel):
    """`active` is false for one that is retired; `version` is another one after each change."""

    code: str
    name: DepartmentName
    active: bool
    version: str

    @classmethod
    def of(cls, department: Department) -> "DepartmentItem":
        name = DepartmentName(zh=department.name_zh, en=department.name_en)
        return cls(
            code=department.code,
            name=name,
            active=department.active,
            version=version_of(department),
        )


class DepartmentList(BaseModel):
    items: list[DepartmentItem]


class DepartmentBody(BaseModel):
    """Without `name_en` it has the Chinese name."""

    model_config = ConfigDict(extra="forbid")

    name_zh: Annotated[str, Field(examples=["城管中队"])]
    name_en: str | None = None
    active: bool = True


class NewDepartment(DepartmentBody):
    code: Annotated[str, Field(examples=["urban"])]


class ChangedDepartment(DepartmentBody):
    version: Annotated[
        str | None, Field(description="Of the department that was looked at, as it was listed.")
    ] = None


@router.get("", summary="Departments that handle cases")
def list_case_departments(_caller: MayRead, services: ServicesDep) -> DepartmentList:
    with services.database.begin() as conn:
        return DepartmentList(items=[DepartmentItem.of(each) for each in list_departments(conn)])


@router.post("", status_code=status.HTTP_201_CREATED, summary="Add a department")
def create_case_department(
    body: NewDepartment, caller: MayAdminister, services: ServicesDep
) -> DepartmentItem:
    """409 `department_exists` for a code that is used already."""
    department = read_department(**body.model_dump())
    with services.database.begin() as conn:
        create_department(conn, caller.who, department)
    return DepartmentItem.of(department)


@router.put("/{code}", summary="Rename or retire a department")
def change_case_department(
    code: Annotated[str, Path(examples=["urban"])],
    body: ChangedDepartment,
    caller: MayAdminister,
    services: ServicesDep,
) -> DepartmentItem:
    """409 `department_in_use` while cases of a category are sent to one that is to be retired. With a
    `version` 409 `department_changed` when somebody else has changed it since."""
    department = read_department(code=code, **body.model_dump(exclude={"version"}))
    with services.database.begin() as conn:
        change_department(conn, caller.who, department, body.version)
    return DepartmentItem.of(department)
