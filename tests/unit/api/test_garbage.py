"""Garbage is looked for seldom."""

import subprocess
import sys

_PROGRAM = """
import gc
from api.garbage import collect_seldom
before, _, _ = gc.get_threshold()
collect_seldom()
after, _, _ = gc.get_threshold()
assert gc.get_freeze_count() > 1_000
assert gc.isenabled() and after > before
"""


def test_what_a_server_was_loaded_with_is_looked_through_no_more() -> None:
    subprocess.run([sys.executable, "-c", _PROGRAM], check=True)
