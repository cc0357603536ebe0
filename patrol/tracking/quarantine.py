"""Quarantine: what a device sent and nobody can use, kept with its reason and as it was sent.

Only where somebody was off duty is never kept.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Self

import msgspec

from patrol.tracking.fix import Fix, Refusal, Refused, without_place

_LONGEST_PAYLOAD = 4000
# What Python's json writes and PostgreSQL's does not hold.
_NOT_JSONB = re.compile(r"NaN|Infinity|\\u0000|\\ud[89a-f]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Quarantined:
    """`payload` is JSON: what was sent or, when that is too long or no JSON, the text of it."""

    unit: str | None
    reason: str
    message: str
    payload: str

    @classmethod
    def of(cls, item: Fix | Refused, refusal: Refusal, *, with_place: bool = True) -> Self:
        sent = item.payload if isinstance(item, Refused) else msgspec.to_builtins(item)
        if not with_place:
            sent = without_place(sent)
        return cls(
            unit=_unit(item, sent),
            reason=refusal.code,
            message=refusal.message,
            payload=_payload(sent),
        )


def _unit(item: Fix | Refused, sent: Any) -> str | None:
    """The only one that it can be of, else the one that it names."""
    unit = sent.get("unit") if isinstance(sent, dict) else None
    if isinstance(item, Refused) and len(item.units) == 1:
        [unit] = item.units
    return unit[:100] if isinstance(unit, str) and unit.isprintable() else None


def _payload(sent: Any) -> str:
    text = json.dumps(sent)
    if len(text) > _LONGEST_PAYLOAD or _NOT_JSONB.search(text):
        return json.dumps(text[:_LONGEST_PAYLOAD])
    return text
