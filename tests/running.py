"""`wangge up` as a process, and a place for it."""

import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@contextmanager
def open_directory() -> Iterator[Path]:
    """A folder with a short path that PostgreSQL's own user may enter; pytest's are neither."""
    with tempfile.TemporaryDirectory(prefix="wangge-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def wait_until(condition: Callable[[], bool], *, within_s: float = 150) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.1)  # between two looks, not instead of looking


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "api.cli", *map(str, arguments)]


@dataclass
class Up:
    process: subprocess.Popen[str]
    greeting: list[str]
    url: str

    @classmethod
    def start(cls, data_dir: Path, *arguments: object) -> "Up":
        process = subprocess.Popen(
            command("up", "--data", data_dir, "--port", 0, *arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        greeting = []
        for line in process.stdout:
            greeting.append(line)
            if "Sign in at" in line:
                break
        else:
            pytest.fail(f"wangge up ended: {process.communicate()[1]}")
        found = re.search(r"https?://127\.0\.0\.1:\d+", "".join(greeting))
        assert found is not None
        return cls(process, greeting, found[0])

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def stop(self, number: signal.Signals) -> tuple[int, str]:
        """The exit code, and what it said on standard error all the while."""
        self.process.send_signal(number)
        _, complaints = self.process.communicate(timeout=30)
        return self.process.returncode, complaints
