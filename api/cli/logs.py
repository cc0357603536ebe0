"""The log: on standard error, warnings and worse unless one asks for more, and never a secret."""

import logging
import os
import re
import sys
from typing import Any

import structlog

_BLANK = "…"

# A key that has one of these words in it. Values that are secret on their own are never logged.
_SECRET_KEY = re.compile(
    r"password|passwd|secret|token|authorization|cookie|credential|conninfo|totp|api_?key", re.I
)
# In a text: the password of a URL, a bearer token, a session's cookie, the token in a device's address.
_SECRET_TEXTS = (
    (re.compile(r"(\w+://[^/\s:@]*:)[^/\s@]+@"), rf"\1{_BLANK}@"),
    (re.compile(r"(?i)(bearer\s+|wangge_session=|password=)[^\s;,'\"]+"), rf"\1{_BLANK}"),
    (re.compile(r"(/ingest/[^\s/?'\"]+/)[^\s?'\"]+"), rf"\1{_BLANK}"),
)


_DEBUG = "WANGGE_DEBUG"


def turn_debugging_on() -> None:
    """Here and in child processes, which inherit it."""
    os.environ[_DEBUG] = "1"


def debugging() -> bool:
    return bool(os.environ.get(_DEBUG))


def configure_logs() -> None:
    level = logging.INFO if debugging() else logging.WARNING
    timestamps = structlog.processors.TimeStamper(fmt="iso", utc=False)
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        timestamps,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Here the text of a traceback is a value like any other. Plain: rich ones print local
                # variables, and those hold passwords.
                structlog.processors.format_exc_info,
                without_secrets,
                structlog.dev.ConsoleRenderer(
                    colors=sys.stderr.isatty(),
                    exception_formatter=structlog.dev.plain_traceback,
                ),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)


def without_secrets(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A processor of structlog that blanks what may not be written down, at any depth."""
    return {key: _blanked(key, value) for key, value in event.items()}


def _blanked(key: Any, value: Any) -> Any:
    if isinstance(key, str) and _SECRET_KEY.search(key):
        return _BLANK
    if isinstance(value, dict):
        return {inner: _blanked(inner, each) for inner, each in value.items()}
    if isinstance(value, list | tuple):
        return [_blanked(None, each) for each in value]
    if isinstance(value, str):
        for pattern, replacement in _SECRET_TEXTS:
            value = pattern.sub(replacement, value)
    return value
