"""How Python itself is set for a server, so that a request seldom waits for it.

Looking for objects that only reach each other makes it stand still. With a few hundred thousand objects
that stay, and thousands of connections, that is up to half of what a server does, and seconds in which
it answers nobody.

A thread that comes back from the database waits until another one lets go of the interpreter. By itself
that one keeps it for up to 5 ms, and who files a case comes back a dozen times.
"""

import gc
import sys

_NEW_OBJECTS = 10_000  # instead of 700: a flush of fixes has more, and nearly all of them soon go
_TURN_S = 0.0005


def answer_promptly() -> None:
    """For a server that has been loaded: what is there now stays, so nobody looks through it again; and
    its threads take short turns."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 10, 10)
    sys.setswitchinterval(_TURN_S)
