"""The reverse proxies whose word is taken for where a request comes from."""

from ipaddress import ip_network
from typing import Self

from data.environment import EnvironmentSettings
from gis.errors import InstallationError


class ProxySettings(EnvironmentSettings):
    """`WANGGE_TRUSTED_PROXIES`: addresses or networks, separated by commas. Nobody by default: whoever
    is believed can claim to be anybody, in the audit and before the limits."""

    trusted_proxies: str = ""

    @classmethod
    def from_environment(cls) -> Self:
        """Raises InstallationError for what is no address."""
        settings = super().from_environment()
        for address in settings.addresses:
            try:
                ip_network(address)
            except ValueError as error:
                raise InstallationError(
                    f"WANGGE_TRUSTED_PROXIES cannot hold {address!r}: name addresses or networks, such "
                    "as 127.0.0.1,10.1.0.0/16."
                ) from error
        return settings

    @property
    def addresses(self) -> list[str]:
        words = (word.strip() for word in self.trusted_proxies.split(","))
        return [word for word in words if word]
