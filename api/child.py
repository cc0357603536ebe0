"""A program of ours as a child process."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress

_PATIENCE_S = 5


class Child:
    """`python -m module`, told `order`, one line on its standard input.

    It ends with its parent, however that ends: its standard input is a pipe that closes then.
    """

    def __init__(
        self, module: str, *arguments: str, order: str, env: Mapping[str, str] | None = None
    ) -> None:
        self._process = subprocess.Popen(
            # -P: nothing is imported from the folder that this was started in
            [sys.executable, "-P", "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **(env or {})},
            start_new_session=True,  # Ctrl-C is for the parent, which ends its child in order
        )
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it ended at once; it has said why
            self._process.stdin.write(order + "\n")
            self._process.stdin.flush()

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self) -> int:
        """Until it has ended. Returns its exit code."""
        return self._process.wait()

    def end(self) -> None:
        self._process.terminate()
        try:
            self._process.communicate(timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
