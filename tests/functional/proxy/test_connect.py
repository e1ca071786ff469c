"""CONNECT over real sockets: what clients send, rightly and wrongly."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from openapi_shim.emulator.app import create_app
from openapi_shim.emulator.proxy.authority import Authority
from openapi_shim.emulator.proxy.connect import Proxy
from openapi_shim.emulator.server import EmulatorServer
from openapi_shim.settings import Settings
from tests.unit.wechat.fakes import FakeRecognizer

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
GET = b"GET /cgi-bin/token HTTP/1.1\r\nHost: api.weixin.qq.com\r\n\r\n"


class Emulator:
    """A server, and connections to it as a proxy's client makes them."""

    def __init__(self, port: int, authority: Authority) -> None:
        self.port = port
        self.authority = authority
        self._open: list[asyncio.StreamWriter] = []

    async def connect(self, head: bytes) -> Streams:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._open.append(writer)
        writer.write(head)
        return reader, writer

    async def close(self) -> None:
        for writer in self._open:
            writer.close()


async def served(tmp_path: Path, *, others: bool) -> AsyncIterator[Emulator]:
    settings = Settings(functions_dir=tmp_path / "none", state_dir=tmp_path / "state")
    authority = Authority(tmp_path / "state" / "ca")
    proxy = Proxy(authority.server_context, others=others)
    server = EmulatorServer(create_app(settings, recognizer=FakeRecognizer()), proxy=proxy)
    url = await server.start()
    emulator = Emulator(int(url.rsplit(":", 1)[1]), authority)
    try:
        yield emulator
    finally:
        await emulator.close()
        await server.stop()


@pytest.fixture
async def emulator(tmp_path: Path) -> AsyncIterator[Emulator]:
    async for running in served(tmp_path, others=False):
        yield running


@pytest.fixture
async def passing(tmp_path: Path) -> AsyncIterator[Emulator]:
    async for running in served(tmp_path, others=True):
        yield running


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (
            int(line[15:])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        ),
        0,
    )
    return int(head.split()[1]), await reader.readexactly(length)


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
@pytest.mark.parametrize("pieces", [1, 7])
async def test_a_tunnel_to_wechat_leads_here(
    emulator: Emulator, version: bytes, pieces: int
) -> None:
    head = b"CONNECT api.weixin.qq.com:443 HTTP/" + version + b"\r\nHost: x\r\n\r\n"
    size = len(head) // pieces + 1
    reader, writer = await emulator.connect(head[:size])
    for begin in range(size, len(head), size):
        await asyncio.sleep(0)
        writer.write(head[begin : begin + size])
    assert (await answer(reader))[0] == 200
    trusted = ssl.create_default_context(cafile=str(emulator.authority.ready()))
    await writer.start_tls(trusted, server_hostname="api.weixin.qq.com")
    for _ in range(2):  # the connection stays
        writer.write(GET)
        status, body = await answer(reader)
        assert (status, json.loads(body)["errcode"]) == (200, 40002)


async def test_a_proxy_for_plain_http_is_served_too(emulator: Emulator) -> None:
    reader, _ = await emulator.connect(GET.replace(b"GET ", b"GET http://api.weixin.qq.com"))
    status, body = await answer(reader)
    assert (status, json.loads(body)["errcode"]) == (200, 40002)


@pytest.mark.parametrize(
    ("head", "status", "text"),
    [
        (b"CONNECT example.com:443 HTTP/1.1\r\n\r\n", 403, b"OPENAPI_SHIM_PROXY_OTHERS=pass"),
        (b"CONNECT 169.254.169.254:80 HTTP/1.1\r\n\r\n", 403, b"NO_PROXY"),
        (b"CONNECT api.weixin.qq.com HTTP/1.1\r\n\r\n", 400, b"HOST:PORT"),
        (b"CONNECT a\x00b:1 HTTP/1.1\r\n\r\n", 400, b"HOST:PORT"),
        (b"CONNECT api.weixin.qq.com:443\r\n\r\n", 400, b"HOST:PORT"),
        (b"CONNECT " + b"a" * 9000, 431, b"8192"),
    ],
)
async def test_what_cannot_be_a_tunnel_is_told(
    emulator: Emulator, head: bytes, status: int, text: bytes
) -> None:
    reader, _ = await emulator.connect(head)
    told, body = await answer(reader)
    assert told == status
    assert text in body
    assert await reader.read() == b""


async def test_a_client_that_hangs_up_within_a_tunnel_costs_nothing(emulator: Emulator) -> None:
    reader, writer = await emulator.connect(b"CONNECT api.weixin.qq.com:443 HTTP/1.1\r\n\r\n")
    assert (await answer(reader))[0] == 200
    writer.write(b"this is no TLS")
    assert not (await reader.read()).startswith(b"HTTP")  # at most TLS' own alert
    reader, _ = await emulator.connect(GET)
    assert (await answer(reader))[0] == 200


async def test_other_hosts_are_passed_on_where_allowed(passing: Emulator) -> None:
    async def count(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    app = web.Application(client_max_size=2**24)
    app.router.add_post("/", count)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        reader, writer = await passing.connect(
            f"CONNECT 127.0.0.1:{site.port} HTTP/1.1\r\n\r\n".encode()
        )
        assert (await answer(reader))[0] == 200
        size = 3_000_000  # more than the buffers between hold
        writer.write(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode())
        writer.write(b"a" * size)
        assert await answer(reader) == (200, str(size).encode())
    finally:
        await runner.cleanup()


async def test_a_host_that_cannot_be_reached_is_told(passing: Emulator) -> None:
    reader, _ = await passing.connect(b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n")
    status, body = await answer(reader)
    assert status == 502
    assert b"127.0.0.1:1 cannot be reached" in body
