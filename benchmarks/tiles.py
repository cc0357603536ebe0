"""Vector tiles over HTTP: cold against the same SQL by psycopg and against TiPg on the same database,
and warm against a static file of the same server and against TiPg.

The demo town fills a private cluster, each server runs in a process of its own with one event loop, and
this one asks. All tiles are those of a full-HD screen in the middle of the town at zooms 12 to 14. The
limit of the cold path is for what a page may ask for: the layers of its map in one tile. What a request
costs beside its SQL is the same for every layer and printed after the plus sign; a layer of a few points
costs little more than that.

TiPg builds each tile that it is asked for, and knows nothing of zooms: below zoom 13 its basemap has the
minor roads too, and its grids have no labels.
"""

import asyncio
import json
import math
import multiprocessing
import os
import socket
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import psycopg
import uvicorn
from fastapi import FastAPI
from sqlalchemy import make_url

from api.accounts import Role
from api.accounts.service import create_account, open_session
from api.app import create_app
from api.settings import ServerSettings
from data.cluster import Cluster
from data.database import Database
from data.demo.loading import create_demo_town
from layers.catalog import BUILT_IN
from layers.selection import EVERYTHING
from layers.tiles.address import TileAddress
from layers.tiles.statement import statement_of

LON, LAT = 118.6, 34.5
SCREEN_TILES = (4, 3)  # 1920 x 1080 in tiles of 512 pixels, as OpenLayers draws them
ZOOMS = (12, 13, 14)
ROUNDS = 3
CLIENTS = 16
WARM_S = 3.0
COLD_LIMIT, WARM_LIMIT, TIPG_WARM_LIMIT = 1.2, 0.5, 5.0
MAP = ("basemap", "grids", "cameras", "facilities")
"""The layers that a page shows."""
TIPG_LAYERS = ("basemap", "grids", "facilities")


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
            good &= beside_tipg(url, token)
            database.close()
    return 0 if good else 1


def cold(database: Database, url: str, token: str) -> bool:
    """Every round has a new server, which has kept nothing; a tile counts with its best round."""
    http: dict[str, list[float]] = defaultdict(lambda: [math.inf] * len(SCREEN))
    sql: dict[str, list[float]] = defaultdict(lambda: [math.inf] * len(SCREEN))
    with psycopg.connect(database.conninfo, autocommit=True) as conn:
        for _ in range(ROUNDS):
            for asked in (*((each,) for each in MAP), MAP):
                with served(url) as port:
                    connection = Connection(port, token)
                    name = ",".join(asked)
                    statements = [statement_of(BUILT_IN[each], EVERYTHING) for each in asked]
                    connection.get(tile_path(name, at(15)))  # a new backend reads its catalogs
                    for number, tile in enumerate(SCREEN):
                        began = time.perf_counter()
                        for statement in statements:
                            conn.execute(statement, tile._asdict(), prepare=True).fetchall()
                        sql[name][number] = min(sql[name][number], since(began))
                        began = time.perf_counter()
                        status, _ = connection.get(tile_path(name, tile))
                        http[name][number] = min(http[name][number], since(began))
                        assert status in (200, 204), status
    for name, times in http.items():
        through_http, by_sql = sum(times), sum(sql[name])
        print(
            f"cold {name:32} {through_http / by_sql:5.2f} times the SQL, "
            f"{by_sql / len(SCREEN) * 1e3:5.2f} ms a tile + "
            f"{(through_http - by_sql) / len(SCREEN) * 1e3:.2f} ms"
        )
    ratio = sum(http[",".join(MAP)]) / sum(sql[",".join(MAP)])
    print(f"cold, the layers of a map in one tile: {ratio:.2f} times the SQL (limit {COLD_LIMIT})")
    return ratio <= COLD_LIMIT


