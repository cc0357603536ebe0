"""Fuzzers, each for a few seconds; let one run for hours before a release."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
SECONDS = 4


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this Python"
)
@pytest.mark.parametrize("script", sorted(HERE.glob("*_decoder.py")), ids=lambda path: path.stem)
def test_nothing_that_is_sent_raises(script: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        # The most memory that it has held counts what this process held before it: no limit to that.
        [
            sys.executable,
            script,
            f"-max_total_time={SECONDS}",
            "-rss_limit_mb=0",
            "-malloc_limit_mb=256",
        ],
        cwd=tmp_path,  # where it leaves what it finds
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Done " in done.stderr
