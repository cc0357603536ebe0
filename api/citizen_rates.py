"""How much people without an account may send from one address. Many phones share one."""

from api.rates import Rates
from patrol.citizens.settings import CitizenSettings

_KB = 1024


class CitizenRates:
    """Counted in memory; apart from signing in, so that neither is in the other's way."""

    def __init__(self, settings: CitizenSettings) -> None:
        self._requests = Rates(settings.requests_per_minute)
        self._tiles = Rates(settings.tiles_per_minute)
        self._reports = Rates(settings.reports_per_hour, within_s=3600)
        self._photos = Rates(settings.photos_per_hour, within_s=3600)
        self._most_kb = settings.photo_mb_per_hour * _KB
        self._photo_kb = Rates(self._most_kb, within_s=3600)

    def check_request(self, address: str) -> None:
        """Raises Overloaded, as the others do."""
        self._requests.check(address)

    def check_tile(self, address: str) -> None:
        self._tiles.check(address)

    def check_report(self, address: str) -> None:
        self._reports.check(address)

    def check_photo(self, address: str, size: int) -> None:
        """Before any of its `size` bytes is read."""
        self._photos.check(address)
        self._photo_kb.check(address, cost=min(-(-size // _KB), self._most_kb))
