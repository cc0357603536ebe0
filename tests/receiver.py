"""A receiver of messages on loopback, a real one: it listens, answers, hangs and goes."""

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Reply = tuple[int, dict[str, str], bytes]

OK: Reply = (200, {}, b'{"errcode":0,"code":0}')


@dataclass(frozen=True, kw_only=True)
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`replies` are given in their order and then `reply` for ever. While `answer` is clear it hangs;
    `arrived` counts what came."""

    port: int
    reply: Reply = OK
    replies: list[Reply] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    answer: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ids(self) -> list[str]:
        """The ids of the webhooks that came."""
        return [each.headers["webhook-id"] for each in self.received]


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """It is up inside the block."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            receiver.received.append(
                Received(
                    method=self.command,
                    path=self.path,
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(length),
                )
            )
            reply = receiver.replies.pop(0) if receiver.replies else receiver.reply
            receiver.arrived.release()
            receiver.answer.wait(30)
            status, headers, body = reply
            try:
                self.send_response(status)
                for name, value in {"content-length": f"{len(body)}", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # who asked has gone away

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        receiver = Receiver(port=server.server_address[1])
        receiver.answer.set()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.answer.set()
            server.shutdown()
            thread.join()


def free_port() -> int:
    """One where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
