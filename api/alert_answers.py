"""What an alert looks like in answers and on the stream."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from api.names import Names
from patrol.alerts.alert import Kind
from patrol.alerts.areas import AreaKind
from patrol.alerts.listing import Alert


class AlertArea(BaseModel):
    id: int
    name: str
    kind: AreaKind


class AlertAcknowledgement(BaseModel):
    at: datetime
    by: str
    note: str | None


class AlertAnswer(BaseModel):
    """`open` says whether it wants somebody's attention: a call for help until it is acknowledged,
    anything else until it is over. `late`: it was over long before anybody could hear of it.
    `withdrawn`: later fixes show that it was not so. lon and lat are where it began, null where nobody
    knows."""

    id: int
    kind: Kind
    unit: str
    name: str
    role: str
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
        heard = alert.acknowledgement
        return cls(
            id=alert.id,
            kind=alert.kind,
            unit=alert.unit,
            name=names.of_unit(alert.unit_name, alert.unit),
            role=alert.role,
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
