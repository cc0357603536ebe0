"""How many photos may wait to be decoded."""

from api.context import Services
from gis.errors import Overloaded

_MOST_WAITING = 20


def require_place(services: Services) -> None:
    """Raises Overloaded while enough others wait to be decoded."""
    if services.decoding.statistics().tasks_waiting >= _MOST_WAITING:
        raise Overloaded("Many photos are arriving just now; try again soon.", retry_after_s=10)
