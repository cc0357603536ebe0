"""Posting fixes over HTTP as a phone should: keep them until the server says that it has them."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpx

from gis.errors import InvalidInput, NotPermitted, NotSignedIn, WanggeError

Fix = Mapping[str, Any]
"""One element of the body of POST /api/v1/fixes."""

_MOST_AT_ONCE = 1_000
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 15.0


class Outbox:
    """Fixes that the server has not acknowledged, oldest first.

    A batch leaves the box only on a 200. When the answer is lost the batch is sent again; the server
    stores a fix once however often it comes, so nothing is lost and nothing is there twice.
    """

    def __init__(
        self,
        client: httpx.Client,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._monotonic_s = monotonic_s
        self._waiting: deque[Fix] = deque()
        self._wait_s = 0.0
        self._not_before_s = 0.0
        self.rejected = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, fixes: Iterable[Fix]) -> None:
        self._waiting.extend(fixes)

    def send(self) -> None:
        """Send what waits, unless the server asked for patience or is away: then try a later time.

        Raises NotSignedIn or NotPermitted when the token is of no use, InvalidInput when the server
        does not understand the request.
        """
        while self._waiting and self._monotonic_s() >= self._not_before_s:
            batch = [self._waiting[i] for i in range(min(_MOST_AT_ONCE, len(self._waiting)))]
            if not self._post(batch):
                return
            for _ in batch:
                self._waiting.popleft()

    def _post(self, batch: list[Fix]) -> bool:
        """Whether the server has it."""
        try:
            answer = self._client.post("/api/v1/fixes", json=batch)
        except httpx.TransportError:
            self._back_off(None)
            return False
        if answer.status_code == httpx.codes.OK:
            self._wait_s = 0.0
            self.rejected += len(answer.json()["rejected"])
            return True
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
            self._back_off(answer.headers.get("retry-after"))
            return False
        raise _refusal(answer, "fixes")

    def _back_off(self, retry_after: str | None) -> None:
        self._wait_s = min(max(_FIRST_WAIT_S, self._wait_s * 2), _LONGEST_WAIT_S)
        asked_s = float(retry_after) if retry_after and retry_after.isdigit() else 0.0
        self._not_before_s = self._monotonic_s() + max(self._wait_s, asked_s)


def begin_duty(client: httpx.Client, units: Iterable[str]) -> None:
    """Say that these units are on patrol.

    Raises InvalidInput when the server is not there or does not know a unit, NotSignedIn or
    NotPermitted when the token is of no use.
    """
    for unit in units:
        try:
            answer = client.post(f"/api/v1/units/{unit}/duty", json={"on": True})
        except httpx.TransportError as error:
            raise InvalidInput(f"There is no server at {client.base_url}.", field="url") from error
        if not answer.is_success:
            raise _refusal(answer, f"the duty of {unit}")


def _refusal(answer: httpx.Response, what: str) -> WanggeError:
    try:
        detail = str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = answer.reason_phrase
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return NotSignedIn(f"The server refuses the token: {detail}")
    if answer.status_code == httpx.codes.FORBIDDEN:
        return NotPermitted(f"The token may not speak for every unit: {detail}")
    return InvalidInput(f"The server answers {answer.status_code} to {what}: {detail}")
