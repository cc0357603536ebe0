"""Alerts as they are looked at: with the names of what they are about, by pages or as they change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Text, any_, literal, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from data.schema import alerts, areas, units
from data.scope import Viewer
from patrol.alerts.alert import Kind
from patrol.tracking.units import is_seen_by

_OPEN = text(
    "not alerts.withdrawn and (alerts.ended_at is null"
    " or alerts.kind = 'sos' and alerts.acknowledged_at is null)"
)
"""What wants somebody's attention. A call for help does until somebody has heard it."""

_ALERTS = select(
    alerts,
    units.c.code.label("unit"),
    units.c.name.label("unit_name"),
    units.c.role,
    units.c.staff_id,
    units.c.grid_code.label("home_code"),
    areas.c.name.label("area_name"),
    areas.c.kind.label("area_kind"),
).select_from(
    alerts.join(units, units.c.id == alerts.c.unit_id).outerjoin(
        areas, areas.c.id == alerts.c.area_id
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedArea:
    id: int
    name: str
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Acknowledgement:
    """`by` is the name as it was then."""

    at: datetime
    account_id: int
    by: str
    note: str | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Alert:
    """An alert about the unit with the code `unit`, and what tells who may see it."""

    id: int
    unit_id: int
    unit: str
    unit_name: str
    role: str
    staff_id: int | None
    home_code: str | None
    kind: Kind
    area: NamedArea | None
    begun_at: datetime
    ended_at: datetime | None
    lon: float | None
    lat: float | None
    battery_pct: float | None
    late: bool
    withdrawn: bool
    recorded_at: datetime
    acknowledgement: Acknowledgement | None
    case_id: int | None
    seq: int

    @property
    def is_open(self) -> bool:
        """Whether it wants somebody's attention."""
        if self.withdrawn:
            return False
        unheard = self.kind is Kind.SOS and self.acknowledgement is None
        return self.ended_at is None or unheard


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertFilter:
    """Which alerts are wanted; None leaves a question open. `since` and `until` are about when they
    began. What was withdrawn is only in the list when somebody had acted on it."""

    is_open: bool = False
    kinds: frozenset[Kind] | None = None
    unit: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Bookmark:
    """The last alert of a page."""

    begun_at: datetime
    id: int


def list_alerts(
    conn: Connection, wanted: AlertFilter, viewer: Viewer, *, after: Bookmark | None, count: int
) -> list[Alert]:
    """What the viewer sees of what is wanted, the latest beginning first."""
    a = alerts.c
    acted_on = or_(a.acknowledged_at.is_not(None), a.case_id.is_not(None))
    query = _ALERTS.where(is_seen_by(viewer), or_(~a.withdrawn, acted_on))
    if wanted.is_open:
        query = query.where(_OPEN)
    if wanted.kinds is not None:
        query = query.where(a.kind == any_(literal(sorted(wanted.kinds), ARRAY(Text))))
    if wanted.unit is not None:
        query = query.where(units.c.code == wanted.unit)
    if wanted.since is not None:
        query = query.where(a.begun_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(a.begun_at < wanted.until)
    if after is not None:
        query = query.where(tuple_(a.begun_at, a.id) < tuple_(after.begun_at, after.id))
    query = query.order_by(a.begun_at.desc(), a.id.desc()).limit(count)
    return [_alert(row) for row in conn.execute(query).mappings()]


def read_alert(conn: Connection, alert_id: int, viewer: Viewer) -> Alert | None:
    """None when there is none that the viewer sees."""
    query = _ALERTS.where(is_seen_by(viewer), alerts.c.id == alert_id)
    row = conn.execute(query).mappings().one_or_none()
    return None if row is None else _alert(row)


def alerts_after(conn: Connection, after: int, *, with_open: bool) -> list[Alert]:
    """Everybody's, whose number is above `after`, and if wanted those that are open; by their number."""
    newer = alerts.c.seq > after
    query = _ALERTS.where(or_(newer, _OPEN) if with_open else newer).order_by(alerts.c.seq)
    return [_alert(row) for row in conn.execute(query).mappings()]


def alerts_seen_by(viewer: Viewer, several: Iterable[Alert]) -> Sequence[Alert]:
    """Those about units that `viewer` sees."""
    return [
        alert
        for alert in several
        if viewer.sees(staff_id=alert.staff_id, grid_code=alert.home_code)
    ]


def _alert(row: RowMapping) -> Alert:
    plain: dict[str, Any] = {
        name: row[name]
        for name in Alert.__dataclass_fields__
        if name not in ("kind", "area", "battery_pct", "acknowledgement")
    }
    area = None
    if row["area_id"] is not None:
        area = NamedArea(id=row["area_id"], name=row["area_name"], kind=row["area_kind"])
    acknowledgement = None
    if row["acknowledged_at"] is not None:
        acknowledgement = Acknowledgement(
            at=row["acknowledged_at"],
            account_id=row["acknowledged_by_account_id"],
            by=row["acknowledged_by"],
            note=row["note"],
        )
    return Alert(
        **plain,
        kind=Kind(row["kind"]),
        area=area,
        battery_pct=row["details"].get("battery_pct"),
        acknowledgement=acknowledgement,
    )
