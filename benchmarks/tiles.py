"""Vector tiles over HTTP, cold against the same SQL by psycopg and warm against a static file.

The demo town fills a private cluster, the server runs in a process of its own, and this one asks. All
tiles are those of a full-HD screen in the middle of the town at zooms 12 to 14. The limit of the cold
path is for the basemap, whose tiles are work for PostGIS; what a request costs beside its SQL is the
same for every layer and printed after the plus sign.
"""

import asyncio
import math
import multiprocessing
import socket
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import psycopg
import uvicorn

from api.accounts import Role
from api.accounts.service import create_account, open_session
from api.app import create_app
from api.settings import ServerSettings
from data.cluster import Cluster
from data.database import Database
from data.demo.loading import create_demo_town
from data.sql import load_sql
from layers.catalog import LAYERS
from layers.tiles.address import TileAddress

LON, LAT = 118.6, 34.5
SCREEN_TILES = (4, 3)  # 1920 x 1080 in tiles of 512 pixels, as OpenLayers draws them
ZOOMS = (12, 13, 14)
ROUNDS = 3
CLIENTS = 16
WARM_S = 3.0
COLD_LIMIT, WARM_LIMIT = 1.2, 0.5


def main() -> int:
    # Where an unprivileged user may enter: PostgreSQL refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
        Path(folder).chmod(0o755)
        with Cluster(Path(folder) / "pg", durable=False).running("tiles") as url:
            database = Database(url)
            database.migrate()
            create_demo_town(database, now=datetime.now(UTC))
            token = viewer(database)
            static = Path(folder) / "static"
            good = cold(database, url, token)
            good &= warm(url, token, static)
            database.close()
    return 0 if good else 1


def cold(database: Database, url: str, token: str) -> bool:
    """Every round has a new server, which has kept nothing; a tile counts with its best round."""
    http: dict[str, list[float]] = defaultdict(lambda: [math.inf] * len(SCREEN))
    sql: dict[str, list[float]] = defaultdict(lambda: [math.inf] * len(SCREEN))
    with psycopg.connect(database.conninfo, autocommit=True) as conn:
        for _ in range(ROUNDS):
            with served(url) as port:
                connection = Connection(port, token)
                for layer_id in LAYERS:
                    statement = load_sql("layers.tiles", "tiles.sql")[layer_id]
                    connection.get(tile_path(layer_id, at(15)))  # a new backend reads its catalogs
                    for number, tile in enumerate(SCREEN):
                        began = time.perf_counter()
                        conn.execute(statement, tile._asdict(), prepare=True).fetchall()
                        sql[layer_id][number] = min(sql[layer_id][number], since(began))
                        began = time.perf_counter()
                        status, _ = connection.get(tile_path(layer_id, tile))
                        http[layer_id][number] = min(http[layer_id][number], since(began))
                        assert status in (200, 204), status
    for layer_id in LAYERS:
        through_http, by_sql = sum(http[layer_id]), sum(sql[layer_id])
        print(
            f"cold {layer_id:10} {through_http / by_sql:5.2f} times the SQL, "
            f"{by_sql / len(SCREEN) * 1e3:5.2f} ms a tile + "
            f"{(through_http - by_sql) / len(SCREEN) * 1e3:.2f} ms"
        )
    ratio = sum(http["basemap"]) / sum(sql["basemap"])
    print(f"cold: {ratio:.2f} times the SQL (limit {COLD_LIMIT})")
    return ratio <= COLD_LIMIT


def since(began: float) -> float:
    return time.perf_counter() - began


def warm(url: str, token: str, static: Path) -> bool:
    """A tile of the middle of the town against a file of the same bytes."""
    path, file_path = tile_path("basemap", at(13)), "/assets/tile.bin"
    rates: dict[str, list[float]] = {path: [], file_path: []}
    with served(url, static) as port:
        status, body = Connection(port, token).get(path)
        assert status == 200
        (static / "assets").mkdir(parents=True)
        (static / "index.html").write_text("<!doctype html>")
        (static / "assets" / "tile.bin").write_bytes(body)
        for _ in range(ROUNDS):
            for target, found in rates.items():
                found.append(asyncio.run(requests_per_s(port, token, target)))
    tile, file = (statistics.median(found) for found in rates.values())
    print(
        f"warm, {len(body)} bytes: tile {tile:.0f}/s, static file {file:.0f}/s: "
        f"{tile / file:.2f} of its rate (limit {WARM_LIMIT})"
    )
    return tile / file >= WARM_LIMIT


def at(z: int) -> TileAddress:
    row = (1 - math.asinh(math.tan(math.radians(LAT))) / math.pi) / 2
    return TileAddress(z, int((LON + 180) / 360 * 2**z), int(row * 2**z))


def screen() -> Iterator[TileAddress]:
    wide, high = SCREEN_TILES
    for z in ZOOMS:
        middle = at(z)
        for dx, dy in product(range(wide), range(high)):
            yield TileAddress(z, middle.x - wide // 2 + dx, middle.y - high // 2 + dy)


SCREEN = tuple(screen())


def tile_path(layer_id: str, tile: TileAddress) -> str:
    return f"/api/v1/tiles/{layer_id}/{tile.z}/{tile.x}/{tile.y}.mvt"


def viewer(database: Database) -> str:
    with database.begin() as conn:
        account_id = create_account(conn, username="viewer", password=None, role=Role.DISPATCHER)
        return open_session(conn, account_id, datetime.now(UTC))


class Connection:
    """One kept-alive HTTP/1.1 connection: a full client would measure itself."""

    def __init__(self, port: int, token: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._file = self._socket.makefile("rb")
        self._token = token

    def get(self, path: str) -> tuple[int, bytes]:
        self._socket.sendall(request(path, self._token))
        status = int(self._file.readline().split()[1])
        length = 0
        while (line := self._file.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return status, self._file.read(length)


def request(path: str, token: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    ).encode()


async def requests_per_s(port: int, token: str, path: str) -> float:
    asked = request(path, token)
    until = time.perf_counter() + WARM_S

    async def client() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        answers = 0
        while time.perf_counter() < until:
            writer.write(asked)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = head.lower().split(b"content-length:")[1].split(b"\r\n")[0]
            await reader.readexactly(int(length))
            answers += 1
        writer.close()
        return answers

    return sum(await asyncio.gather(*(client() for _ in range(CLIENTS)))) / WARM_S


@contextmanager
def served(url: str, static: Path | None = None) -> Iterator[int]:
    """The port of a server in a process of its own, which this one's load does not slow down."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = multiprocessing.get_context("spawn").Process(
            target=serve, args=(url, static, listener), daemon=True
        )
        process.start()
        yield listener.getsockname()[1]
        process.terminate()
        process.join()


def serve(url: str, static: Path | None, listener: socket.socket) -> None:
    settings = ServerSettings() if static is None else ServerSettings(web_dir=static)
    app = create_app(Database(url), settings)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    sys.exit(main())
