"""What the columns of files were taken for: remembered from one import of grids to the next."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, status
from pydantic import BaseModel

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from data.audit import record
from data.editions import FieldMapping, forget, read_mappings

router = APIRouter(prefix="/field-mappings", tags=["grids"])

MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]


class FieldMappingAnswer(BaseModel):
    """Of files with the columns `fields`, which are the code, the name, the parent and the level."""

    id: int
    fields: list[str]
    code_field: str | None
    name_field: str | None
    parent_field: str | None
    level_field: str | None
    made_by: str
    made_at: datetime
    used_at: datetime
    times_used: int

    @classmethod
    def of(cls, mapping: FieldMapping) -> "FieldMappingAnswer":
        return cls(
            id=mapping.id,
            fields=list(mapping.fields),
            code_field=mapping.columns.code,
            name_field=mapping.columns.name,
            parent_field=mapping.columns.parent,
            level_field=mapping.columns.level,
            made_by=mapping.made_by,
            made_at=mapping.made_at,
            used_at=mapping.used_at,
            times_used=mapping.times_used,
        )


class FieldMappings(BaseModel):
    items: list[FieldMappingAnswer]


@router.get("")
def list_field_mappings(_caller: MayAdminister, services: ServicesDep) -> FieldMappings:
    """What is remembered about the columns of files, the one used last first."""
    with services.database.begin() as conn:
        return FieldMappings(items=[FieldMappingAnswer.of(each) for each in read_mappings(conn)])


@router.delete("/{mapping_id}", status_code=status.HTTP_204_NO_CONTENT)
def forget_field_mapping(mapping_id: int, caller: MayAdminister, services: ServicesDep) -> None:
    """The next file with these columns is looked at anew."""
    with services.database.begin() as conn:
        mapping = forget(conn, mapping_id)
        record(
            conn,
            caller.who,
            "field_mapping.forget",
            f"field mapping {mapping.id}",
            details={"fields": list(mapping.fields), "made_by": mapping.made_by},
        )
