"""How long the outbox tries."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from data.environment import EnvironmentSettings
from data.outbox.backoff import Patience


class OutboxSettings(EnvironmentSettings):
    """`WANGGE_OUTBOX_KEEP_TRYING_DAYS` and so on. `proxy` is the way out of the intranet, if there is
    one (`http://proxy:3128`)."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_OUTBOX_")

    keep_trying_days: float = Field(default=3, gt=0, le=30)
    longest_wait_s: float = Field(default=600, ge=10, le=86_400)
    timeout_s: float = Field(default=10, gt=0, le=30)
    keep_sent_days: float = Field(default=30, ge=1, le=3650)
    proxy: str | None = Field(default=None, pattern=r"^https?://\S+$")

    @property
    def patience(self) -> Patience:
        return Patience(
            most_s=self.longest_wait_s, keep_trying=timedelta(days=self.keep_trying_days)
        )
