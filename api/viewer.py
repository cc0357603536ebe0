"""Whose positions and tracks a caller may see."""

from api.access import Caller
from patrol.tracking.units import Viewer


def viewer_of(caller: Caller) -> Viewer:
    return Viewer(scope=caller.scope, staff_id=caller.staff_id, only_self=caller.sees_only_self)
