"""Addresses of streams: made for one camera and a few minutes, signed, without anybody's password."""

import hashlib
import hmac
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import SettingsError

from data.environment import EnvironmentSettings
from gis.errors import InstallationError, NotFound
from layers.cameras.camera import Network

LIFETIME = timedelta(minutes=5)

_PLACEHOLDERS = frozenset({"code", "expires", "token"})
_SCHEMES = frozenset({"https", "http", "wss", "ws", "webrtc", "rtsp", "rtmp"})
_SECRET_WORDS = re.compile(r"pass|pwd|secret|apikey|api_key|accesskey|access_key", re.IGNORECASE)
_LEAST_KEY = 16


class StreamGateway(BaseModel):
    """Of a network's media gateway: its address with {code}, {expires} and {token}, and the key that it
    shares with this server."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    template: str
    key: SecretStr = Field(min_length=_LEAST_KEY)

    @field_validator("template")
    @classmethod
    def _check(cls, template: str) -> str:
        try:
            names = [
                name for _, name, _, _ in string.Formatter().parse(template) if name is not None
            ]
            address = urlsplit(template)
        except ValueError as error:
            raise ValueError("the template is no address") from error
        if set(names) != _PLACEHOLDERS or re.search(r"\{[a-z]*[^a-z}]", template):
            raise ValueError("the template must hold {code}, {expires} and {token}, and no other")
        if address.scheme not in _SCHEMES or not address.hostname or "{" in address.netloc:
            raise ValueError("the template must begin with https://host/ or the like")
        if "@" in address.netloc:
            raise ValueError(
                "the template holds a user and a password, which every browser would be told; give them "
                "to the media gateway, and name the gateway here"
            )
        if any(_SECRET_WORDS.search(name) for name, _ in parse_qsl(address.query)):
            raise ValueError(
                "the template holds a password or key in its query, which every browser would be told; "
                "let the media gateway check {token} instead"
            )
        return template


class StreamSettings(EnvironmentSettings):
    """`WANGGE_STREAMS`: a JSON object of a template and a key by network, such as
    `{"skyeye": {"template": "https://media.town/{code}.flv?e={expires}&t={token}", "key": "…"}}`."""

    streams: Mapping[Network, StreamGateway] = Field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls) -> Self:
        """Raises InstallationError, which says what is wrong and shows nothing of the value: it holds
        keys, and perhaps a password that does not belong there."""
        try:
            return cls()
        except SettingsError:
            what = "it is no JSON object"
        except ValidationError as error:
            [first, *_] = error.errors(include_input=False, include_context=False)
            where = ".".join(str(part) for part in first["loc"][1:])
            what = f"{where}: {first['msg'].removeprefix('Value error, ')}"
        raise InstallationError(
            f"WANGGE_STREAMS cannot be used: {what}. Correct it and start again."
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """An address to watch a camera at, until it expires."""

    url: str
    expires_at: datetime


def stream_of(settings: StreamSettings, network: Network, code: str, now: datetime) -> Stream:
    """Raises NotFound for a network without a gateway."""
    gateway = settings.streams.get(network)
    if gateway is None:
        raise NotFound(
            f"No media gateway is set up for the network {network}; the administrator names one in "
            "WANGGE_STREAMS.",
            code="no_stream",
        )
    expires_at = (now + LIFETIME).replace(microsecond=0)
    expires = int(expires_at.timestamp())
    token = sign(gateway.key.get_secret_value(), code, expires)
    url = gateway.template.format(code=code, expires=expires, token=token)
    return Stream(url=url, expires_at=expires_at)


def sign(key: str, code: str, expires: int) -> str:
    """What the media gateway works out again: HMAC-SHA256 of `code:expires`, in hexadecimal; `expires`
    is in seconds since 1970."""
    return hmac.new(key.encode(), f"{code}:{expires}".encode(), hashlib.sha256).hexdigest()
