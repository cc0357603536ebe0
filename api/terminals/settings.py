"""Settings of the terminals' door."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from data.environment import EnvironmentSettings


class TerminalSettings(EnvironmentSettings):
    """`WANGGE_JT808_PORT` opens the door, on `WANGGE_JT808_HOST`: the protocol knows no encryption, so
    nobody gets it without asking for it.

    `IDLE_S` is how long a terminal may say nothing: more than three of its heartbeats. A stranger, who
    has not authenticated, is hung up on after `STRANGER_S`; where there are more of them than
    `MOST_STRANGERS`, whoever has been one longest makes room.
    """

    model_config = SettingsConfigDict(env_prefix="WANGGE_JT808_")

    port: int | None = Field(default=None, ge=0, le=65535)
    host: str = "127.0.0.1"
    idle_s: float = Field(default=600, gt=0)
    stranger_s: float = Field(default=30, gt=0)
    most_connections: int = Field(default=10_000, ge=1)
    most_strangers: int = Field(default=1_000, ge=1)
