"""Alerts: looking them up, hearing them, and making cases of them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from api.access import Caller, Permission, requires
from api.alert_answers import AlertAnswer
from api.context import ServicesDep
from api.cursors import read_cursor, write_cursor
from api.instants import Instant
from patrol.alerts.alert import Kind
from patrol.alerts.listing import AlertFilter, Bookmark
from patrol.tracking.units import find_unit

router = APIRouter(prefix="/alerts", tags=["alerts"])

MayRead = Annotated[Caller, requires(Permission.READ_POSITIONS)]
MayAct = Annotated[Caller, requires(Permission.ACKNOWLEDGE_ALERTS)]
AlertId = Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)]


class AlertPageAnswer(BaseModel):
    """`next` is the cursor of the next page, null on the last."""

    items: list[AlertAnswer]
    next: str | None


class NewAcknowledgement(BaseModel):
    note: str | None = None


@router.get("", summary="Alerts, the latest beginning first")
def list_alerts(
    *,
    caller: MayRead,
    services: ServicesDep,
    state: Annotated[
        Literal["open", "all"], Query(description="open: what wants attention now.")
    ] = "open",
    kind: Annotated[list[Kind] | None, Query(description="May be repeated.")] = None,
    unit: Annotated[str | None, Query(description="The unit's id.")] = None,
    since: Annotated[
        Instant | None, Query(alias="from", description="Begun then or later.")
    ] = None,
    until: Annotated[Instant | None, Query(alias="to", description="Begun before.")] = None,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> AlertPageAnswer:
    """`GET /positions/stream` sends what changes about them as events `alerts`."""
    if unit is not None:
        with services.database.begin(caller.viewer) as conn:
            find_unit(conn, unit, caller.viewer)
    wanted = AlertFilter(
        is_open=state == "open",
        kinds=None if kind is None else frozenset(kind),
        unit=unit,
        since=since,
        until=until,
    )
    after = None
    if cursor is not None:
        begun_at, alert_id = read_cursor(cursor)
        after = Bookmark(begun_at=begun_at, id=alert_id)
    page = services.alerts.find(wanted, caller.viewer, after=after, count=limit)
    return AlertPageAnswer(
        items=[AlertAnswer.of(alert, caller.names) for alert in page.alerts],
        next=None if page.next is None else write_cursor(page.next.begun_at, page.next.id),
    )


@router.get("/{id}", summary="An alert")
def read_alert(alert_id: AlertId, caller: MayRead, services: ServicesDep) -> AlertAnswer:
    return AlertAnswer.of(services.alerts.read(alert_id, caller.viewer), caller.names)


@router.post("/{id}/acknowledge", summary="Say that somebody has heard it")
def acknowledge_alert(
    alert_id: AlertId, body: NewAcknowledgement, caller: MayAct, services: ServicesDep
) -> AlertAnswer:
    """Of several who do, the first stays; the answer says who that was."""
    alert = services.alerts.acknowledge(alert_id, body.note, caller.actor, caller.viewer)
    return AlertAnswer.of(alert, caller.names)


@router.post("/{id}/case", summary="Make a case of it")
def make_case_of_alert(alert_id: AlertId, caller: MayAct, services: ServicesDep) -> AlertAnswer:
    """It is filed at the place of the alert and dispatched to whoever owns the grid. At most one is
    made: whoever asks again is told of the same one. The alert counts as acknowledged. Status 409 when
    nobody knows the place."""
    alert = services.alerts.make_case(alert_id, caller.actor, caller.viewer)
    return AlertAnswer.of(alert, caller.names)
