"""What an answer means."""

import json
from collections.abc import Collection
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from data.outbox.message import Answer, GiveUp, Outcome, Sent, TryAgain

_AGAIN = (408, 425, 429)
_LONGEST_PAUSE_S = 86_400.0
_MOST_LETTERS = 200


def outcome_of_status(answer: Answer, now: datetime) -> Outcome:
    """By the status alone. No redirect is followed: whoever answers with one may lead anywhere."""
    status = answer.status
    if 200 <= status < 300:
        return Sent()
    if status in _AGAIN or status >= 500:
        return TryAgain(
            reason=f"the receiver answers {status}", after_s=_retry_after_s(answer, now)
        )
    if 300 <= status < 400:
        return GiveUp(reason=f"the receiver answers {status}: enter the address it leads to")
    return GiveUp(reason=f"the receiver answers {status}{_said(_start(answer))}")


def outcome_of_code(
    answer: Answer,
    now: datetime,
    *,
    fields: Collection[str],
    good: Collection[str],
    again: Collection[str],
    pause_s: float | None = None,
    message_fields: Collection[str] = ("errmsg", "msg", "StatusMessage", "message"),
) -> Outcome:
    """By the status, and then by what the JSON of the answer has in the first of `fields` that it has:
    some say only there that nothing was sent. `pause_s` is how long to wait after one of `again`."""
    outcome = outcome_of_status(answer, now)
    body = _json(answer)
    code = next((found for name in fields if (found := _at(body, name)) is not None), None)
    if code is not None and f"{code}" in again:
        return TryAgain(reason=f"the receiver says {code}", after_s=pause_s)
    if not isinstance(outcome, Sent):
        return outcome
    if code is None:
        return TryAgain(reason="the receiver's answer says nothing", doubtful=True)
    if f"{code}" in good:
        return outcome
    said = next((found for name in message_fields if (found := _at(body, name))), "")
    return GiveUp(reason=f"the receiver says {code}{_said(f'{said}')}")


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def _at(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def _start(answer: Answer) -> str:
    return answer.body[: 4 * _MOST_LETTERS].decode(errors="replace")


def _said(text: str) -> str:
    one_line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return f": {one_line[:_MOST_LETTERS]}" if one_line else ""


def _retry_after_s(answer: Answer, now: datetime) -> float | None:
    """Seconds or a date (RFC 9110, 10.2.3)."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isdecimal() and len(text) < 10:
        return min(float(text), _LONGEST_PAUSE_S)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), _LONGEST_PAUSE_S)
