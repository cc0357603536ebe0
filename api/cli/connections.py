"""HTTP connections that cannot be held open or filled up by somebody who never finishes a request.

uvicorn's faster parser has a limit neither for the size of a request's head nor for the time it takes.
"""

import time
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 64 * 1024
"""Of the request line, the headers, trailers and the framing of chunks together."""

LONGEST_HEAD_S = 20.0


class BoundedConnection(HttpToolsProtocol):
    """One connection. `head_since_s` is since when a request's head is awaited, by `time.monotonic`;
    None while a request is being answered or between two."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.head_since_s: float | None = time.monotonic()
        self._bytes_beside_bodies = 0

    def data_received(self, data: bytes) -> None:
        self._bytes_beside_bodies += len(data)
        super().data_received(data)
        if self._bytes_beside_bodies > MOST_HEAD_BYTES and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.head_since_s = time.monotonic()

    def on_headers_complete(self) -> None:
        self.head_since_s = None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._bytes_beside_bodies -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._bytes_beside_bodies = 0
        super().on_message_complete()

    def close_if_slow(self, now_s: float) -> None:
        if self.head_since_s is not None and now_s - self.head_since_s > LONGEST_HEAD_S:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        """Nobody is there to read a problem document; half an answer may be out already."""
        if self.cycle is None or self.cycle.response_complete:
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            self.transport.write(f"{head}connection: close\r\ncontent-length: 0\r\n\r\n".encode())
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """There are no web sockets here, and a stranger's wish for one is no news for the log."""
