"""OsmAnd's protocol: one position as parameters of an address or a form.

    /ingest/osmand/TOKEN?id=48241179&lat=34.5302&lon=118.6721&timestamp=1763798400&speed=2.3

As OsmAnd's online tracking and Traccar Client before 9.0 send it. Sources: traccar.org/osmand, and
Traccar's OsmAndProtocolDecoder for what that page leaves out. Speed is in knots there; `speed_mps` is
ours, because OsmAnd itself puts metres per second into whatever parameter it is given. A time without
a zone is UTC.
"""

from collections.abc import Mapping

from gis.errors import InvalidInput
from patrol.devices.message import Kind, Message, device_name, read_fix, refuse
from patrol.devices.values import MPS_PER_KNOT, calls_for_help, read_known, read_number, read_time
from patrol.tracking.fix import Fix

_PLACE = ("lat", "lon", "location")
_UNTRUE = frozenset({"false", "0"})


def decode(parameters: Mapping[str, str]) -> Message:
    """Read the parameters of one request. Without coordinates it is a heartbeat, except that a call for
    help is never only that."""
    names = device_name(parameters.get("id")) or device_name(parameters.get("deviceid"))
    sos = calls_for_help(parameters.get("alarm"))
    if not sos and not any(parameters.get(name) for name in _PLACE):
        return Message(kind=Kind.HEARTBEAT, names=names)
    payload = dict(parameters)
    try:
        return Message(kind=Kind.POSITION, names=names, items=[_fix(parameters, sos)])
    except InvalidInput as error:
        return Message(kind=Kind.POSITION, names=names, items=[refuse(payload, error)])


def _fix(parameters: Mapping[str, str], sos: bool) -> Fix:
    if parameters.get("valid", "").lower() in _UNTRUE:
        raise InvalidInput(
            "The device says itself that it does not know its place (valid=false).",
            code="no_position",
        )
    lat, lon = _place(parameters)
    speed_mps = read_known(parameters.get("speed_mps"), "speed_mps")
    if speed_mps is None:
        speed_mps = read_known(parameters.get("speed"), "speed", times=MPS_PER_KNOT)
    heading = parameters.get("bearing") or parameters.get("heading")
    return read_fix(
        at=read_time(parameters.get("timestamp"), "timestamp"),
        lon=lon,
        lat=lat,
        accuracy_m=read_known(parameters.get("accuracy"), "accuracy"),
        speed_mps=speed_mps,
        heading_deg=read_known(heading, "bearing"),
        altitude_m=read_number(parameters.get("altitude"), "altitude"),
        battery_pct=read_known(parameters.get("batt"), "batt"),
        sos=sos,
    )


def _place(parameters: Mapping[str, str]) -> tuple[float | None, float | None]:
    lat, lon = parameters.get("lat"), parameters.get("lon")
    if not (lat or lon) and (location := parameters.get("location")):
        lat, comma, lon = location.partition(",")
        if not comma:
            raise InvalidInput("location must be lat,lon.", code="wrong_type", field="location")
    return read_number(lat, "lat"), read_number(lon, "lon")
