"""What changes, as it changes."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from api.access import Caller, Permission, requires
from api.context import Services, ServicesDep
from api.standing import Standing
from api.streams import Bell, event_stream
from api.streams.cases import cases_topic
from api.streams.notices import notices_topic
from api.streams.positions import positions_topic
from gis.errors import InvalidInput, NotPermitted

router = APIRouter(tags=["streams"])

_LONGEST_NUMBER = 19  # digits; Python refuses to read thousands


def seen_before(
    after: Annotated[
        str | None,
        Query(
            description="An id of this stream, or what one has read: `seq` of GET /positions and `seq` "
            "of GET /notices with a point between them, or the one of both that is a topic.",
            examples=["1742.12"],
        ),
    ] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> str | None:
    """The id of the last event that a viewer has; the browser's own is later than the address's."""
    return after if last_event_id is None else last_event_id


SeenBefore = Annotated[str | None, Depends(seen_before)]


class TopicName(StrEnum):
    POSITIONS = "positions"
    CASES = "cases"
    NOTICES = "notices"


_NEEDS = {
    TopicName.POSITIONS: Permission.READ_POSITIONS,
    TopicName.CASES: Permission.READ_CASES,
}
_NUMBERED = (TopicName.POSITIONS, TopicName.NOTICES)
_EVENTS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}}}


@router.get(
    "/stream",
    summary="What changes, as it changes",
    response_class=StreamingResponse,
    responses=_EVENTS,
)
async def stream_changes(
    request: Request,
    caller: Annotated[Caller, requires()],
    services: ServicesDep,
    seen: SeenBefore,
    topic: Annotated[
        list[TopicName] | None, Query(description="All that you may read if you name none.")
    ] = None,
) -> StreamingResponse:
    """Server-Sent Events about several things on one connection: a browser has six.

    Of `positions`: `positions`, `{"server_time", "items": [the properties of a position with lon and
    lat]}`, and `alerts`, `{"server_time", "items": [as GET /alerts has them]}`. A slow reader gets the
    latest position of each unit and not every one; an alert that is no longer `open` is sent once more.
    After 0 they begin with every position and every open alert.

    Of `cases`: `cases`, `{"items": [as GET /cases has them]}`, and `reload`: anything may have changed,
    so read the list again. Open the stream first and read the list then, each time it is opened, and
    nothing is missed. A case that goes out of the caller's sight is not told of: read the list now and
    then.

    Of `notices`: `notices`, `{"items": [as GET /notices has them], "unread"}`. One that was in the list
    already may come once more; it has the same id.

    A `heartbeat` comes when nothing else has for 15 s: a connection without one is dead.

    An event's id says up to where positions and notices have been told: whoever comes back with
    `Last-Event-ID` and the same topics misses none. Without an id positions begin with all there are,
    and notices with what comes next.
    """
    readable = [each for each in TopicName if _NEEDS.get(each) in (None, *caller.permissions)]
    wanted = topic or readable
    for each in wanted:
        if each not in readable:
            raise NotPermitted(f"The stream of {each} needs {_NEEDS[each]}.", field="topic")
    topics = [each for each in readable if each in wanted]
    return _stream(request, caller, services, topics, seen)


@router.get(
    "/positions/stream",
    summary="Positions and alerts, as they change",
    response_class=StreamingResponse,
    responses=_EVENTS,
)
async def stream_positions(
    request: Request,
    caller: Annotated[Caller, requires(Permission.READ_POSITIONS)],
    services: ServicesDep,
    seen: SeenBefore,
) -> StreamingResponse:
    """`GET /stream` about positions alone. The event's id is its number."""
    return _stream(request, caller, services, [TopicName.POSITIONS], seen)


def _stream(
    request: Request,
    caller: Caller,
    services: Services,
    topics: Sequence[TopicName],
    seen: str | None,
) -> StreamingResponse:
    numbered = [topic for topic in topics if topic in _NUMBERED]
    numbers = (
        {} if seen is None else dict(zip(numbered, _numbers(seen, len(numbered)), strict=True))
    )
    bell = Bell()
    opened = {
        TopicName.POSITIONS: lambda: positions_topic(
            services.live, caller, bell, after=numbers.get(TopicName.POSITIONS, 0)
        ),
        TopicName.CASES: lambda: cases_topic(
            services.live_cases, services.case_reader, caller, bell
        ),
        TopicName.NOTICES: lambda: notices_topic(
            services.notices, services.database, caller, bell, after=numbers.get(TopicName.NOTICES)
        ),
    }
    standing = Standing(request, caller, services.identities)
    return event_stream(standing, bell, [opened[topic]() for topic in topics])


def _numbers(event_id: str, count: int) -> list[int]:
    parts = event_id.split(".") if event_id else []
    if len(parts) != count or not all(
        part.isdecimal() and len(part) <= _LONGEST_NUMBER for part in parts
    ):
        raise InvalidInput(
            f"{event_id[:50]!r} is no id of this stream: it has {count} numbers with points between "
            "them. Leave it out to begin anew.",
            field="after",
        )
    return [min(int(part), 2**63 - 1) for part in parts]
