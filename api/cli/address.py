"""The address the server will listen on, taken before anything slow starts."""

import errno
import socket
from ipaddress import ip_address
from typing import Any

from api.tls import names_of_this_machine
from gis.errors import InstallationError


def reserve(host: str, port: int, *, options: str = "") -> socket.socket:
    """A bound socket. Connections are refused until the server listens on it.

    Port 0 takes any free one. Raises InstallationError: the port is taken or not allowed, or the
    host is not an address of this machine. `options` is what the command's two begin with: `jt808-`.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, OverflowError) as error:
        raise InstallationError(f"{host!r} port {port} is not an address to listen on.") from error
    try:
        # Binding alone succeeds beside another bound socket; only one of them can listen.
        with _bind(family, kind, protocol, address) as probe:
            probe.listen()
        return _bind(family, kind, protocol, address)
    except OSError as error:
        raise InstallationError(_explain(error, host, port, options)) from error


def _bind(family: int, kind: int, protocol: int, address: Any) -> socket.socket:
    bound = socket.socket(family, kind, protocol)
    try:
        # Without it a restart waits a minute for the kernel to forget the old connections.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def url_of(bound: socket.socket, *, secure: bool = False) -> str:
    """What to type into a browser on this machine."""
    host, port = bound.getsockname()[:2]
    return _url({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, secure=secure)


def urls_for_others(bound: socket.socket, *, secure: bool = False) -> list[str]:
    """What to type on another machine; none where the server listens for this one only."""
    host, port = bound.getsockname()[:2]
    listening = ip_address(host)
    if listening.is_loopback:
        return []
    own = names_of_this_machine().addresses if listening.is_unspecified else {listening}
    reached = [each for each in own if not each.is_loopback and each.version == listening.version]
    return [_url(str(each), port, secure=secure) for each in sorted(reached, key=str)]


def _url(host: str, port: int, *, secure: bool) -> str:
    scheme = "https" if secure else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _explain(error: OSError, host: str, port: int, options: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program; choose another one with --{options}port."
    if error.errno == errno.EACCES:
        return (
            f"Port {port} is not allowed for this user; choose one above 1023 with --{options}port."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine; choose another one with --{options}host."
    return f"Port {port} on {host} cannot be used: {error.strerror}."
