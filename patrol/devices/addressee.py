"""Whose a message is: the sender's own device, or one that a gateway speaks for."""

from dataclasses import dataclass

from gis.crs import Crs
from patrol.devices.message import Message
from patrol.tracking.fix import Fix, Refusal, Refused

_NOT_YOUR_DEVICE = Refusal(
    code="not_your_device",
    message="The device calls itself by another identifier than it is enrolled with; enter that one in "
    "the app, or enrol the device again.",
)
_NAMELESS = Refusal(
    code="missing_device",
    message="The message does not say which device it is of, and a gateway speaks for many.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolledDevice:
    """`identifier` is what it calls itself, `crs` what its positions are in."""

    unit: str
    identifier: str
    crs: Crs


def items_of_device(message: Message, device: EnrolledDevice) -> list[Fix | Refused]:
    """Of a device that sends for itself. What calls itself something else is refused, and its place is
    not kept: it may be anybody's."""
    if message.names and device.identifier not in message.names:
        return [*message.refused(_NOT_YOUR_DEVICE)]
    return message.of(device.unit, device.crs)


def items_of_gateway(message: Message, enrolled: EnrolledDevice | None) -> list[Fix | Refused]:
    """Of a gateway, which may have named a device that is `enrolled`; else it names a unit."""
    if enrolled is not None:
        return message.of(enrolled.unit, enrolled.crs)
    if message.names:
        return message.of(message.names[0])
    return [*message.refused(_NAMELESS)]
