"""An emulator on a real socket with a recognizer of the test's choice, and a host of images."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from openapi_shim.emulator.app import RECOGNITION, RUNNER, create_app
from openapi_shim.emulator.bodies import READ_TIME
from openapi_shim.emulator.control.memory import Memory
from openapi_shim.emulator.functions.runner import ProcessRunner
from openapi_shim.emulator.server import EmulatorServer
from openapi_shim.settings import Settings
from openapi_shim.wechat.recognition import RecognitionQueue, Recognizer
from tests.unit.wechat.fakes import FakeClock, FakeRecognizer

JPEG = b"\xff\xd8\xff\xe0 not really"
OCR = "/cv/ocr/drivinglicense"


async def until(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds."""
    while not condition():  # noqa: ASYNC110 - it is no event of this loop
        await asyncio.sleep(0.01)


@dataclass
class Answer:
    """One answer, and why."""

    errcode: int
    body: dict[str, Any]
    reason: str
    headers: dict[str, str]


@dataclass
class Emulator:
    """A running emulator, and a client with a token."""

    url: str
    clock: FakeClock
    recognizer: Any
    runner: ProcessRunner
    recognition: RecognitionQueue
    session: aiohttp.ClientSession
    caplog: pytest.LogCaptureFixture
    token: str = ""

    async def call(
        self, method: str, path: str, *, authorized: bool = True, **options: Any
    ) -> Answer:
        """Call *path*; an error must have told its reason in the log too."""
        params = dict(options.pop("params", {}))
        if authorized:
            params = {"access_token": self.token} | params
        async with self.session.request(
            method, self.url + path, params=params, **options
        ) as response:
            assert response.status == 200
            assert response.headers["Content-Type"] == "application/json; encoding=utf-8"
            body = json.loads(await response.read())
            headers = dict(response.headers)
        reason = unquote(headers.get("X-Openapi-Shim-Reason", ""))
        errcode = body.get("errcode", 0)
        rid = headers["X-Openapi-Shim-Rid"]
        assert rid in self.log()
        if errcode:
            assert type(errcode) is int
            assert body["errmsg"].endswith(f" rid: {rid}")
            assert reason
            assert f"{errcode} because {reason} (rid {rid})" in self.log()
        return Answer(errcode, body, reason, headers)

    async def recognize(self, method: str = "POST", **options: Any) -> Answer:
        return await self.call(method, OCR, **options)

    async def upload(self, content: bytes, filename: str = "a.jpg") -> Answer:
        form = aiohttp.FormData()
        form.add_field("img", io.BytesIO(content), filename=filename, content_type="image/jpeg")
        return await self.recognize(data=form)

    async def by_url(self, url: str) -> Answer:
        return await self.recognize(params={"img_url": url})

    async def invoke(self, name: str, event: Any = None, **params: str) -> Answer:
        body = b"" if event is None else json.dumps(event).encode()
        return await self.call(
            "POST",
            "/tcb/invokecloudfunction",
            params={"env": "e", "name": name} | params,
            data=body,
            skip_auto_headers=["Content-Type"],
        )

    async def new_token(self, appid: str = "wx1") -> str:
        answer = await self.call(
            "GET",
            "/cgi-bin/token",
            authorized=False,
            params={"grant_type": "client_credential", "appid": appid, "secret": "s3cret"},
        )
        token: str = answer.body["access_token"]
        return token

    def log(self) -> str:
        return "\n".join(record.getMessage() for record in self.caplog.records)

    async def logged(self, text: str) -> None:
        """Wait until *text* is in the log."""
        await until(lambda: text in self.log())


Emulate = Callable[..., Awaitable[Emulator]]


@pytest_asyncio.fixture
async def emulate(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> AsyncIterator[Emulate]:
    """Starts emulators; they end with the test."""
    caplog.set_level(logging.INFO, "openapi_shim")
    servers: list[EmulatorServer] = []
    sessions: list[aiohttp.ClientSession] = []

    async def start(
        recognizer: Recognizer | None = None,
        *,
        read_time: float = 30.0,
        remember: bool = False,
        **settings: Any,
    ) -> Emulator:
        settings = {
            "functions_dir": tmp_path / "functions",
            "state_dir": tmp_path / "state",
        } | settings
        if "emulator_secret" in settings:
            settings["emulator_secret"] = SecretStr(settings["emulator_secret"])
        clock = FakeClock()
        recognizer = recognizer or FakeRecognizer()
        memory = Memory(clock, time.monotonic) if remember else None
        app = create_app(Settings(**settings), recognizer=recognizer, clock=clock, memory=memory)
        if memory is not None:
            app.middlewares.append(memory.middleware())
        app[READ_TIME] = read_time
        server = EmulatorServer(app)
        servers.append(server)
        url = await server.start()
        session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        sessions.append(session)
        emulator = Emulator(url, clock, recognizer, app[RUNNER], app[RECOGNITION], session, caplog)
        if "emulator_secret" not in settings:
            emulator.token = await emulator.new_token()
        return emulator

    yield start
    for session in sessions:
        await session.close()
    for server in servers:
        await server.stop()


@pytest_asyncio.fixture
async def emulator(emulate: Emulate) -> Emulator:
    return await emulate()


@dataclass
class ImageHost:
    """Serves images well and badly."""

    url: str = ""
    port: int = 0
    seen: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    dripping: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request.rel_url.raw_path_qs)
        self.headers = dict(request.headers)
        name = request.path.strip("/")
        handler = getattr(self, "serve_" + name, None)
        if handler is None:
            raise web.HTTPNotFound
        answer: web.StreamResponse = await handler(request)
        return answer

    async def serve_photo(self, _: web.Request) -> web.Response:
        return web.Response(body=JPEG, content_type="image/jpeg")

    async def serve_page(self, _: web.Request) -> web.Response:
        return web.Response(text="<html>log in first", content_type="text/html")

    async def serve_empty(self, _: web.Request) -> web.Response:
        return web.Response()

    async def serve_large(self, _: web.Request) -> web.Response:
        return web.Response(body=bytes(3 * 1024 * 1024), content_type="image/jpeg")

    async def serve_zipped(self, _: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(JPEG), headers={"Content-Encoding": "gzip"})

    async def serve_bomb(self, _: web.Request) -> web.Response:
        bomb = gzip.compress(bytes(50_000_000))
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async def serve_chunked(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        try:
            for _ in range(100):
                await response.write(bytes(65536))
        except ConnectionError:
            pass
        return response

    async def serve_drip(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while not self.dripping.is_set():
                await response.write(b"x")
                await asyncio.sleep(0.02)
        except ConnectionError:
            pass
        return response

    async def serve_redirect(self, request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": request.query["to"]})

    async def serve_loop(self, request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "/loop"})


@pytest_asyncio.fixture
async def images() -> AsyncIterator[ImageHost]:
    host = ImageHost()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", host.handle)
    server = TestServer(app)
    await server.start_server()
    host.url = f"http://127.0.0.1:{server.port}"
    host.port = server.port or 0
    yield host
    host.dripping.set()
    await server.close()
