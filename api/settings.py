"""Settings of the HTTP server: one class for each concern, read from the environment once."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from data.installation import Installation


def built_web_dir() -> Path:
    """Where `npm run build` puts the pages of a source checkout."""
    return Path(__file__).parent.parent / "web" / "dist"


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerSettings:
    """`web_dir` holds the built pages; while it does not exist, `/` says how to build them.

    `secret_key` (32 bytes) encrypts and signs what only this installation may read. One that is not
    kept makes what it encrypted unreadable after a restart.
    """

    web_dir: Path = field(default_factory=built_web_dir)
    secret_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @classmethod
    def of(cls, installation: Installation) -> Self:
        """As the environment and the data directory say."""
        return cls(secret_key=installation.secret_key())