def beside_tipg(url: str, token: str) -> bool:
    """The same layers and tiles from both servers, in turn."""
    ours: dict[str, list[float]] = defaultdict(lambda: [math.inf] * len(SCREEN))
    theirs: dict[str, list[float]] = defaultdict(lambda: [math.inf] * len(SCREEN))
    good = True
    for _ in range(ROUNDS):
        with served(url) as port, tipg_served(url) as tipg_port:
            here, there = Connection(port, token), Connection(tipg_port, token)
            for layer_id in TIPG_LAYERS:
                here.get(tile_path(layer_id, at(15)))
                there.get(tipg_path(layer_id, at(15)))
                for number, tile in enumerate(SCREEN):
                    for connection, asked, found in (
                        (here, tile_path(layer_id, tile), ours[layer_id]),
                        (there, tipg_path(layer_id, tile), theirs[layer_id]),
                    ):
                        began = time.perf_counter()
                        status, _ = connection.get(asked)
                        found[number] = min(found[number], since(began))
                        assert status in (200, 204), status
    for layer_id in TIPG_LAYERS:
        ratio = sum(ours[layer_id]) / sum(theirs[layer_id])
        print(
            f"cold {layer_id:12} {sum(ours[layer_id]) / len(SCREEN) * 1e3:5.2f} ms a tile, TiPg "
            f"{sum(theirs[layer_id]) / len(SCREEN) * 1e3:5.2f} ms: {ratio:.2f} of its time (limit 1)"
        )
        good &= ratio <= 1
    with served(url) as port, tipg_served(url) as tipg_port:
        for layer_id in TIPG_LAYERS:
            rates: tuple[list[float], list[float]] = ([], [])
            for _ in range(ROUNDS):
                for found, at_port, path in (
                    (rates[0], port, tile_path(layer_id, at(13))),
                    (rates[1], tipg_port, tipg_path(layer_id, at(13))),
                ):
                    found.append(asyncio.run(requests_per_s(at_port, token, path)))
            here_rate, there_rate = (statistics.median(each) for each in rates)
            print(
                f"warm {layer_id:12} {here_rate:6.0f}/s, TiPg {there_rate:6.0f}/s: "
                f"{here_rate / there_rate:.1f} times (limit {TIPG_WARM_LIMIT})"
            )
            good &= here_rate / there_rate >= TIPG_WARM_LIMIT
    return good


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


def tipg_path(layer_id: str, tile: TileAddress) -> str:
    layer = BUILT_IN[layer_id]
    collection = f"/collections/public.{layer.relation.name}/tiles/WebMercatorQuad"
    asked = f"geom-column=geom_3857&properties={','.join(('id', *layer.fields))}&limit=10000"
    return f"{collection}/{tile.z}/{tile.x}/{tile.y}?{asked}"


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


@contextmanager
def tipg_served(url: str) -> Iterator[int]:
    """TiPg's own application, with its cache of nothing: it builds every tile it is asked for."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = multiprocessing.get_context("spawn").Process(
            target=serve_tipg, args=(url, listener), daemon=True
        )
        process.start()
        yield listener.getsockname()[1]
        process.terminate()
        process.join()


def serve_tipg(url: str, listener: socket.socket) -> None:
    tables = [f"public.{BUILT_IN[layer_id].relation.name}" for layer_id in TIPG_LAYERS]
    # It reads its settings when it is imported.
    os.environ |= {
        "TIPG_DB_TABLES": json.dumps(tables),
        "TIPG_DB_EXCLUDE_FUNCTION_SCHEMAS": '["public"]',
    }
    from tipg import main as tipg
    from tipg.collections import register_collection_catalog
    from tipg.database import connect_to_db
    from tipg.settings import PostgresSettings

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Not as it would by itself: it knows no unix sockets.
        settings = PostgresSettings.model_construct(
            database_url=make_url(url).set(drivername="postgresql").render_as_string(False)
        )
        await connect_to_db(app, schemas=["public"], settings=settings)
        await register_collection_catalog(app, db_settings=tipg.db_settings)
        yield

    tipg.app.router.lifespan_context = lifespan
    config = uvicorn.Config(tipg.app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    sys.exit(main())
