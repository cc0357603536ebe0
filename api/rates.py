"""How often somebody may do something: so many in a window of time, counted in memory for each key."""

import math
from datetime import timedelta

from pydantic import Field
from throttled import MemoryStore, RateLimiterType, Throttled
from throttled.rate_limiter import per_duration

from data.environment import EnvironmentSettings
from gis.errors import Overloaded

_MOST_KEYS = 50_000  # beyond that the one that was quiet longest is forgotten


class RateSettings(EnvironmentSettings):
    """`WANGGE_PUBLIC_REQUESTS_PER_MINUTE`, of strangers from one address, who are mostly signing in;
    and `WANGGE_REQUESTS_PER_MINUTE`, of one account."""

    public_requests_per_minute: int = Field(default=30, ge=1)
    requests_per_minute: int = Field(default=1_200, ge=1)


class Rates:
    """`most` at once, and as many again in every `within_s` seconds, for each key by itself. Safe to
    share between threads.

    GCRA: one number a key, no thread that tidies up, and it knows exactly when it is one's turn again.
    """

    def __init__(self, most: int, *, within_s: int = 60) -> None:
        self._limiter = Throttled(
            using=RateLimiterType.GCRA.value,
            quota=per_duration(timedelta(seconds=within_s), most, burst=most),
            store=MemoryStore(options={"MAX_SIZE": _MOST_KEYS}),
        )

    def check(self, key: str, cost: int = 1) -> None:
        """Count `cost` (at most `most`) for `key`. Raises Overloaded, with the seconds to wait, when it
        is too much; then nothing is counted."""
        result = self._limiter.limit(key, cost=cost)
        if result.limited:
            seconds = max(1, math.ceil(result.state.retry_after))
            raise Overloaded(f"Too many requests; try again in {seconds} s.", retry_after_s=seconds)


class RequestRates:
    """How many requests a stranger's address and an account may make."""

    def __init__(self, settings: RateSettings) -> None:
        self._addresses = Rates(settings.public_requests_per_minute)
        self._accounts = Rates(settings.requests_per_minute)

    def check_address(self, address: str) -> None:
        """Raises Overloaded."""
        self._addresses.check(address)

    def check_account(self, account_id: int) -> None:
        """Raises Overloaded."""
        self._accounts.check(str(account_id))
