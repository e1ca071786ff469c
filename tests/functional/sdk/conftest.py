"""A recording server: WeChat's side as the SDK meets it, with answers of the test's choice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from openapi_shim import Cloud
from openapi_shim.http_session import close_session
from openapi_shim.settings import Settings
from openapi_shim.transports.https import HttpsTransport

OK = {"errcode": 0, "errmsg": "ok", "id_num": "1", "name": "张三"}


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    raw_query: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


Answer = dict[str, Any] | web.Response | Callable[[web.Request], web.Response]


@dataclass
class Recorder:
    """Records what arrives; answers what the test lined up, then ``OK``.

    *before*, if there is any, gets each request and what answers it.
    """

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    token_answers: list[Any] = field(default_factory=list)
    tokens: int = 0
    before: Any = None

    def calls(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.path.startswith("/cv/")]

    def token_requests(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.path.startswith("/cgi-bin/")]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(
            Seen(
                request.method,
                request.path,
                request.rel_url.raw_query_string,
                dict(request.query),
                dict(request.headers),
                await request.read(),
            )
        )
        token = request.path.startswith("/cgi-bin/")
        lined_up = self.token_answers if token else self.answers
        if lined_up:
            answer = lined_up.pop(0)
        elif token:
            self.tokens += 1
            answer = {"access_token": f"T{self.tokens}", "expires_in": 7200}
        else:
            answer = OK
        if answer == "hang up":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(answer, web.Response):
            return answer
        return web.json_response(answer)


@pytest.fixture
async def wechat() -> AsyncIterator[Recorder]:
    recorder = Recorder()
    app = web.Application(client_max_size=20_000_000)

    async def handle(request: web.Request) -> web.StreamResponse:
        if recorder.before is not None:
            response: web.StreamResponse = await recorder.before(request, recorder.handle)
            return response
        return await recorder.handle(request)

    app.router.add_route("*", "/{tail:.*}", handle)
    async with TestServer(app) as server:
        recorder.url = str(server.make_url("")).rstrip("/")
        yield recorder
        await close_session()


@dataclass
class Pauses:
    """Stands in for sleeping: remembers how long each pause would have been."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def make_cloud(wechat: Recorder, pauses: Pauses) -> Callable[..., Cloud]:
    """An SDK bound to the recording server; keyword arguments are settings."""

    def make(**settings: Any) -> Cloud:
        values = {"base_url": wechat.url, "appid": "wx1", "secret": "s3cr3t", **settings}
        model = Settings.model_validate(values)
        transport = HttpsTransport(model, sleep=pauses, jitter=lambda _, high: high)
        cloud = Cloud(settings=model, transport=transport)
        cloud.init({"env": cloud.DYNAMIC_CURRENT_ENV})
        return cloud

    return make


@pytest.fixture
def platform(wechat: Recorder, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """An SDK in a function on CloudBase, whose gateway is the recording server."""
    from .gateway import CALLER, KEYS  # it needs this module

    for name, value in {**KEYS, **CALLER, "TENCENTCLOUD_RUNENV": "SCF"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TCB_CONTEXT_CNFG", f'{{"URL":"{wechat.url}/admin"}}')
    cloud = Cloud()
    cloud.init({"env": cloud.DYNAMIC_CURRENT_ENV})
    return cloud


@pytest.fixture
def cloud(make_cloud: Callable[..., Cloud]) -> Cloud:
    return make_cloud()
