"""Alerts as they are looked at: with the names of what they are about, by pages or as they change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Text,
    and_,
    any_,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from data.schema import alerts, areas, patrol_plans, units
from data.scope import Viewer
from gis.ratio import Ratio
from patrol.alerts.alert import Kind
from patrol.plans.plan import is_read_by
from patrol.tracking.units import is_seen_by

_OPEN = text(
    "not alerts.withdrawn and (alerts.ended_at is null"
    " or alerts.kind = 'sos' and alerts.acknowledged_at is null)"
)
"""What wants somebody's attention. A call for help does until somebody has heard it."""

_ALERTS = select(
    alerts,
    units.c.code.label("unit_code"),
    units.c.name.label("unit_name"),
    units.c.role,
    units.c.staff_id,
    units.c.grid_code.label("home_code"),
    patrol_plans.c.name.label("plan_name"),
    patrol_plans.c.grid_code.label("plan_grid"),
    areas.c.name.label("area_name"),
    areas.c.kind.label("area_kind"),
).select_from(
    alerts.outerjoin(patrol_plans, patrol_plans.c.id == alerts.c.plan_id)
    # The unit of the plan, if it names one: whose it is may read the plan.
    .outerjoin(units, units.c.id == func.coalesce(alerts.c.unit_id, patrol_plans.c.unit_id))
    .outerjoin(areas, areas.c.id == alerts.c.area_id)
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


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedUnit:
    code: str
    name: str
    role: str
    home_code: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanRound:
    """A round of a plan of the grid `grid_code` that was not done; `missed` are the names of the
    checkpoints that nobody reached, `in_order` is None where no order is asked."""

    id: int
    name: str
    grid_code: str
    begins_at: datetime
    ends_at: datetime
    covered: Ratio
    in_order: bool | None
    missed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Alert:
    """An alert about a unit or about a round of a plan: the other one is None. `staff_id` is whose the
    unit is, that of the plan too."""

    id: int
    unit: NamedUnit | None
    plan: PlanRound | None
    staff_id: int | None
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

    def is_seen_by(self, viewer: Viewer) -> bool:
        if self.plan is not None:
            return viewer.reads_plan(staff_id=self.staff_id, grid_code=self.plan.grid_code)
        assert self.unit is not None
        return viewer.sees(staff_id=self.staff_id, grid_code=self.unit.home_code)


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
    query = _ALERTS.where(_is_seen_by(viewer), or_(~a.withdrawn, acted_on))
    if wanted.is_open:
        query = query.where(_OPEN)
    if wanted.kinds is not None:
        query = query.where(a.kind == any_(literal(sorted(wanted.kinds), ARRAY(Text))))
    if wanted.unit is not None:
        query = query.where(units.c.code == wanted.unit, a.unit_id.is_not(None))
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
    query = _ALERTS.where(_is_seen_by(viewer), alerts.c.id == alert_id)
    row = conn.execute(query).mappings().one_or_none()
    return None if row is None else _alert(row)


def alerts_after(conn: Connection, after: int, *, with_open: bool) -> list[Alert]:
    """Everybody's, whose number is above `after`, and if wanted those that are open; by their number."""
    newer = alerts.c.seq > after
    query = _ALERTS.where(or_(newer, _OPEN) if with_open else newer).order_by(alerts.c.seq)
    return [_alert(row) for row in conn.execute(query).mappings()]


def alerts_to_tell(conn: Connection, after: int, *, recorded_since: datetime) -> list[Alert]:
    """Everybody's, whose number is above `after`, that want attention and that nobody has acknowledged;
    by their number. What was over long before it became known is not among them."""
    a = alerts.c
    query = _ALERTS.where(
        a.seq > after,
        a.recorded_at >= recorded_since,
        ~a.late,
        ~a.withdrawn,
        a.acknowledged_at.is_(None),
    )
    return [_alert(row) for row in conn.execute(query.order_by(a.seq)).mappings()]


def alerts_seen_by(viewer: Viewer, several: Iterable[Alert]) -> Sequence[Alert]:
    """Those about units that `viewer` sees and about plans that they may read."""
    return [alert for alert in several if alert.is_seen_by(viewer)]


def _is_seen_by(viewer: Viewer) -> ColumnElement[bool]:
    """`Alert.is_seen_by` as a condition."""
    about_plan = alerts.c.plan_id.is_not(None)
    return or_(
        and_(~about_plan, is_seen_by(viewer)),
        and_(about_plan, is_read_by(viewer)),
    )


def _alert(row: RowMapping) -> Alert:
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
        **{name: row[name] for name in _PLAIN},
        unit=None if row["unit_id"] is None else _unit(row),
        plan=None if row["plan_id"] is None else _plan(row),
        kind=Kind(row["kind"]),
        area=area,
        battery_pct=row["details"].get("battery_pct"),
        acknowledgement=acknowledgement,
    )


_PLAIN = (
    *("id", "staff_id", "begun_at", "ended_at", "lon", "lat", "late", "withdrawn", "recorded_at"),
    *("case_id", "seq"),
)


def _unit(row: RowMapping) -> NamedUnit:
    return NamedUnit(
        code=row["unit_code"],
        name=row["unit_name"],
        role=row["role"],
        home_code=row["home_code"],
    )


def _plan(row: RowMapping) -> PlanRound:
    said = row["details"]
    return PlanRound(
        id=row["plan_id"],
        name=row["plan_name"],
        grid_code=row["plan_grid"],
        begins_at=row["round_at"],
        ends_at=row["begun_at"],
        covered=Ratio(reached=said["reached"], required=said["required"]),
        in_order=said["in_order"],
        missed=tuple(said["missed"]),
    )
