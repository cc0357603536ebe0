"""What has just failed is left alone for a while: a server that hangs must not hold up every tile."""

from collections import OrderedDict
from collections.abc import Hashable

from gis.errors import UpstreamFailed

_MOST = 10_000


class Rests:
    """Who rests, until when and why. Times are seconds of one clock."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._until: OrderedDict[Hashable, tuple[float, UpstreamFailed]] = OrderedDict()

    def begin(self, what: Hashable, why: UpstreamFailed, *, now_s: float) -> None:
        self._until[what] = (now_s + self._seconds, why)
        self._until.move_to_end(what)
        if len(self._until) > _MOST:
            self._until.popitem(last=False)

    def end(self, what: Hashable) -> None:
        self._until.pop(what, None)

    def reason(self, what: Hashable, *, now_s: float) -> UpstreamFailed | None:
        """Why it is not to be asked now. When its time is over the first who comes may try; the others
        go on resting until that one has found out."""
        resting = self._until.get(what)
        if resting is None:
            return None
        until_s, why = resting
        if now_s < until_s:
            return why
        self._until[what] = (now_s + self._seconds, why)
        return None
