"""Files that are made when somebody asks, and sent once they are whole."""

import errno
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO
from urllib.parse import quote

from fastapi.responses import StreamingResponse

from api.context import Services
from gis.errors import InstallationError, Overloaded

_CHUNK_BYTES = 256 * 1024


@contextmanager
def place_for_one(services: Services) -> Iterator[None]:
    """Raises Overloaded while others are making theirs."""
    if not services.exports.acquire(blocking=False):
        raise Overloaded("Other exports are being made; try again in a while.", retry_after_s=15)
    try:
        yield
    finally:
        services.exports.release()


@contextmanager
def temporary_file() -> Iterator[tuple[BinaryIO, Callable[[], object]]]:
    """A file without a name, gone when it is closed: at the end of the block, unless it is kept."""
    try:
        with ExitStack() as stack:
            file = stack.enter_context(tempfile.TemporaryFile())
            yield file, stack.pop_all
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InstallationError(
                "The server's disk has no room for this file; tell whoever runs it."
            ) from error
        raise


def send_file(file: BinaryIO, name: str, media_type: str) -> StreamingResponse:
    """As an attachment; closed when it is sent."""
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    return StreamingResponse(
        _chunks(file),
        media_type=media_type,
        headers={"Content-Disposition": _as_attachment(name), "Content-Length": str(length)},
    )


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _as_attachment(name: str) -> str:
    """RFC 6266: the name in ASCII for programs of old, and as it is for the others."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
