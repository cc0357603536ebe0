"""Thresholds of sensors: what becomes a case."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.place_imports import require_everywhere
from data.audit import record
from patrol.sensors.exceedance import Direction
from patrol.sensors.rule import Rule, read_rule
from patrol.sensors.rules import end_rule, insert_rule, list_rules

router = APIRouter(prefix="/sensor_rules", tags=["sensors"])

MayRead = Annotated[Caller, requires(Permission.READ_LAYERS)]
MayManage = Annotated[Caller, requires(Permission.MANAGE_PLACES)]


class NewRuleBody(BaseModel):
    """For one `sensor` or for all of a `kind`: beyond `threshold` in its direction for `for_s` at least,
    until it is back at `clears_at` (the threshold itself, if left out)."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(examples=["窨井水位过高"])]
    sensor: str | None = None
    kind: str | None = None
    quantity: Annotated[str, Field(examples=["water_level_m"])]
    direction: Direction
    threshold: float
    clears_at: float | None = None
    for_s: int = 0
    category: str = "other"
    urgent: bool | None = None


class RuleItem(BaseModel):
    id: int
    name: str
    sensor: str | None
    kind: str | None
    quantity: str
    direction: Direction
    threshold: float
    clears_at: float
    for_s: int
    category: str
    urgent: bool | None
    valid_from: datetime

    @classmethod
    def of(cls, rule: Rule) -> "RuleItem":
        return cls(
            id=rule.id,
            name=rule.name,
            sensor=rule.sensor,
            kind=rule.kind,
            quantity=rule.quantity,
            direction=rule.threshold.direction,
            threshold=rule.threshold.value,
            clears_at=rule.threshold.clears_at,
            for_s=rule.threshold.for_s,
            category=rule.category,
            urgent=rule.urgent,
            valid_from=rule.valid_from,
        )


class RuleList(BaseModel):
    items: list[RuleItem]


@router.get("", summary="The thresholds in force")
def list_sensor_rules(_caller: MayRead, services: ServicesDep) -> RuleList:
    with services.database.begin() as conn:
        return RuleList(items=[RuleItem.of(rule) for rule in list_rules(conn)])


@router.post("", status_code=status.HTTP_201_CREATED, summary="Set a threshold")
def create_sensor_rule(body: NewRuleBody, caller: MayManage, services: ServicesDep) -> RuleItem:
    """It is about readings from now on."""
    require_everywhere(caller)
    rule = read_rule(**body.model_dump())
    with services.database.begin() as conn:
        made = insert_rule(conn, rule, datetime.now(UTC))
        details = {"name": made.name, "about": made.sensor or made.kind, "quantity": made.quantity}
        record(conn, caller.who, "sensor_rule.create", f"sensor rule {made.id}", details=details)
    return RuleItem.of(made)


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, summary="End a threshold")
def delete_sensor_rule(
    rule_id: Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)],
    caller: MayManage,
    services: ServicesDep,
) -> None:
    """To change one, end it and set another. Cases stay."""
    require_everywhere(caller)
    with services.database.begin() as conn:
        name = end_rule(conn, rule_id, datetime.now(UTC))
        record(
            conn,
            caller.who,
            "sensor_rule.end",
            f"sensor rule {rule_id}",
            details={"name": name},
        )
