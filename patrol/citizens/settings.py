"""What an installation lets people without an account do."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from data.environment import EnvironmentSettings


class CitizenSettings(EnvironmentSettings):
    """`WANGGE_CITIZEN_REPORTS`: whether people without an account may report at all. The others are how
    much may come from one address; many phones share one.
    """

    model_config = SettingsConfigDict(
        env_prefix="WANGGE_CITIZEN_", env_ignore_empty=True, frozen=True
    )

    reports: bool = True
    requests_per_minute: int = Field(default=120, ge=1)
    tiles_per_minute: int = Field(default=1_200, ge=1)
    reports_per_hour: int = Field(default=30, ge=1)
    photos_per_hour: int = Field(default=120, ge=1)
    photo_mb_per_hour: int = Field(default=500, ge=21)
