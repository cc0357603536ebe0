"""Traccar Client from 9.0 on: a JSON object with the device's number and a location.

    {"device_id": "48241179",
     "location": {"timestamp": "2026-11-22T00:00:00.000Z",
                  "coords": {"latitude": 34.5302, "longitude": 118.6721, "accuracy": 5, "speed": 1.2,
                             "heading": 90, "altitude": 27},
                  "is_moving": true, "battery": {"level": 0.83, "is_charging": false}}}

Sources: traccar.org/osmand, and the client's own code (its template of a location, and the extras of
its SOS button). Units are metres, metres per second and degrees, -1 is unknown. Its library sends one
location at a time, or a list of them when told to send batches.
"""

from collections.abc import Mapping
from typing import Any

from gis.errors import InvalidInput
from patrol.devices.json_body import as_text, read_object
from patrol.devices.message import Kind, Message, device_name, read_fix, refuse
from patrol.devices.values import calls_for_help, read_known, read_number, read_time
from patrol.tracking.fix import MOST_FIXES, Fix, Refused


def decode(body: bytes) -> Message:
    """Read one request. Without coordinates it is a heartbeat, except that a call for help is never
    only that. Nothing that is sent raises an error."""
    if not body.strip():
        return Message(kind=Kind.HEARTBEAT)
    try:
        sent = read_object(body)
    except InvalidInput as error:
        return Message(kind=Kind.POSITION, items=[refuse(as_text(body), error)])
    names = device_name(sent.get("device_id")) or device_name(sent.get("id"))
    location = sent.get("location")
    locations = location if isinstance(location, list) else [location]
    if len(locations) > MOST_FIXES:
        too_many = InvalidInput(
            f"{len(locations)} locations are too many at once; send at most {MOST_FIXES}.",
            code="too_many",
        )
        return Message(kind=Kind.POSITION, names=names, items=[refuse(as_text(body), too_many)])
    items = [item for each in locations if (item := _item(each)) is not None]
    return Message(kind=Kind.POSITION if items else Kind.HEARTBEAT, names=names, items=items)


def _item(location: Any) -> Fix | Refused | None:
    """None for a location that has no place in it."""
    if location is None:
        return None
    try:
        if not isinstance(location, dict):
            raise InvalidInput("location must be a JSON object.", code="wrong_type")
        coords = location.get("coords", location)
        if not isinstance(coords, dict):
            raise InvalidInput("coords must be a JSON object.", code="wrong_type")
        extras = location.get("extras")
        alarm = location.get("alarm") or (extras.get("alarm") if isinstance(extras, dict) else None)
        sos = calls_for_help(alarm)
        if not sos and coords.get("latitude") is None and coords.get("longitude") is None:
            return None
        return _fix(location, coords, sos)
    except InvalidInput as error:
        return refuse(location, error)


def _fix(location: Mapping[str, Any], coords: Mapping[str, Any], sos: bool) -> Fix:
    battery = location.get("battery")
    level = battery.get("level") if isinstance(battery, dict) else None
    return read_fix(
        at=read_time(location.get("timestamp"), "timestamp"),
        lon=read_number(coords.get("longitude"), "longitude"),
        lat=read_number(coords.get("latitude"), "latitude"),
        accuracy_m=read_known(coords.get("accuracy"), "accuracy"),
        speed_mps=read_known(coords.get("speed"), "speed"),
        heading_deg=read_known(coords.get("heading"), "heading"),
        altitude_m=read_known(coords.get("altitude"), "altitude"),
        battery_pct=read_known(level, "battery.level", times=100.0),
        sos=sos,
    )
