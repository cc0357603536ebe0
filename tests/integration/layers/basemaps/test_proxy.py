"""Against a real server on loopback, which counts, fails, hangs and answers nonsense."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gis.errors import NotFound, UpstreamAway, UpstreamFailed, WanggeError
from layers.basemaps import BasemapProxy, BasemapSettings, Picture
from layers.basemaps.kept import KeptTiles
from layers.tiles.address import TileAddress
from tests.map_server import MapServer, map_server

pytestmark = pytest.mark.anyio

PLACE = TileAddress(14, 13_589, 6_517)
NEXT = TileAddress(14, 13_590, 6_517)
DAY_S = 86_400.0
FILE = """
[cache]
fresh_days = 30
[[basemap]]
id = "aerial"
kind = "xyz"
title = {{ zh = "影像", en = "Aerial" }}
url = "{url}/{{z}}/{{x}}/{{y}}.png?tk={{key}}"
key = "s3cret"
headers = {{ Referer = "http://wangge" }}
"""


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def maps() -> Iterator[MapServer]:
    with map_server() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path, maps: MapServer) -> BasemapSettings:
    file = tmp_path / "basemaps.toml"
    file.write_text(FILE.format(url=maps.url), encoding="utf-8")
    return BasemapSettings.read(file, tmp_path / "kept", {})


@pytest.fixture
async def proxy(settings: BasemapSettings, clock: Clock) -> AsyncIterator[BasemapProxy]:
    proxy = BasemapProxy(settings, now_s=clock, deadline_s=0.3)
    yield proxy
    await proxy.close()


async def ask(proxy: BasemapProxy, address: TileAddress = PLACE) -> Picture:
    return await proxy.picture(proxy.find("aerial"), address)


async def test_a_tile_is_asked_for_once_and_kept(proxy: BasemapProxy, maps: MapServer) -> None:
    first = await ask(proxy)
    second = await ask(proxy)
    assert first == second
    assert first.media_type == "image/png"
    [asked] = maps.requests
    assert asked["path"] == "/14/13589/6517.png?tk=s3cret"
    assert asked["headers"]["Referer"] == "http://wangge"
    assert "Cookie" not in asked["headers"]


async def test_it_is_still_kept_after_a_restart(
    proxy: BasemapProxy, maps: MapServer, settings: BasemapSettings, clock: Clock
) -> None:
    first = await ask(proxy)
    maps.behave("broken")
    again = BasemapProxy(settings, now_s=clock)
    assert await ask(again) == first
    await again.close()


async def test_many_who_want_a_tile_make_one_request(proxy: BasemapProxy, maps: MapServer) -> None:
    pictures = await asyncio.gather(*(ask(proxy) for _ in range(20)))
    assert len({picture.digest for picture in pictures}) == 1
    assert len(maps.requests) == 1


async def test_one_who_goes_away_does_not_take_the_tile_from_the_others(
    proxy: BasemapProxy,
) -> None:
    leaving = asyncio.create_task(ask(proxy))
    staying = asyncio.create_task(ask(proxy))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).content


async def test_an_old_tile_is_asked_about_and_kept_when_it_is_the_same(
    proxy: BasemapProxy, maps: MapServer, clock: Clock
) -> None:
    first = await ask(proxy)
    clock.now_s += 31 * DAY_S
    assert await ask(proxy) == first
    clock.now_s += DAY_S
    assert await ask(proxy) == first
    assert len(maps.requests) == 2
    assert maps.requests[1]["headers"]["If-None-Match"] == '"as drawn"'


@pytest.mark.parametrize("how", ["broken", "refuse", "html", "hang", "drip", "reset", "huge"])
async def test_an_old_tile_is_better_than_none(
    proxy: BasemapProxy, maps: MapServer, clock: Clock, how: str
) -> None:
    first = await ask(proxy)
    clock.now_s += 31 * DAY_S
    maps.behave(how)
    old = await ask(proxy)
    assert old.is_old
    assert old.content == first.content


@pytest.mark.parametrize(
    ("how", "error", "says"),
    [
        ("broken", UpstreamFailed, "answers 500 instead of a tile"),
        ("refuse", UpstreamFailed, "answers 403 instead of a tile"),
        ("html", UpstreamFailed, "not a picture"),
        ("huge", UpstreamFailed, "more than 2 MB"),
        ("hang", UpstreamAway, "does not answer in time"),
        ("drip", UpstreamAway, "does not answer in time"),
        ("reset", UpstreamAway, "cannot be reached"),
    ],
)
async def test_what_is_wrong_is_said_without_the_key(
    proxy: BasemapProxy,
    maps: MapServer,
    how: str,
    error: type[WanggeError],
    says: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    maps.behave(how)
    with caplog.at_level(logging.DEBUG), pytest.raises(error, match=says) as failed:
        await ask(proxy)
    assert "s3cret" not in caplog.text + failed.value.message


async def test_nothing_logs_the_key_of_a_tile_that_came(
    proxy: BasemapProxy, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await ask(proxy)
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("how", ["refuse", "hang", "reset"])
async def test_a_server_that_is_away_is_left_alone_for_a_while(
    proxy: BasemapProxy, maps: MapServer, clock: Clock, how: str
) -> None:
    maps.behave(how)
    for address in (PLACE, NEXT, PLACE):
        with pytest.raises(UpstreamFailed):
            await ask(proxy, address)
    assert len(maps.requests) == 1
    maps.behave("picture")
    clock.now_s += 16
    assert (await ask(proxy, NEXT)).content
    assert (await ask(proxy, PLACE)).content


async def test_of_a_server_that_may_be_back_one_tile_finds_out(
    proxy: BasemapProxy, maps: MapServer, clock: Clock
) -> None:
    maps.behave("hang")
    with pytest.raises(UpstreamAway):
        await ask(proxy)
    clock.now_s += 16
    outcomes = await asyncio.gather(
        *(ask(proxy, TileAddress(14, x, 0)) for x in range(10)), return_exceptions=True
    )
    assert all(isinstance(outcome, UpstreamAway) for outcome in outcomes)
    assert len(maps.requests) == 2


async def test_a_tile_that_fails_on_its_own_leaves_the_others(
    proxy: BasemapProxy, maps: MapServer
) -> None:
    maps.behave("broken")
    for _ in range(3):
        with pytest.raises(UpstreamFailed):
            await ask(proxy)
    assert len(maps.requests) == 1
    maps.behave("picture")
    assert (await ask(proxy, NEXT)).content


async def test_a_tile_that_is_not_there_is_not_asked_for_again_for_hours(
    proxy: BasemapProxy, maps: MapServer, clock: Clock
) -> None:
    maps.behave("missing")
    for _ in range(3):
        with pytest.raises(NotFound, match="no tile there"):
            await ask(proxy)
    assert len(maps.requests) == 1
    maps.behave("picture")
    clock.now_s += DAY_S
    assert (await ask(proxy)).content


async def test_no_redirect_is_followed(proxy: BasemapProxy, maps: MapServer) -> None:
    with map_server() as elsewhere:
        maps.behave("redirect", to=f"{elsewhere.url}/14/0/0.png")
        with pytest.raises(UpstreamFailed, match="answers 302"):
            await ask(proxy)
        assert elsewhere.requests == []


async def test_a_proxy_of_the_environment_is_not_used(
    settings: BasemapSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    proxy = BasemapProxy(settings)
    assert (await ask(proxy)).content
    await proxy.close()


async def test_a_disk_that_is_full_keeps_nothing_from_being_shown(
    proxy: BasemapProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(KeptTiles, "put", full)
    monkeypatch.setattr(KeptTiles, "get", full)
    assert (await ask(proxy)).content


async def test_an_unknown_basemap_is_not_found(proxy: BasemapProxy) -> None:
    with pytest.raises(NotFound, match="no basemap 'relief'"):
        proxy.find("relief")
