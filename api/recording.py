"""Recording fixes for a caller: what every door that takes fixes in does alike."""

from collections.abc import Sequence

from pydantic import BaseModel

from api.access import Caller, Permission
from api.context import Services
from gis.errors import NotPermitted
from patrol.tracking.fix import Fix, Refused
from patrol.tracking.receipt import Receipt
from patrol.tracking.senders import AnyUnit, OneUnit, Sender, UnitsOfStaff


class RejectedFix(BaseModel):
    """`index` is the fix's place in the request, from 0."""

    index: int
    code: str
    message: str


class FixReceipt(BaseModel):
    """What became of the fixes; those accepted are on disk. A duplicate has the unit and time of a fix
    that is stored already."""

    accepted: int
    duplicates: int
    rejected: list[RejectedFix]


def is_gateway(caller: Caller) -> bool:
    """Whether the caller speaks for any unit, and is not limited."""
    return Permission.POST_FIXES_ANY in caller.permissions


def check_request(caller: Caller, services: Services) -> None:
    """Before anything of the request is read. Raises Overloaded for a caller that sends too often."""
    if not is_gateway(caller):
        services.device_rates.check_request(caller.account_id)


async def record(items: Sequence[Fix | Refused], caller: Caller, services: Services) -> Receipt:
    """What became of them; when this returns it is on disk. Raises Overloaded and the database's errors:
    then nothing is stored, and NotPermitted for a caller without a unit."""
    sender = _sender(caller)
    if not is_gateway(caller):
        services.device_rates.check_fixes(caller.account_id, len(items))
    return await services.recorder.record(items, sender=sender)


def _sender(caller: Caller) -> Sender:
    """Whose fixes the caller may send."""
    if is_gateway(caller):
        return AnyUnit()
    if caller.device is not None:
        return OneUnit(unit=caller.device.unit, crs=caller.device.crs)
    if caller.staff_id is None:
        raise NotPermitted(
            "This account belongs to nobody on the staff and to no device, so it has no unit to send "
            "fixes of. Enrol the device: wangge devices enrol UNIT."
        )
    return UnitsOfStaff(staff_id=caller.staff_id)
