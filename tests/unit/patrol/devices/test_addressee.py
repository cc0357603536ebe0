from datetime import UTC, datetime

from gis.crs import Crs
from patrol.devices.addressee import EnrolledDevice, items_of_device, items_of_gateway
from patrol.devices.message import Kind, Message
from patrol.tracking.fix import Fix, Refusal, Refused

FIX = Fix(unit="", at=datetime(2026, 11, 22, tzinfo=UTC), lon=118.6, lat=34.5)
BROKEN = Refused(payload={"lat": "x"}, refusal=Refusal(code="wrong_type", message="No."))
PHONE = EnrolledDevice(unit="GW-017", identifier="phone", crs=Crs.GCJ02)


def message(*names: str) -> Message:
    return Message(kind=Kind.POSITION, names=names, items=[FIX, BROKEN])


def test_a_device_sends_for_its_unit_in_its_own_coordinate_system() -> None:
    for names in ((), ("phone",), ("owntracks/li/phone", "phone")):
        fix, broken = items_of_device(message(*names), PHONE)
        assert isinstance(fix, Fix)
        assert (fix.unit, fix.crs) == ("GW-017", Crs.GCJ02)
        assert isinstance(broken, Refused)
        assert broken.units == {"GW-017"}


def test_what_calls_itself_by_another_name_is_refused_and_its_place_is_not_kept() -> None:
    items = items_of_device(message("somebody else's"), PHONE)
    for item in items:
        assert isinstance(item, Refused)
        assert item.refusal.code == "not_your_device"
        assert item.payload == {"device": "somebody else's"}


def test_a_gateway_names_a_device_or_a_unit() -> None:
    [fix, _] = items_of_gateway(message("phone"), PHONE)
    assert isinstance(fix, Fix)
    assert (fix.unit, fix.crs) == ("GW-017", Crs.GCJ02)
    [fix, _] = items_of_gateway(message("GW-018"), None)
    assert isinstance(fix, Fix)
    assert (fix.unit, fix.crs) == ("GW-018", None)


def test_a_gateway_that_names_nothing_is_refused() -> None:
    for item in items_of_gateway(message(), None):
        assert isinstance(item, Refused)
        assert item.refusal.code == "missing_device"
