"""Somebody else's map server, as a process of its own that can be told to misbehave.

A tile is one colour, which says where it is; tiles of a marked place are red at that place.
"""

import json
import math
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2

SIZE = 256
MARK_PX = 12


def png(
    colour: tuple[int, int, int], dots: tuple[tuple[float, float], ...] = (), size: int = SIZE
) -> bytes:
    """A picture of one colour with red discs, as a PNG."""
    rows = bytearray()
    for row in range(size):
        line = bytearray(bytes(colour) * size)
        for x, y in dots:
            if abs(row - y) < MARK_PX:
                half = math.sqrt(MARK_PX**2 - (row - y) ** 2)
                first, last = max(0, round(x - half)), min(size, round(x + half))
                line[3 * first : 3 * last] = bytes((255, 0, 0)) * max(0, last - first)
        rows += b"\0" + line

    def chunk(kind: bytes, body: bytes) -> bytes:
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(rows)))
        + chunk(b"IEND", b"")
    )


def colour_of(z: int, x: int, y: int) -> tuple[int, int, int]:
    return (z * 10 % 200, 40 + x % 16 * 12, 40 + y % 16 * 12)


def place_in_mercator(lon: float, lat: float, z: int) -> tuple[float, float]:
    """Column and row, with fractions, in the usual pyramid."""
    north = math.asinh(math.tan(math.radians(lat)))
    return (lon + 180) / 360 * 2**z, (1 - north / math.pi) / 2 * 2**z


def place_in_degrees(lon: float, lat: float, z: int) -> tuple[float, float]:
    """The same in the pyramid of EPSG:4490."""
    return (lon + 180) / 360 * 2**z, (90 - lat) / 360 * 2**z


@dataclass(frozen=True, kw_only=True, slots=True)
class MapServer:
    url: str

    def behave(self, how: str, **further: Any) -> None:
        """picture, missing, html, refuse, broken, redirect, huge, hang, drip, reset"""
        httpx2.post(f"{self.url}/_behave", json={"how": how, **further}).raise_for_status()

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What it was asked for, each with `path` and `headers`."""
        asked: list[dict[str, Any]] = httpx2.get(f"{self.url}/_requests").json()
        return asked

    @property
    def paths(self) -> list[str]:
        return [each["path"] for each in self.requests]


@contextmanager
def map_server() -> Iterator[MapServer]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.map_server"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield MapServer(url=f"http://127.0.0.1:{int(process.stdout.readline())}")
    finally:
        process.kill()
        process.communicate()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behaviour: dict[str, Any] = {"how": "picture"}  # noqa: RUF012
    asked: list[dict[str, Any]] = []  # noqa: RUF012
    for_ever = threading.Event()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).behaviour = json.loads(body)
        self._send(200, b"", "text/plain")

    def do_GET(self) -> None:
        if self.path == "/_requests":
            return self._send(200, json.dumps(self.asked).encode(), "application/json")
        self.asked.append({"path": self.path, "headers": dict(self.headers)})
        return getattr(self, f"_{self.behaviour['how']}")()

    def _picture(self) -> None:
        etag = '"as drawn"'
        if self.headers.get("If-None-Match") == etag:
            return self._send(304, b"", "image/png")
        return self._send(200, self._drawn(), "application/octet-stream", ETag=etag)

    def _drawn(self) -> bytes:
        parts = self.path.split("?")[0].split(".")[0].split("/")
        try:
            z, x, y = map(int, parts[-3:])
        except ValueError:
            return png((0, 0, 200), size=1)
        dots: tuple[tuple[float, float], ...] = ()
        if "mark" in self.behaviour:
            in_tiles = place_in_degrees if self.behaviour.get("degrees") else place_in_mercator
            column, row = in_tiles(*self.behaviour["mark"], z)
            dots = (((column - x) * SIZE, (row - y) * SIZE),)
        return png(colour_of(z, x, y), dots)

    def _missing(self) -> None:
        self._send(404, b"no such tile", "text/plain")

    def _html(self) -> None:
        self._send(200, b"<html><script>alert(1)</script></html>", "image/png")

    def _refuse(self) -> None:
        self._send(403, b'{"code": 301003, "msg": "key"}', "application/json")

    def _broken(self) -> None:
        self._send(500, b"out of order", "text/plain")

    def _redirect(self) -> None:
        self._send(302, b"", "text/plain", Location=self.behaviour["to"])

    def _huge(self) -> None:
        self._send(200, png((1, 2, 3)) + bytes(3 * 1024 * 1024), "image/png")

    def _hang(self) -> None:
        self.for_ever.wait()

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        while True:
            self.wfile.write(b"\x89")
            self.wfile.flush()
            self.for_ever.wait(0.02)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _send(self, status: int, body: bytes, media_type: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", media_type)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Who goes away in the middle is what some tests are about."""


def main() -> None:
    server = _Server(("127.0.0.1", 0), _Handler)
    print(server.server_address[1], flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()
