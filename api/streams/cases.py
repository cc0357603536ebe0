"""Cases, as they change."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from anyio import to_thread

from api.access import Caller
from api.case_answers import CaseAnswer
from api.streams.stream import Bell, Event, Topic
from patrol.cases.live import LiveCases, Watching
from patrol.cases.reader import CaseReader


@asynccontextmanager
async def cases_topic(
    live: LiveCases, cases: CaseReader, caller: Caller, bell: Bell
) -> AsyncIterator[Topic]:
    """What changes from now on, of the cases that the caller sees."""
    with live.watching(wake=bell.ring) as watching:
        yield _Cases(watching, cases, caller)


class _Cases:
    number = None

    def __init__(self, watching: Watching, cases: CaseReader, caller: Caller) -> None:
        self._watching = watching
        self._cases = cases
        self._caller = caller

    async def news(self) -> Sequence[Event]:
        changed = self._watching.take()
        if changed.anything:
            return [Event("reload", b"{}")]
        answers = await to_thread.run_sync(self._answers, changed.case_ids)
        if not answers:
            return []
        items = b",".join(answer.model_dump_json().encode() for answer in answers)
        return [Event("cases", b'{"items":[%b]}' % items)]

    def _answers(self, case_ids: Sequence[int]) -> list[CaseAnswer]:
        if not case_ids:
            return []
        actor = self._caller.actor
        return [
            CaseAnswer.of(entry, self._cases.actions(entry.case, actor), self._caller.names)
            for entry in self._cases.seen(case_ids, actor)
        ]
