"""Garbage: Python stands still to look for objects that only reach each other.

With a few hundred thousand objects that stay, and thousands of connections, that is up to half of what a
server does, and seconds in which it answers nobody.
"""

import gc

_NEW_OBJECTS = 10_000  # instead of 700: a flush of fixes has more, and nearly all of them soon go


def collect_seldom() -> None:
    """For a server that has been loaded: what is there now stays, so nobody looks through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 10, 10)
