"""Whether whoever a long answer goes to may still have it."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError

from api.access import Caller, authenticate
from api.accounts import Identities
from gis.errors import NotSignedIn

_LOOK_ANYWAY_S = 15.0  # posts and sessions also end by the clock, which nobody announces


class Standing:
    """Of the `caller` of a `request` that is still being answered."""

    def __init__(self, request: Request, caller: Caller, identities: Identities) -> None:
        self._request = request
        self._caller = caller
        self._identities = identities
        self._generation = -1
        self._look_at_s = 0.0

    async def holds(self) -> bool:
        """False once the session has ended, or anything about the caller is another than it was: role,
        permissions, grids. Costs next to nothing while nobody's access changes."""
        now_s = time.monotonic()
        if self._generation == self._identities.generation and now_s < self._look_at_s:
            return True
        self._generation, self._look_at_s = self._identities.generation, now_s + _LOOK_ANYWAY_S
        try:
            return await authenticate(self._request) == self._caller
        except NotSignedIn:
            return False
        except SQLAlchemyError:
            self._generation = -1  # nothing new can come from a database that is away, so ask later
            return True

    def watched(self, by: Callable[[], None]) -> AbstractContextManager[None]:
        """Inside the block `by` is called whenever `holds` may answer something else."""
        return self._identities.watched(by)
