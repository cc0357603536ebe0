"""Senders: whose fixes somebody may send."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from gis.crs import Crs
from patrol.tracking.fix import Fix, Refusal, Refused, without_place


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyUnit:
    """A gateway: it speaks for every unit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OneUnit:
    """A device. `unit` is the public identifier of the one that it belongs to, `crs` what its positions
    are in where they do not say."""

    unit: str
    crs: Crs = Crs.WGS84


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitsOfStaff:
    """Somebody on the staff, with what they carry."""

    staff_id: int


Sender = AnyUnit | OneUnit | UnitsOfStaff

_NOT_YOURS = Refusal(
    code="not_your_unit",
    message="This account may not send fixes of this unit; name the unit that it belongs to.",
)


def claim(
    items: Sequence[Fix | Refused], units: frozenset[str], crs: Crs = Crs.WGS84
) -> list[Fix | Refused]:
    """The items of a sender who has these units and sends in `crs`. A fix of any other is refused, and
    its place is not kept: it is nobody's business where somebody was who names the wrong unit."""
    return [_claim(item, units, crs) for item in items]


def _claim(item: Fix | Refused, units: frozenset[str], crs: Crs) -> Fix | Refused:
    if isinstance(item, Refused):
        return item.of_one_among(units)
    if item.unit in units:
        if item.crs is None and crs is not Crs.WGS84:
            return msgspec.structs.replace(item, crs=crs)
        return item
    return Refused(payload=without_place(msgspec.to_builtins(item)), refusal=_NOT_YOURS)
