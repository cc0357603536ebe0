"""Settings of the HTTP server."""

from dataclasses import dataclass, field
from pathlib import Path


def built_web_dir() -> Path:
    """Where `npm run build` puts the pages of a source checkout."""
    return Path(__file__).parent.parent / "web" / "dist"


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerSettings:
    """`web_dir` holds the built pages; while it does not exist, `/` says how to build them."""

    web_dir: Path = field(default_factory=built_web_dir)
