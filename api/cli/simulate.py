"""`wangge simulate`: the people of the demo town on patrol, posting over HTTP as phones do."""

import json
import os
import select
import ssl
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Annotated

import httpx
import typer

from api.cli.posting import Fix, Outbox, begin_duty
from data.demo.simulation import SimulatedFix, Simulation
from data.demo.town import generate_town
from gis.errors import InvalidInput

TOKEN_VARIABLE = "WANGGE_TOKEN"
Lonlat = tuple[float, float]

# Each unit reports every 10 s, a fifth of them at a time, so the map moves all the while.
_TURN_S = 2.0
_TURNS = 5


def simulate(
    url: Annotated[str, typer.Option(help="Of the server, such as http://127.0.0.1:8080.")],
    token_stdin: Annotated[
        bool,
        typer.Option(
            "--token-stdin", help=f"Read the token from standard input, not {TOKEN_VARIABLE}."
        ),
    ] = False,
    speed: Annotated[float, typer.Option(min=0.1, max=20, help="How fast they move.")] = 1.0,
    trust: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The certificate authority of an https URL, such as ca.crt."
        ),
    ] = None,
    child: Annotated[bool, typer.Option("--child", hidden=True)] = False,
) -> None:
    """Send the people and vehicles of the demo town on patrol, until Ctrl-C.

    The account of the token must be a gateway: it speaks for every unit.
    """
    # A parent writes one line, who is out and where they were last seen, and holds the pipe open as
    # long as it lives. Without one, everybody begins their duty.
    units: dict[str, Lonlat | None] | None = json.loads(sys.stdin.readline()) if child else None
    headers = {"Authorization": f"Bearer {_read_token(token_stdin)}"}
    try:
        verify = _trusting(trust, child=child)
        with httpx.Client(base_url=url, headers=headers, verify=verify, timeout=30) as client:
            _patrol(client, units, speed)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _patrol(client: httpx.Client, units: dict[str, Lonlat | None] | None, speed: float) -> None:
    began_at = datetime.now(UTC)
    last_seen = {code: lonlat for code, lonlat in (units or {}).items() if lonlat is not None}
    simulation = Simulation(generate_town(), began_at=began_at, units=units, last_seen=last_seen)
    outbox = Outbox(client)
    if units is None:
        begin_duty(client, simulation.units)
    for turn in cycle(range(_TURNS)):
        now = datetime.now(UTC)
        outbox.add(_fixes(simulation, turn, began_at, now, speed))
        outbox.send()
        if _ended(_TURN_S, child=units is not None):
            return


def _trusting(file: Path | None, *, child: bool) -> ssl.SSLContext | bool:
    """What httpx verifies with: the authorities of the machine, or this file alone."""
    if file is None:
        return True
    try:
        context = ssl.create_default_context(cafile=file)
    except OSError as error:
        raise InvalidInput(f"{file} is not a certificate in PEM.", field="trust") from error
    # A parent names its own certificate, which may be from elsewhere: then it stands for itself, and
    # the name in it is the town's while its child calls it 127.0.0.1.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = not child
    return context


def _read_token(from_stdin: bool) -> str:
    token = sys.stdin.readline().strip() if from_stdin else os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise InvalidInput(
            f"A token is needed: set {TOKEN_VARIABLE}, or pipe it in with --token-stdin. "
            "'wangge tokens create --account NAME' prints one."
        )
    return token


def _fixes(
    simulation: Simulation, turn: int, began_at: datetime, now: datetime, speed: float
) -> Iterator[Fix]:
    """Where they are now. With `speed` they have been on their way that many times longer."""
    on_the_way = began_at + (now - began_at) * speed
    for fix in simulation.fixes_at(on_the_way, simulation.units[turn::_TURNS]):
        yield _as_json(replace(fix, at=now, speed_mps=fix.speed_mps * speed))


def _as_json(fix: SimulatedFix) -> Fix:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(fix).items()
        if value is not None
    }


def _ended(seconds: float, *, child: bool) -> bool:
    """Wait. True as soon as the pipe from a parent closes, however the parent ended."""
    if not child:
        time.sleep(seconds)
        return False
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(readable)
