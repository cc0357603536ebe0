"""Where `wangge up` lets JT/T 808 terminals in, if anywhere."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from api.cli.address import reserve
from api.cli.finding import Answer, Verdict
from api.terminals import TerminalSettings
from gis.errors import InstallationError

Jt808PortOption = Annotated[
    int | None,
    typer.Option(
        "--jt808-port",
        min=0,
        max=65535,
        help="Lets JT/T 808 terminals in, mostly at 8808 [WANGGE_JT808_PORT, else nowhere].",
        show_default=False,
    ),
]
Jt808HostOption = Annotated[
    str | None,
    typer.Option(
        "--jt808-host",
        help="The same as --host, for terminals [WANGGE_JT808_HOST, else 127.0.0.1].",
        show_default=False,
    ),
]


@contextmanager
def reserve_for_terminals(host: str | None, port: int | None) -> Iterator[socket.socket | None]:
    """A bound socket, where the options or the environment name a port. Raises InstallationError."""
    settings = TerminalSettings.from_environment()
    port = settings.port if port is None else port
    if port is None:
        yield None
        return
    with reserve(host or settings.host, port, options="jt808-") as bound:
        yield bound


def greeting_for_terminals(bound: socket.socket | None) -> Iterator[str]:
    if bound is not None:
        host, port = bound.getsockname()[:2]
        yield f"JT/T 808 terminals come to {host}, port {port}, unencrypted."


def check_terminals() -> Answer:
    """For `wangge doctor`: where the environment says that terminals come in."""
    settings = TerminalSettings.from_environment()
    if settings.port is None:
        return Verdict.OK, "no port for JT/T 808: WANGGE_JT808_PORT or --jt808-port opens one"
    try:
        reserve(settings.host, settings.port, options="jt808-").close()
    except InstallationError as error:
        return Verdict.NOTE, f"{error.message} If Wangge is running, it has it."
    return Verdict.OK, f"JT/T 808 at {settings.host}, port {settings.port}, which is free"
