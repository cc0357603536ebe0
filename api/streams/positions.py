"""Positions of units, and alerts, which share their numbers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from api.access import Caller
from api.alert_answers import AlertAnswer
from api.names import Names
from api.position_answers import encode_position
from api.streams.stream import Bell, Event, Topic
from patrol.alerts.listing import Alert
from patrol.tracking.live import LivePositions, Subscription


@asynccontextmanager
async def positions_topic(
    live: LivePositions, caller: Caller, bell: Bell, *, after: int
) -> AsyncIterator[Topic]:
    """After the number `after`; after 0 every position and each alert that is open."""
    with live.subscribe(caller.viewer, wake=bell.ring, after=after) as subscription:
        yield _Positions(subscription, caller.names)


class _Positions:
    def __init__(self, subscription: Subscription, names: Names) -> None:
        self._subscription = subscription
        self._names = names

    @property
    def number(self) -> int:
        return self._subscription.seq

    async def news(self) -> Sequence[Event]:
        positions, alerts = self._subscription.take()
        with_names = self._names.shown
        told = {
            "alerts": [_encode_alert(alert, self._names) for alert in alerts],
            "positions": [encode_position(position, with_names) for position in positions],
        }
        return [Event(name, _data(items)) for name, items in told.items() if items]


def _data(items: Sequence[bytes]) -> bytes:
    server_time = datetime.now(UTC).isoformat().encode()
    return b'{"server_time":"%b","items":[%b]}' % (server_time, b",".join(items))


def _encode_alert(alert: Alert, names: Names) -> bytes:
    return AlertAnswer.of(alert, names).model_dump_json().encode()
