"""The simulator as a child of `wangge up`."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from api.child import Child
from api.cli.simulate import TOKEN_VARIABLE


@contextmanager
def simulating(
    url: str,
    token: str,
    *,
    certificate: Path | None,
    speed: float,
    units: Mapping[str, tuple[float, float] | None],
) -> Iterator[None]:
    """`units` are out until the end of the block, with (lon, lat) where each was last seen.
    `certificate` is the file to trust when `url` is https."""
    arguments = ["--url", url, "--speed", str(speed), "--child"]
    if certificate is not None:
        arguments += ["--trust", str(certificate.absolute())]
    child = Child(
        "api.cli", "simulate", *arguments, order=json.dumps(units), env={TOKEN_VARIABLE: token}
    )
    try:
        yield
    finally:
        child.end()
