"""A message: what a device sent at once, read, before anybody has said whose it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import msgspec

from gis.crs import Crs
from gis.errors import InvalidInput
from patrol.tracking.fix import Fix, Refusal, Refused


class Kind(StrEnum):
    """`HEARTBEAT`: the device lives and says no place. `NOTE`: what a protocol has beside places."""

    POSITION = "position"
    HEARTBEAT = "heartbeat"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """`names` are what the device calls itself, the most particular first; none where it does not say.
    `items` name no unit yet and have no coordinate system of their own."""

    kind: Kind
    names: tuple[str, ...] = ()
    items: Sequence[Fix | Refused] = ()

    def of(self, unit: str, crs: Crs | None = None) -> list[Fix | Refused]:
        """The items, of this unit, in this coordinate system."""
        return [
            replace(item, units=frozenset({unit}))
            if isinstance(item, Refused)
            else msgspec.structs.replace(item, unit=unit, crs=crs)
            for item in self.items
        ]

    def refused(self, refusal: Refusal) -> list[Refused]:
        """The items, each refused. Of where the device was nothing is kept, nor when that was."""
        payload = {"device": self.names[0] if self.names else None}
        return [Refused(payload=payload, refusal=refusal) for _ in self.items]


def read_fix(**fields: Any) -> Fix:
    """A fix of these fields. Raises InvalidInput for what none can do without."""
    for field in ("lon", "lat"):
        if fields[field] is None:
            raise InvalidInput(
                f"{field} is missing; a fix needs both coordinates.", code="missing_field"
            )
    return Fix(unit="", **fields)


def refuse(payload: Any, error: InvalidInput) -> Refused:
    """What stood there, and why it is no fix."""
    return Refused(payload=payload, refusal=Refusal(code=error.code, message=error.message))


def device_name(value: Any) -> tuple[str, ...]:
    """What a device calls itself, as one text that can be printed and stored; () for nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ()
    text = str(value)[:200].strip()
    return (
        ("".join(letter if letter.isprintable() else "\ufffd" for letter in text),) if text else ()
    )
