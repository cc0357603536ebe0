"""How long to wait after an attempt that failed."""

from dataclasses import dataclass
from datetime import timedelta

_FIRST_S = 5.0
_FACTOR = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """Waits grow from 5 s to `most_s`; after `keep_trying` since the first attempt it is given up."""

    most_s: float = 600.0
    keep_trying: timedelta = timedelta(days=3)

    def wait_s(self, attempts: int, chance: float) -> float:
        """After so many attempts. `chance`, from 0 to 1, spreads those that failed together: at least
        half of the wait is kept (equal jitter)."""
        whole_s = min(self.most_s, _FIRST_S * _FACTOR ** min(attempts - 1, 30))
        return whole_s * (0.5 + chance / 2)
