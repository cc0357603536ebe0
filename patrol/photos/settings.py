"""Where photos are kept."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from data.environment import EnvironmentSettings
from data.installation import Installation
from gis.errors import InstallationError


class PhotoSettings(EnvironmentSettings):
    """`WANGGE_PHOTOS_DIR` is the directory; `photos` in the data directory, where it is not said.

    With `WANGGE_PHOTOS_BUCKET` they go to a store that speaks S3 instead: `_ENDPOINT` is its address,
    `_PREFIX` the folder in the bucket, `_REGION` what it wants to hear, `_ACCESS_KEY` and `_SECRET_KEY`
    are what it knows this server by. Without a directory and without a bucket photos are kept in memory,
    as tests do.
    """

    model_config = SettingsConfigDict(
        env_prefix="WANGGE_PHOTOS_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    dir: Path | None = None
    bucket: str | None = None
    endpoint: str | None = None
    prefix: str = "photos"
    region: str = "us-east-1"
    access_key: str | None = Field(default=None, repr=False)
    # Text and no SecretStr: the server tells its worker in JSON.
    secret_key: str | None = Field(default=None, repr=False)

    @classmethod
    def of(cls, installation: Installation) -> Self:
        """As the environment and the data directory say. Raises InstallationError for half a store."""
        settings = cls.from_environment()
        if settings.bucket is not None:
            settings._check_store()
            return settings
        return settings.model_copy(update={"dir": settings.dir or installation.data_dir / "photos"})

    def _check_store(self) -> None:
        needed = {
            "ENDPOINT": self.endpoint,
            "ACCESS_KEY": self.access_key,
            "SECRET_KEY": self.secret_key,
        }
        missing = [f"WANGGE_PHOTOS_{name}" for name, value in needed.items() if not value]
        if missing:
            raise InstallationError(
                f"WANGGE_PHOTOS_BUCKET also needs {' and '.join(missing)}; set it, or none of them."
            )
        address = urlsplit(self.endpoint or "")
        if address.scheme not in ("http", "https") or not address.hostname or "@" in address.netloc:
            raise InstallationError(
                "WANGGE_PHOTOS_ENDPOINT must be the store's address without a user or password, such "
                "as https://store.town:9000."
            )
