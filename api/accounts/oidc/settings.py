"""Which OpenID Connect provider people may sign in at."""

from typing import Self

from pydantic import HttpUrl, SecretStr, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gis.errors import InstallationError

_NEEDED = ("issuer", "client_id", "client_secret")


class OidcSettings(BaseSettings):
    """`WANGGE_OIDC_ISSUER`, `_CLIENT_ID` and `_CLIENT_SECRET` as registered there; `_NAME` is what the
    button says.

    `_CLAIM` names the claim that is an account's username. It is asked once: from then on the account
    belongs to the subject that signed in with it.
    """

    model_config = SettingsConfigDict(
        env_prefix="WANGGE_OIDC_", env_ignore_empty=True, frozen=True, extra="forbid"
    )

    issuer: str
    client_id: str
    client_secret: SecretStr
    name: str = "统一身份认证"
    claim: str = "preferred_username"

    @classmethod
    def from_environment(cls) -> Self | None:
        """None when no provider is named. Raises InstallationError for one that is named in part."""
        try:
            settings = cls()  # type: ignore[call-arg]
        except ValidationError as error:
            missing = [str(each["loc"][0]) for each in error.errors() if each["type"] == "missing"]
            if set(missing) == set(_NEEDED):
                return None
            names = " and ".join(f"WANGGE_OIDC_{name.upper()}" for name in missing)
            raise InstallationError(
                f"Sign-in by OpenID Connect also needs {names}; set it, or none of them."
            ) from error
        try:
            TypeAdapter(HttpUrl).validate_python(settings.issuer)
        except ValidationError as error:
            raise InstallationError(
                "WANGGE_OIDC_ISSUER must be the provider's address, such as "
                "https://id.example.cn/realms/town."
            ) from error
        return settings
