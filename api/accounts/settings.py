"""Settings of signing in."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from api.accounts.roles import Role
from data.environment import EnvironmentSettings
from gis.errors import InstallationError


class SignInSettings(EnvironmentSettings):
    """`WANGGE_TOTP_ROLES`: the roles that must have a second factor, as `admin,dispatcher`.
    `WANGGE_SESSION_HOURS`: how long a session lasts, by default a shift and its handover.
    `WANGGE_PASSWORD_DAYS`: after how long a password must be changed, by default never.
    """

    totp_roles: Annotated[frozenset[Role], NoDecode] = frozenset()
    session_hours: float = Field(default=12, ge=0.25, le=24 * 31)
    password_days: int | None = Field(default=None, ge=1, le=3_650)

    @property
    def session_lasts(self) -> timedelta:
        return timedelta(hours=self.session_hours)

    def is_too_old(self, password_changed_at: datetime, now: datetime) -> bool:
        days = self.password_days
        return days is not None and now - password_changed_at > timedelta(days=days)

    @field_validator("totp_roles", mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        words = {word.strip() for word in value.split(",")} - {""}
        unknown = sorted(words - set(Role))
        if unknown:
            raise InstallationError(
                f"WANGGE_TOTP_ROLES names {unknown[0]!r}, which is no role; "
                f"the roles are {', '.join(Role)}."
            )
        return words
