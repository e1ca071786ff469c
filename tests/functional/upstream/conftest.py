"""A server that stands in for the real WeChat, and emulators in front of it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from openapi_shim.emulator.desk import make_desk
from openapi_shim.emulator.server import EmulatorServer
from openapi_shim.http_session import close_session
from openapi_shim.settings import Settings
from openapi_shim.stores.sqlite import MEMORY, SqliteStore
from tests.unit.wechat.fakes import FakeRecognizer

APPID, SECRET = "wxdeadbeefcafe0123", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
LICENSE = {
    "id_num": "420102199001017715",
    "name": "欧阳测试",
    "sex": "男",
    "nationality": "中国",
    "address": "湖北省武汉市江岸区虚构路8号",
    "birth_date": "1990-01-01",
    "issue_date": "2012-05-06",
    "car_class": "B2",
    "valid_from": "2018-05-06",
    "valid_to": "长期",
    "official_seal": "湖北省武汉市公安局交通警察支队",
}
OK = {"errcode": 0, "errmsg": "ok", **LICENSE}
WECHAT_JSON = {"Content-Type": "application/json; encoding=utf-8"}


@dataclass
class Arrived:
    """One request at WeChat's side."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class RealWeChat:
    """Answers what the test lined up, else a licence; its tokens are ``REAL_n``."""

    url: str = ""
    arrived: list[Arrived] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    tokens: int = 0
    held: asyncio.Event | None = None

    def calls(self) -> list[Arrived]:
        return [one for one in self.arrived if not one.target.startswith("/cgi-bin/")]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.arrived.append(Arrived(request.method, request.raw_path, request.headers, body))
        if self.held is not None:
            await self.held.wait()
        if request.path in ("/cgi-bin/token", "/cgi-bin/stable_token"):
            self.tokens += 1
            token = f"REAL_{self.tokens}_" + "k7" * 60
            return web.json_response({"access_token": token, "expires_in": 7200})
        answer = self.answers.pop(0) if self.answers else OK
        if answer == "hang up":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if answer == "truncated":
            response = web.StreamResponse(headers=WECHAT_JSON)
            response.content_length = 500
            await response.prepare(request)
            await response.write(b'{"errcode":0,')
            assert request.transport is not None
            request.transport.close()
            return response
        if isinstance(answer, web.Response):
            return answer
        text = json.dumps(answer, ensure_ascii=False)
        return web.Response(body=text.encode(), headers={**WECHAT_JSON, "Set-Cookie": "a=b"})


@pytest.fixture
async def wechat() -> AsyncIterator[RealWeChat]:
    real = RealWeChat()
    app = web.Application(client_max_size=20_000_000)
    app.router.add_route("*", r"/{tail:[\s\S]*}", real.handle)
    async with TestServer(app) as server:
        real.url = str(server.make_url("")).rstrip("/")
        yield real
        await close_session()


@dataclass
class Front:
    """An emulator in front of it, and a client."""

    url: str
    server: EmulatorServer
    session: aiohttp.ClientSession

    async def ask(
        self, method: str, path: str, **options: Any
    ) -> tuple[aiohttp.ClientResponse, bytes]:
        url = URL(self.url + path, encoded=True)
        async with self.session.request(method, url, **options) as response:
            return response, await response.read()

    async def json(self, method: str, path: str, **options: Any) -> Any:
        return json.loads((await self.ask(method, path, **options))[1])

    async def refused(self, method: str, path: str, **options: Any) -> tuple[int, int, str]:
        """Status, errcode and reason of an error of the emulator's own."""
        response, body = await self.ask(method, path, **options)
        document = json.loads(body)
        assert list(document) == ["errcode", "errmsg"]
        reason = unquote(response.headers["X-Openapi-Shim-Reason"])
        return response.status, document["errcode"], reason


Stand = Callable[..., Awaitable[Front]]


@pytest.fixture
async def stand(
    wechat: RealWeChat, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Stand]:
    """Starts emulators in front of *wechat*; keyword arguments are settings."""
    caplog.set_level(logging.INFO, "openapi_shim")
    fronts: list[Front] = []

    async def start(mode: str, **settings: Any) -> Front:
        values = {
            "upstream": mode,
            "upstream_url": wechat.url,
            "recording": tmp_path / "recording.jsonl",
            "functions_dir": tmp_path / "functions",
            "state_dir": tmp_path / f"state{len(fronts)}",
            "port": 0,
            "appid": APPID,
            "secret": SECRET,
            **settings,
        }
        server = make_desk(
            Settings.model_validate(values), recognizer=FakeRecognizer(), store=SqliteStore(MEMORY)
        ).server
        url = await server.start()
        front = Front(url, server, aiohttp.ClientSession())
        fronts.append(front)
        return front

    yield start
    for front in fronts:
        await front.session.close()
        await front.server.stop()
    await close_session()
