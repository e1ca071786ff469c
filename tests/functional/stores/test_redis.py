"""Redis: its loss, what it is told, and what it never shows."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis.asyncio

from openapi_shim.errors import ConfigError, StoreError
from openapi_shim.stores.redis import RedisStore

from .conftest import Clock, RedisServer

PASSWORD = "pass#w/rd"
QUOTED = "pass%23w%2Frd"


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """A server that takes connections and never says a word."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            await reader.read()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_the_loss_of_the_server_is_survived(own_server: RedisServer) -> None:
    store = RedisStore(own_server.url, patience=2)
    end = time.time() + 60
    assert await store.take("quota", limit=5, expires=end) == 1
    own_server.kill()
    for _ in range(2):
        with pytest.raises(StoreError, match=r"cannot be reached; does it run there\?"):
            await store.take("quota", limit=5, expires=end)
    own_server.start()
    # A new server, without scripts and without data.
    assert await store.take("quota", limit=5, expires=end) == 1
    assert await asyncio.gather(*(store.count("quota") for _ in range(5))) == [1] * 5
    await store.close()


async def test_a_server_that_restarts_between_two_operations_is_not_noticed(
    own_server: RedisServer,
) -> None:
    store = RedisStore(own_server.url)
    end = time.time() + 60
    await store.put("key", "value", expires=end)
    own_server.kill()
    own_server.start()
    assert await store.add("key", "value", expires=end) is None
    await store.close()


async def test_a_silent_server_is_given_up_in_time(silent_port: int) -> None:
    store = RedisStore(f"redis://:{QUOTED}@127.0.0.1:{silent_port}", patience=0.2)
    with pytest.raises(StoreError, match=r"did not answer in 0\.2 s") as caught:
        await store.get("key")
    assert PASSWORD not in repr(caught.value.__cause__) + str(caught.value)
    await store.close()


async def test_more_operations_than_connections(redis_server: RedisServer, key: str) -> None:
    store = RedisStore(redis_server.url)
    end = time.time() + 60
    taken = await asyncio.gather(*(store.take(key, limit=999, expires=end) for _ in range(200)))
    assert sorted(taken) == list(range(1, 201))
    await store.close()


async def test_a_password_is_used_and_never_shown(
    own_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with redis.asyncio.Redis.from_url(own_server.url) as admin:
        await admin.config_set("requirepass", PASSWORD)
    caplog.set_level(logging.DEBUG)
    good = RedisStore(f"redis://:{QUOTED}@127.0.0.1:{own_server.port}/0")
    await good.put("key", "value", expires=time.time() + 60)
    assert await good.get("key") == "value"
    wrong = RedisStore(f"redis://:x{QUOTED}@127.0.0.1:{own_server.port}/0")
    none = RedisStore(own_server.url)
    for store in (wrong, none):
        with pytest.raises(StoreError, match=r"password|Authentication") as caught:
            await store.get("key")
        assert PASSWORD not in str(caught.value)
    for store in (good, wrong, none):
        assert PASSWORD not in repr(store)
        await store.close()
    assert PASSWORD not in caplog.text
    assert QUOTED not in caplog.text


async def test_a_server_without_the_right_to_write(redis_server: RedisServer) -> None:
    async with redis.asyncio.Redis.from_url(redis_server.url) as admin:
        await admin.acl_setuser("reader", enabled=True, nopass=True, commands=["+ping", "+client"])
    store = RedisStore(f"redis://reader:x@127.0.0.1:{redis_server.port}")
    with pytest.raises(StoreError, match=r"refuses: .*evalsha") as caught:
        await store.put("key", "张三", expires=time.time() + 60)
    assert "张三" not in str(caught.value)
    await store.close()


async def test_rows_end_in_redis_too(redis_server: RedisServer, clock: Clock, key: str) -> None:
    """So that nothing stays for ever; a minute late, since clocks differ."""
    store = RedisStore(redis_server.url, clock=clock)
    async with redis.asyncio.Redis.from_url(redis_server.url) as admin:
        for seconds, kept in ((100, 160_000), (-100, 60_000), (1e14, 10 * 365 * 86_400_000)):
            await store.put(key, "v", expires=clock.now + seconds)
            left = await admin.pttl(f"openapi-shim:value:{key}")
            assert kept - 30_000 < left <= kept
        await store.take(key, limit=9, expires=clock.now + 100)
        await store.take(key, limit=9, expires=clock.now + 999)
        assert await admin.pttl(f"openapi-shim:count:{key}") <= 160_000
    await store.close()


@pytest.mark.parametrize(
    "url",
    [
        "redis://",
        "redis:///0",
        f"redis://:{PASSWORD}@host:6379",
        "redis://host:port",
        "redis://host:99999",
        "redis://host/0?socket_timeout=soon",
        "redis://host/0?unknown_option=1",
        "http://host",
    ],
)
def test_urls_that_cannot_be_used(url: str) -> None:
    with pytest.raises(ConfigError, match=r"Redis store") as caught:
        RedisStore(url)
    assert "pass" not in str(caught.value).replace("password", "")
    assert caught.value.__cause__ is None


async def test_tls_is_asked_for_by_rediss(redis_server: RedisServer) -> None:
    """This server speaks none, and waits for more: nothing is sent in the clear instead."""
    store = RedisStore(redis_server.url.replace("redis:", "rediss:"), patience=0.5)
    with pytest.raises(StoreError, match=r"did not answer in 0\.5 s"):
        await store.get("key")
    await store.close()
