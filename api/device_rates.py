"""How much a device may send. Gateways, which speak for many devices, are not limited."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from api.rates import Rates
from data.environment import EnvironmentSettings


class DeviceRateSettings(EnvironmentSettings):
    """`WANGGE_DEVICE_REQUESTS_PER_MINUTE` and `WANGGE_DEVICE_FIXES_PER_MINUTE`, of one account. A phone
    that was without a network all day has 8,640 fixes, one every ten seconds: two minutes."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_DEVICE_")

    requests_per_minute: int = Field(default=120, ge=1)
    fixes_per_minute: int = Field(default=6_000, ge=1)


class DeviceRates:
    def __init__(self, settings: DeviceRateSettings) -> None:
        self._requests = Rates(settings.requests_per_minute)
        self._fixes = Rates(settings.fixes_per_minute)
        self._most_fixes = settings.fixes_per_minute

    def check_request(self, account_id: int) -> None:
        """Before anything of the request is read. Raises Overloaded."""
        self._requests.check(str(account_id))

    def check_fixes(self, account_id: int, fixes: int) -> None:
        """Before any of them is stored. Raises Overloaded.

        A request may bring more than a minute's fixes: it takes the whole minute, or it would never be
        its turn.
        """
        if fixes:
            self._fixes.check(str(account_id), cost=min(fixes, self._most_fixes))
