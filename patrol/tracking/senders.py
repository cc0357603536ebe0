"""Senders: whose fixes somebody may send."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from patrol.tracking.fix import Fix, Refusal, Refused, without_place


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyUnit:
    """A gateway: it speaks for every unit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OneUnit:
    """A device. `unit` is the public identifier of the one that it belongs to."""

    unit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitsOfStaff:
    """Somebody on the staff, with what they carry."""

    staff_id: int


Sender = AnyUnit | OneUnit | UnitsOfStaff

_NOT_YOURS = Refusal(
    code="not_your_unit",
    message="This account may not send fixes of this unit; name the unit that it belongs to.",
)


def claim(items: Sequence[Fix | Refused], units: frozenset[str]) -> list[Fix | Refused]:
    """The items of a sender who has these units. A fix of any other is refused, and its place is not
    kept: it is nobody's business where somebody was who names the wrong unit."""
    return [_claim(item, units) for item in items]


def _claim(item: Fix | Refused, units: frozenset[str]) -> Fix | Refused:
    if isinstance(item, Refused):
        return item.of_one_among(units)
    if item.unit in units:
        return item
    return Refused(payload=without_place(msgspec.to_builtins(item)), refusal=_NOT_YOURS)
