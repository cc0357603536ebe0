"""Telling people of alerts: the chief of the unit's grid, and of calls for help the dispatchers too.

Of each alert everybody is told once, whoever looks and however often: where this had come to need not be
remembered.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from data.background import Routine
from data.background.routine import GoOn
from data.database import Database
from data.editions import GridIndex, GridIndexes
from data.scope import Viewer
from data.sql import load_sql
from gis.local_time import LOCAL
from patrol.alerts.acting import describe
from patrol.alerts.alert import Kind
from patrol.alerts.listing import Alert, alerts_to_tell
from patrol.duty.desk import dispatchers_of
from patrol.duty.ownership import owner_among, posts_in
from patrol.notices import Notice, NoticeKind, about_alert, tell

_SQL = load_sql("patrol.alerts", "telling.sql")

_NEWS = timedelta(hours=1)
"""Of what was recorded before, nobody is told any more: the worker may have been away."""


class AlertNotices(Routine):
    """`async with AlertNotices(…):` looks every `look_s` until it is left. `database` is as the role
    that answers requests."""

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        *,
        look_s: float = 2.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__("notices of alerts", self._look, retry_s=look_s)
        self._database = database
        self._grid_indexes = grid_indexes
        self._look_s = look_s
        self._now = now
        self._after = 0

    def _look(self, _go_on: GoOn) -> float:
        self._after = tell_of_alerts(
            self._database, self._grid_indexes, self._now(), after=self._after
        )
        return self._look_s


def tell_of_alerts(
    database: Database, grid_indexes: GridIndexes, now: datetime, *, after: int = 0
) -> int:
    """Tell of the alerts with numbers above `after`. Returns the last number; a number that this
    database has not come to is left behind."""
    with database.begin(Viewer.everything()) as conn:
        last = conn.scalar(text(_SQL["last_number"])) or 0
        if last == after:
            return after
        news = alerts_to_tell(conn, after if after < last else 0, recorded_since=now - _NEWS)
        if news:
            index = grid_indexes.active(conn)
            tell(conn, _notices(conn, news, index, now), now)
        return max((alert.seq for alert in news), default=last)


def _notices(
    conn: Connection, news: Iterable[Alert], index: GridIndex | None, now: datetime
) -> list[Notice]:
    notices = []
    for alert in news:
        is_call = alert.kind is Kind.SOS
        kind = NoticeKind.CALL_FOR_HELP if is_call else NoticeKind.ALERT
        for staff_id in _whom(conn, alert, index, now, is_call=is_call):
            notices.append(
                about_alert(
                    kind,
                    staff_id=staff_id,
                    alert_id=alert.id,
                    zh=describe(alert),
                    en=_in_english(alert),
                )
            )
    return notices


def _whom(
    conn: Connection, alert: Alert, index: GridIndex | None, now: datetime, *, is_call: bool
) -> Sequence[int]:
    """Never the one whom it is about: who has called for help need not be told."""
    about = alert.staff_id if alert.unit is not None else None
    home = alert.plan.grid_code if alert.plan is not None else None
    if alert.unit is not None:
        home = alert.unit.home_code
    chain: list[str] = []
    if index is not None and home is not None and home in index.tree:
        chain = [grid.code for grid in index.tree.chain(home)]
    posts = [post for post in posts_in(conn, chain, now) if post.role == "grid_chief"]
    chief = owner_among(posts, chain, not_staff_id=about).staff_id
    whom = set() if chief is None else {chief}
    if is_call or chief is None:
        whom |= dispatchers_of(conn, chain, now) - {about}
    return sorted(whom)


def _in_english(alert: Alert) -> str:
    at = alert.begun_at.astimezone(LOCAL)
    name = alert.plan.name if alert.plan is not None else ""
    if alert.unit is not None:
        name = alert.unit.code
    return f"{alert.kind.replace('_', ' ')}: {name}, {at:%m-%d %H:%M}"
