"""A server seldom stands still."""

import subprocess
import sys

_PROGRAM = """
import gc, sys
from api.interpreter import answer_promptly
before, _, _ = gc.get_threshold()
turn_s = sys.getswitchinterval()
answer_promptly()
after, _, _ = gc.get_threshold()
assert gc.get_freeze_count() > 1_000
assert gc.isenabled() and after > before
assert 0 < sys.getswitchinterval() < turn_s
"""


def test_what_was_loaded_is_looked_through_no_more_and_threads_take_short_turns() -> None:
    subprocess.run([sys.executable, "-c", _PROGRAM], check=True)
