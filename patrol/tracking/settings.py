"""Settings of presence, from the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from data.environment import EnvironmentSettings
from patrol.tracking.presence import Thresholds

_USUAL = Thresholds()


class PresenceSettings(EnvironmentSettings):
    """`WANGGE_PRESENCE_STALE_S` and so on: when a unit counts as what; see `Thresholds`."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_PRESENCE_")

    moving_mps: float = Field(default=_USUAL.moving_mps, gt=0, le=100)
    moved_m: float = Field(default=_USUAL.moved_m, gt=0, le=10_000)
    gap_s: float = Field(default=_USUAL.gap_s, gt=0, le=86_400)
    still_s: float = Field(default=_USUAL.still_s, gt=0, le=86_400)
    stale_s: float = Field(default=_USUAL.stale_s, gt=0, le=86_400)
    offline_s: float = Field(default=_USUAL.offline_s, gt=0, le=86_400)
    stale_intervals: float = Field(default=_USUAL.stale_intervals, ge=1, le=100)
    offline_intervals: float = Field(default=_USUAL.offline_intervals, ge=1, le=100)
    longest_interval_s: float = Field(default=_USUAL.longest_interval_s, ge=0, le=86_400)
    sos_s: float = Field(default=_USUAL.sos_s, gt=0, le=86_400)

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(**self.model_dump())
