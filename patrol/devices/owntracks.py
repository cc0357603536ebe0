"""OwnTracks over HTTP: JSON messages that say their `_type`.

    {"_type": "location", "lat": 34.5302, "lon": 118.6721, "tst": 1763798400, "acc": 5, "vel": 4,
     "topic": "owntracks/li/phone", "tid": "LI"}

Source: the OwnTracks Booklet, "JSON" and "HTTP". Only a location is a position of the device: a
transition or a waypoint has the place of a region. A message without a body, or of another type, is
taken and means nothing. One that the app has encrypted cannot be read: its key stays on the phone.
"""

from collections.abc import Mapping
from typing import Any

from gis.errors import InvalidInput
from patrol.devices.json_body import as_text, read_object
from patrol.devices.message import Kind, Message, device_name, read_fix, refuse
from patrol.devices.values import MPS_PER_KMH, calls_for_help, read_known, read_number, read_time
from patrol.tracking.fix import Fix

_TOPIC = "owntracks/"
_ENCRYPTED = InvalidInput(
    "The message is encrypted; clear the encryption key in the app, and use https.",
    code="encrypted",
)


def decode(body: bytes) -> Message:
    """Read one request. Nothing that is sent raises an error."""
    if not body.strip():
        return Message(kind=Kind.NOTE)
    try:
        sent = read_object(body)
    except InvalidInput as error:
        return Message(kind=Kind.POSITION, items=[refuse(as_text(body), error)])
    names = _names(sent)
    if sent.get("_type") == "encrypted":
        return Message(kind=Kind.POSITION, names=names, items=[refuse(sent, _ENCRYPTED)])
    if sent.get("_type") != "location":
        return Message(kind=Kind.NOTE, names=names)
    try:
        return Message(kind=Kind.POSITION, names=names, items=[_fix(sent)])
    except InvalidInput as error:
        return Message(kind=Kind.POSITION, names=names, items=[refuse(sent, error)])


def _names(sent: Mapping[str, Any]) -> tuple[str, ...]:
    """Of `owntracks/li/phone`: the topic, user and device, the device; then the initials."""
    topic = device_name(sent.get("topic"))
    names = list(topic)
    for each in topic:
        inner = each.removeprefix(_TOPIC)
        names += [inner, inner.rpartition("/")[2]]
    return tuple(dict.fromkeys([*filter(None, names), *device_name(sent.get("tid"))]))


def _fix(sent: Mapping[str, Any]) -> Fix:
    return read_fix(
        at=read_time(sent.get("tst"), "tst"),
        lon=read_number(sent.get("lon"), "lon"),
        lat=read_number(sent.get("lat"), "lat"),
        accuracy_m=read_known(sent.get("acc"), "acc"),
        speed_mps=read_known(sent.get("vel"), "vel", times=MPS_PER_KMH),
        heading_deg=read_known(sent.get("cog"), "cog"),
        altitude_m=read_number(sent.get("alt"), "alt"),
        battery_pct=read_known(sent.get("batt"), "batt"),
        sos=calls_for_help(sent.get("alarm")),
    )
