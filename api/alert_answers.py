"""What an alert looks like in answers and on the stream."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from api.answers import RatioAnswer
from api.names import Names
from patrol.alerts.alert import Kind
from patrol.alerts.areas import AreaKind
from patrol.alerts.listing import Alert, PlanRound


class AlertArea(BaseModel):
    id: int
    name: str
    kind: AreaKind


class AlertAcknowledgement(BaseModel):
    at: datetime
    by: str
    note: str | None


class AlertPlan(BaseModel):
    """A round of a patrol plan that was not done: `covered` of its checkpoints, cells or pieces of road,
    `missed` the names of the checkpoints that nobody reached. `in_order` is null where no order is
    asked."""

    model_config = ConfigDict(serialize_by_alias=True)

    id: int
    name: str
    grid: str
    begins_at: Annotated[datetime, Field(alias="from")]
    ends_at: Annotated[datetime, Field(alias="to")]
    covered: RatioAnswer
    in_order: bool | None
    missed: list[str]

    @classmethod
    def of(cls, plan: PlanRound) -> Self:
        return cls.model_validate(
            {
                "id": plan.id,
                "name": plan.name,
                "grid": plan.grid_code,
                "from": plan.begins_at,
                "to": plan.ends_at,
                "covered": RatioAnswer.of(plan.covered),
                "in_order": plan.in_order,
                "missed": plan.missed,
            }
        )


class AlertAnswer(BaseModel):
    """About a unit, with its `name` and `role`, or about a round of a `plan`: what it is not about is
    null. `open` says whether it wants somebody's attention: a call for help and a round until it is
    acknowledged, anything else until it is over. `late`: it was over long before anybody could hear of
    it. `withdrawn`: later fixes show that it was not so. lon and lat are where it began, or the first
    place that was not reached; null where nobody knows."""

    id: int
    kind: Kind
    unit: str | None
    name: str | None
    role: str | None
    plan: AlertPlan | None
    begun_at: datetime
    ended_at: datetime | None
    recorded_at: datetime
    open: bool
    late: bool
    withdrawn: bool
    lon: float | None
    lat: float | None
    battery_pct: float | None
    area: AlertArea | None
    acknowledged: AlertAcknowledgement | None
    case: int | None

    @classmethod
    def of(cls, alert: Alert, names: Names) -> Self:
        unit, heard = alert.unit, alert.acknowledgement
        return cls(
            id=alert.id,
            kind=alert.kind,
            unit=None if unit is None else unit.code,
            name=None if unit is None else names.of_unit(unit.name, unit.code),
            role=None if unit is None else unit.role,
            plan=None if alert.plan is None else AlertPlan.of(alert.plan),
            begun_at=alert.begun_at,
            ended_at=alert.ended_at,
            recorded_at=alert.recorded_at,
            open=alert.is_open,
            late=alert.late,
            withdrawn=alert.withdrawn,
            lon=alert.lon,
            lat=alert.lat,
            battery_pct=alert.battery_pct,
            area=None
            if alert.area is None
            else AlertArea(id=alert.area.id, name=alert.area.name, kind=AreaKind(alert.area.kind)),
            acknowledged=None
            if heard is None
            else AlertAcknowledgement(
                at=heard.at,
                by=names.of_actor(heard.by, heard.account_id),
                note=None if heard.note is None else names.in_text(heard.note),
            ),
            case=alert.case_id,
        )
