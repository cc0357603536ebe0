"""The names and addresses under which a browser or a phone may reach this machine."""

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

import ifaddr

from gis.errors import InvalidInput

Address = IPv4Address | IPv6Address

_DNS_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9][a-z0-9-]*)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class HostNames:
    """`dns` in ASCII and lower case, as certificates have them."""

    dns: frozenset[str]
    addresses: frozenset[Address]

    @classmethod
    def of(cls, words: Iterable[str]) -> "HostNames":
        """From what people write. Raises InvalidInput for what is neither a name nor an address."""
        dns, addresses = set[str](), set[Address]()
        for word in words:
            try:
                addresses.add(ip_address(word.strip("[]")))
            except ValueError:
                dns.add(_dns_name(word))
        return cls(dns=frozenset(dns), addresses=frozenset(addresses))

    def __or__(self, other: "HostNames") -> "HostNames":
        return HostNames(dns=self.dns | other.dns, addresses=self.addresses | other.addresses)

    def __sub__(self, other: "HostNames") -> "HostNames":
        return HostNames(dns=self.dns - other.dns, addresses=self.addresses - other.addresses)

    def __bool__(self) -> bool:
        return bool(self.dns or self.addresses)

    def __str__(self) -> str:
        return ", ".join([*sorted(self.dns), *sorted(map(str, self.addresses))])


def names_of_this_machine() -> HostNames:
    """localhost, the host name and every address that another machine may use."""
    hosts = {"localhost"}
    for name in (socket.gethostname(), socket.getfqdn()):
        if _DNS_NAME.fullmatch(name.lower()):  # a machine may be called something that DNS forbids
            hosts.add(name.lower())
    return HostNames(dns=frozenset(hosts), addresses=frozenset(_addresses()))


def _addresses() -> Iterable[Address]:
    for adapter in ifaddr.get_adapters():
        for each in adapter.ips:
            address = ip_address(each.ip if isinstance(each.ip, str) else each.ip[0])
            if not address.is_link_local:  # without its interface it leads nowhere
                yield address


def _dns_name(word: str) -> str:
    try:
        name = word.strip().rstrip(".").lower().encode("idna").decode()
    except UnicodeError:
        name = ""
    if not _DNS_NAME.fullmatch(name):
        raise InvalidInput(
            f"{word[:80]!r} is neither a host name nor an address, such as wangge.lan or 10.0.0.5.",
            field="name",
        )
    return name
