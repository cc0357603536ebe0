"""What somebody does about an alert: hears it, and makes a case of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, case, func, select, update

from data.database import Database
from data.schema import alerts
from data.scope import Viewer
from gis.errors import Conflict, NotFound
from gis.local_time import LOCAL
from patrol.alerts.alert import Kind
from patrol.alerts.listing import Alert, AlertFilter, Bookmark, list_alerts, read_alert
from patrol.cases.case import Actor, Source
from patrol.cases.report import NOTE_LIMIT, read_report, read_text
from patrol.cases.service import CaseService
from patrol.tracking.positions import announce, lock_positions

_TITLES: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.SOS: "人员求助",
        Kind.LEFT_GRID: "离开本网格",
        Kind.ENTERED_AREA: "进入区域",
        Kind.SILENT: "在岗失联",
        Kind.STILL: "长时间停留",
        Kind.LOW_BATTERY: "电量低",
        Kind.MISSED_CHECKPOINT: "漏打卡",
        Kind.NOT_PATROLLED: "未巡到位",
    }
)

_MOST_PLACES = 5
"""That a case names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertPage:
    """`next` is None on the last page."""

    alerts: list[Alert]
    next: Bookmark | None


class AlertService:
    """A method is one transaction. `clock` gives the time with a zone."""

    def __init__(
        self, database: Database, cases: CaseService, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._cases = cases
        self._clock = clock

    def find(
        self, wanted: AlertFilter, viewer: Viewer, *, after: Bookmark | None, count: int
    ) -> AlertPage:
        with self._database.begin(viewer) as conn:
            found = list_alerts(conn, wanted, viewer, after=after, count=count + 1)
        page = found[:count]
        if len(found) == len(page):
            return AlertPage(alerts=page, next=None)
        return AlertPage(alerts=page, next=Bookmark(begun_at=page[-1].begun_at, id=page[-1].id))

    def read(self, alert_id: int, viewer: Viewer) -> Alert:
        """Raises NotFound, also when the viewer may not see it."""
        with self._database.begin(viewer) as conn:
            return _alert(conn, alert_id, viewer)

    def acknowledge(self, alert_id: int, note: str | None, actor: Actor, viewer: Viewer) -> Alert:
        """Say that somebody has heard it. Of several the first stays; all see who that was.

        Raises NotFound, InvalidInput.
        """
        said = read_text(note, field="note", limit=NOTE_LIMIT)
        with self._database.begin(viewer) as conn:
            _alert(conn, alert_id, viewer)
            self._hear(conn, alert_id, said, actor)
            return _alert(conn, alert_id, viewer)

    def make_case(self, alert_id: int, actor: Actor, viewer: Viewer) -> Alert:
        """A case at the place of the alert, dispatched to whoever owns the grid; but not to the one
        whose unit it is about, who has called for help or cannot be reached. The alert counts as heard.
        At most one is made: who comes second gets the first one's.

        Raises NotFound, and Conflict when nobody knows the place.
        """
        with self._database.begin(viewer) as conn:
            _lock(conn, alert_id)
            alert = _alert(conn, alert_id, viewer)
            if alert.case_id is not None:
                return alert
            if alert.lon is None or alert.lat is None:
                raise Conflict(
                    "Nobody knows where this was; report a case at the place that you know.",
                    code="no_place",
                )
            report = read_report(
                lon=alert.lon,
                lat=alert.lat,
                description=describe(alert),
                role=actor.role,
                category="safety.help" if alert.kind is Kind.SOS else None,
                urgent=alert.kind is Kind.SOS,
                source=Source.ALERT,
                about_staff_id=None if alert.unit is None else alert.staff_id,
            )
            case_id = self._cases.report_within(conn, report, actor)
            # The lock of positions comes last: fixes wait for it.
            self._hear(conn, alert_id, None, actor)
            conn.execute(
                update(alerts)
                .where(alerts.c.id == alert_id)
                .values(case_id=case_id, seq=announce(conn))
            )
            return _alert(conn, alert_id, viewer)

    def _hear(self, conn: Connection, alert_id: int, note: str | None, actor: Actor) -> None:
        """What is about a round of a plan is over with that: nothing else ends it."""
        lock_positions(conn)
        now = self._clock()
        over_at = case((alerts.c.plan_id.is_not(None), now), else_=None)
        conn.execute(
            update(alerts)
            .where(alerts.c.id == alert_id, alerts.c.acknowledged_at.is_(None))
            .values(
                ended_at=func.coalesce(alerts.c.ended_at, over_at),
                acknowledged_at=now,
                acknowledged_by_account_id=actor.account_id,
                acknowledged_by=actor.name,
                note=note,
                seq=announce(conn),
            )
        )


def _alert(conn: Connection, alert_id: int, viewer: Viewer) -> Alert:
    alert = read_alert(conn, alert_id, viewer)
    if alert is None:
        raise NotFound(f"There is no alert {alert_id} in your grids.", field="id")
    return alert


def _lock(conn: Connection, alert_id: int) -> None:
    """Let nobody else make a case of it until the transaction ends."""
    key = func.hashtextextended(f"case of alert {alert_id}", 0)
    conn.execute(select(func.pg_advisory_xact_lock(key)))


def describe(alert: Alert) -> str:
    """In Chinese. Without the name: whoever reads it may not be one to read names."""
    at = alert.begun_at.astimezone(LOCAL)
    title = _TITLES[alert.kind]
    if alert.plan is not None:
        missed, covered = alert.plan.missed, alert.plan.covered
        places = "、".join(missed[:_MOST_PLACES]) + (" 等" if len(missed) > _MOST_PLACES else "")
        what = places or ("未按顺序" if alert.plan.in_order is False else "")
        said = f"{what} {covered.reached}/{covered.required}".strip()
        return f"{title}“{alert.plan.name}”：{said}，{at:%m-%d %H:%M}"
    assert alert.unit is not None
    area = "" if alert.area is None else f"“{alert.area.name}”"
    return f"{title}{area}：{alert.unit.code}，{at:%m-%d %H:%M}"
