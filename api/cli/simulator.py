"""The simulator as a child of `wangge up`."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from api.cli.simulate import TOKEN_VARIABLE

_PATIENCE_S = 5


class Simulator:
    """Ends with its parent, however that ends: its standard input is a pipe that closes then.

    `units` are those that go out, with (lon, lat) where each was last seen. `certificate` is the file
    to trust when `url` is https.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        certificate: Path | None,
        speed: float,
        units: Mapping[str, tuple[float, float] | None],
    ) -> None:
        self._arguments = ["--url", url, "--speed", str(speed), "--child"]
        if certificate is not None:
            self._arguments += ["--trust", str(certificate.absolute())]
        self._token = token
        self._units = units
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            # -P: nothing is imported from the folder that this was started in
            [sys.executable, "-P", "-m", "api.cli", "simulate", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env={**os.environ, TOKEN_VARIABLE: self._token},
            start_new_session=True,  # Ctrl-C is for the parent, which ends its child in order
        )
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it ended at once; it has said why
            self._process.stdin.write(json.dumps(self._units) + "\n")
            self._process.stdin.flush()

    @contextmanager
    def ended_afterwards(self) -> Iterator["Simulator"]:
        try:
            yield self
        finally:
            self._end()

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.communicate(timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
