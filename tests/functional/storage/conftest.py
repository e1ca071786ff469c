"""The object store and the server API of storage on a real socket, with a clock to turn."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from openapi_shim.emulator.answering import as_handler
from openapi_shim.emulator.storage.object_store import ObjectStore
from openapi_shim.emulator.storage.receiving import IDLE_TIME
from openapi_shim.emulator.storage.service import StorageService, UploadGrant
from openapi_shim.emulator.storage.signatures import KeyFile
from openapi_shim.emulator.storage.tcb import StorageEndpoints
from openapi_shim.stores.sqlite import MEMORY, SqliteStore
from openapi_shim.wechat.answers import Answers
from openapi_shim.wechat.ids import RandomIds
from openapi_shim.wechat.tokens import TokenService
from tests.unit.wechat.fakes import FakeClock

LIMIT = 3 * 1024 * 1024
ENV = "local-env"


@dataclass
class Store:
    url: str
    service: StorageService
    clock: FakeClock
    folder: Path
    session: aiohttp.ClientSession
    token: str

    async def put(self, path: str, content: bytes, **headers: str) -> UploadGrant:
        grant = self.service.prepare_upload(path)
        async with self.session.put(
            grant.url,
            data=io.BytesIO(content),
            headers=put_headers(grant) | headers,
            skip_auto_headers=["Content-Type"],
        ) as response:
            assert (response.status, await response.read()) == (200, b"")
        return grant

    async def get(self, url: str, **headers: str) -> tuple[int, bytes]:
        async with self.session.get(url, headers=headers) as response:
            return response.status, await response.read()

    def link(self, file_id: str, max_age: int | None = None) -> str:
        (link,) = self.service.links([(file_id, max_age)])
        assert link.code == "SUCCESS", link
        return link.url

    def content(self, path: str) -> bytes | None:
        opened = self.service.shelf.open(ENV, path)
        if opened is None:
            return None
        with opened[0] as file:
            return file.read()

    async def until_in_flight(self, count: int) -> None:
        """Wait until as many files are on their way in."""
        while len(self.in_flight()) != count:  # noqa: ASYNC110 - it is no event of this loop
            await asyncio.sleep(0.01)

    def in_flight(self) -> list[str]:
        folder = self.folder / ".incoming"
        return [entry.name for entry in folder.iterdir()] if folder.exists() else []


def put_headers(grant: UploadGrant) -> dict[str, str]:
    """Headers of wx-server-sdk 4."""
    return {
        "Signature": grant.authorization,
        "authorization": grant.authorization,
        "x-cos-security-token": grant.token,
        "x-cos-meta-fileid": grant.cos_file_id,
    }


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with running(tmp_path, idle_time=30.0) as running_store:
        yield running_store


@pytest_asyncio.fixture
async def hasty_store(tmp_path: Path) -> AsyncIterator[Store]:
    """One that does not wait for silent clients."""
    async with running(tmp_path, idle_time=0.2) as running_store:
        yield running_store


@contextlib.asynccontextmanager
async def running(tmp_path: Path, *, idle_time: float) -> AsyncIterator[Store]:
    clock = FakeClock()
    ids = RandomIds(clock)
    address: list[str] = []
    service = StorageService(
        tmp_path / "storage",
        env="",
        base_url=lambda: address[0],
        clock=clock,
        ids=ids,
        key=KeyFile(tmp_path / "storage.key"),
    )
    tokens = TokenService(SqliteStore(MEMORY, clock=clock), clock=clock, new_token=ids.token)
    answers = Answers(ids)
    app = web.Application()
    app[IDLE_TIME] = idle_time
    ObjectStore(service, ids, LIMIT).add_to(app)
    for path, endpoint in StorageEndpoints(answers, tokens, service).by_path().items():
        app.router.add_route("*", path, as_handler(endpoint, answers))
    server = TestServer(app, host="127.0.0.1", handler_cancellation=True)
    async with server, aiohttp.ClientSession() as session:
        url = str(server.make_url("")).rstrip("/")
        address.append(url)
        token = (await tokens.token("client_credential", "wx1", "secret")).access_token
        yield Store(url, service, clock, tmp_path / "storage", session, token)
