"""Reading streams in tests, below HTTP because test clients wait for a body's end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from starlette.types import Message


class Stream:
    """An open stream."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.seen = ""
        self._chunks: asyncio.Queue[str] = asyncio.Queue()
        self._gone = asyncio.Event()
        self.ended = asyncio.Event()

    async def receive(self) -> Message:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        elif message.get("body"):
            self._chunks.put_nowait(message["body"].decode())
        elif not message.get("more_body"):
            self.ended.set()

    def close(self) -> None:
        self._gone.set()

    async def chunk(self) -> str:
        async with asyncio.timeout(10):
            chunk = await self._chunks.get()
        self.seen += chunk
        return chunk

    async def event(self) -> tuple[int, dict[str, dict[str, Any]]]:
        """The next event about positions: its number, and its items by unit."""
        while "\nevent: positions\n" not in (chunk := await self.chunk()):
            pass
        number, _, data = chunk.strip().split("\n")[-3:]
        body = json.loads(data.removeprefix("data: "))
        datetime.fromisoformat(body["server_time"])
        return int(number.removeprefix("id: ")), {item["unit"]: item for item in body["items"]}

    async def alert(self, unit: str | None, *, kind: str = "sos") -> dict[str, Any]:
        """What comes next about an alert of this kind and unit; None is about a plan."""
        while True:
            chunk = await self.chunk()
            if "event: alerts" in chunk:
                items = json.loads(chunk.strip().rpartition("\ndata: ")[2])["items"]
                for item in items:
                    if (item["unit"], item["kind"]) == (unit, kind):
                        return dict(item)


@asynccontextmanager
async def open_stream(
    app: FastAPI,
    headers: dict[str, str],
    query: str = "",
    *,
    path: str = "/api/v1/positions/stream",
) -> AsyncIterator[Stream]:
    stream = Stream()
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        "app": app,
    }
    task = asyncio.create_task(app(scope, stream.receive, stream.send))
    try:
        yield stream
    finally:
        stream.close()
        await task
