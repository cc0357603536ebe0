"""Settings from environment variables, and what is said about one that cannot be."""

from typing import Self

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gis.errors import InstallationError


class EnvironmentSettings(BaseSettings):
    """Each field is the variable `WANGGE_` and its name in capitals; a subclass may say a longer prefix.
    An empty variable is none."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_", env_ignore_empty=True, frozen=True)

    @classmethod
    def from_environment(cls) -> Self:
        """Raises InstallationError, which names the variable, for a value that cannot be."""
        try:
            return cls()
        except ValidationError as error:
            [first, *_] = error.errors()
            name = f"{cls.model_config['env_prefix']}{first['loc'][0]}".upper()
            raise InstallationError(
                f"{name} cannot be {first['input']!r}: {first['msg']}. Correct it and start again."
            ) from error
