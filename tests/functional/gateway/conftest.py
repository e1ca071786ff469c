"""The gateway on a real socket, over a runner, a recognizer and a clock of the test's choice."""

from __future__ import annotations

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

from openapi_shim.emulator.bodies import READ_TIME
from openapi_shim.emulator.gateway.doors import Services, add_gateway
from openapi_shim.emulator.gateway.invocations import InvocationTokens
from openapi_shim.emulator.storage.object_store import ObjectStore
from openapi_shim.emulator.storage.service import StorageService
from openapi_shim.emulator.storage.signatures import KeyFile
from openapi_shim.errors import InvocationError
from openapi_shim.protocol import messages
from openapi_shim.settings import Settings
from openapi_shim.stores.sqlite import MEMORY, SqliteStore
from openapi_shim.wechat.ids import RandomIds
from openapi_shim.wechat.ocr import DriverLicenseService
from openapi_shim.wechat.quota import Quota
from openapi_shim.wechat.recognition import RecognitionQueue
from openapi_shim.wechat.tcb import Invocation
from tests.unit.wechat.fakes import FakeFetcher, FakeRecognizer

APPID = "wx00"
FILE_LIMIT = 1_000_000  # bytes of one stored file


@dataclass
class FakeRunner:
    """Answers what it was asked, unless it was told to fail."""

    error: Exception | None = None
    seen: list[Invocation] = field(default_factory=list)

    async def invoke(self, invocation: Invocation) -> str:
        self.seen.append(invocation)
        if self.error is not None:
            raise self.error
        return json.dumps({"hello": json.loads(invocation.event)})


@dataclass
class Gateway:
    """A running gateway, and a client."""

    url: str
    runner: FakeRunner
    recognizer: FakeRecognizer
    fetcher: FakeFetcher
    tokens: InvocationTokens
    project: Path
    session: aiohttp.ClientSession
    caplog: pytest.LogCaptureFixture

    def permit(self, *operations: str) -> None:
        """Write the project's config.json."""
        text = json.dumps({"permissions": {"openapi": operations}})
        (self.project / "config.json").write_text(text)

    async def admin(self, action: str, **fields: Any) -> dict[str, Any]:
        body = {"action": action, "envName": "my-env", "wxCloudApiToken": "", **fields}
        answer: dict[str, Any] = await self.post(
            "/admin?env=my-env", data=io.BytesIO(json.dumps(body).encode())
        )
        return answer

    async def post(self, path: str, *, status: int = 200, **options: Any) -> Any:
        """The JSON answer; an error must have told its reason in the log too."""
        async with self.session.post(self.url + path, **options) as response:
            body = json.loads(await response.read())
            assert response.headers["Content-Type"] == "application/json; charset=utf-8"
            assert response.status == status, body
            reason = unquote(response.headers.get("X-Openapi-Shim-Reason", ""))
        if isinstance(body, dict) and body.get("code"):
            assert reason
            assert f"{body['code']} because {reason} (request {body['requestId']})" in self.log()
        return body

    async def openapi(
        self, api: str, message: Any = None, *, token: str = "", data: bytes | None = None
    ) -> Any:
        """The CommOpenApiResp, or the JSON error."""
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("action", "wx.openApi")
        form.add_field("apiName", api)
        content = message.SerializeToString() if data is None else data
        form.add_field("requestData", io.BytesIO(content), content_type="application/octet-stream")
        form.add_field("envName", "my-env")
        form.add_field("wxCloudApiToken", token)
        async with self.session.post(f"{self.url}/admin", data=form) as response:
            assert response.status == 200
            raw = await response.read()
            if response.headers["Content-Type"] == "application/json; charset=utf-8":
                return json.loads(raw)
            assert response.headers["Content-Type"] == "application/octet-stream"
            return messages.decode("CommOpenApiResp", raw)

    def log(self) -> str:
        return "\n".join(record.getMessage() for record in self.caplog.records)


def pairs(*items: tuple[str, Any], appid: str | None = None) -> Any:
    """A CommApiData of an openapi call: bytes are files, all else JSON."""
    message = messages.new("CommApiData", apiType=messages.OPEN_API)
    message.openapiData.SetInParent()
    if appid is not None:
        message.appid = appid
    for key, value in items:
        if isinstance(value, bytes):
            message.openapiData.pairs.add(key=key, value=value, filename=f"{key}.png")
        else:
            message.openapiData.pairs.add(key=key, value=json.dumps(value).encode())
    return message


StartGateway = Callable[..., Awaitable[Gateway]]


@pytest_asyncio.fixture
async def start_gateway(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> AsyncIterator[StartGateway]:
    """Starts gateways; they end with the test."""
    caplog.set_level(logging.INFO, "openapi_shim")
    closing: list[Callable[[], Awaitable[None]]] = []

    async def start(
        *, clock: Callable[[], float] = time.time, read_time: float = 30.0, **values: Any
    ) -> Gateway:
        if "gateway_secret_key" in values:
            values["gateway_secret_key"] = SecretStr(values["gateway_secret_key"])
        functions = tmp_path / "functions"
        functions.mkdir(exist_ok=True)
        settings = Settings(functions_dir=functions, state_dir=tmp_path / "state", **values)
        ids = RandomIds(clock)
        runner, recognizer, fetcher = FakeRunner(), FakeRecognizer(), FakeFetcher()
        recognition = RecognitionQueue(recognizer)
        tokens = InvocationTokens()
        store = SqliteStore(MEMORY, clock=clock)
        closing.append(store.close)
        app = web.Application()
        app[READ_TIME] = read_time
        server = TestServer(app)
        storage = StorageService(
            settings.state_dir / "storage",
            env=settings.emulator_env,
            base_url=lambda: str(server.make_url("")).rstrip("/"),
            clock=clock,
            ids=ids,
            key=KeyFile(settings.state_dir / "storage.key"),
        )
        driver_license = DriverLicenseService(
            quota=Quota(store, settings.daily_quota, clock),
            fetcher=fetcher,
            recognition=recognition,
        )
        ObjectStore(storage, ids, FILE_LIMIT).add_to(app)
        services = Services(runner, storage, driver_license, tokens)
        add_gateway(app, services, settings=settings, appid=APPID, clock=clock, ids=ids)
        await server.start_server()
        session = aiohttp.ClientSession()

        async def close() -> None:
            recognition.close()
            await session.close()
            await server.close()

        closing.append(close)
        url = str(server.make_url("")).rstrip("/")
        return Gateway(url, runner, recognizer, fetcher, tokens, tmp_path, session, caplog)

    yield start
    for close in closing:
        await close()


@pytest_asyncio.fixture
async def gateway(start_gateway: StartGateway) -> Gateway:
    """A gateway of a project that may call ocr.driverLicense."""
    running = await start_gateway()
    running.permit("ocr.driverLicense")
    return running


def failing(errcode: int, text: str) -> InvocationError:
    """A failure of the runner's."""
    return InvocationError(errcode, text)
