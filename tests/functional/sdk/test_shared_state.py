"""Several real processes and one store: one token, one charge a photo, one count a day.

Each has its control: the same processes without what they share, so that it shows.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from .conftest import Recorder

PROCESSES = 3

# Says that it is ready, waits for a line, and makes its calls at once.
WORKER = """
import asyncio, json, sys

from openapi_shim import CloudError, cloud, single_flight

single_flight.LEASE = 1.0
cloud.init({"env": "e"})
calls = json.loads(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()

async def call(content):
    try:
        img = {"contentType": "image/jpeg", "value": content.encode()}
        return (await cloud.openapi.ocr.driverLicense(img=img))["errCode"]
    except CloudError as error:
        return error.errCode

async def main():
    return await asyncio.gather(*map(call, calls))

print(json.dumps(asyncio.run(main())))
"""


class Crew:
    """Processes that begin at the same time."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.environ = {
            **{key: value for key, value in os.environ.items() if "OPENAPI_SHIM" not in key},
            "OPENAPI_SHIM_TRANSPORT": "https",
            "OPENAPI_SHIM_BASE_URL": url,
            "OPENAPI_SHIM_APPID": "wx1",
            "OPENAPI_SHIM_SECRET": "s3cr3t",
            "OPENAPI_SHIM_TIMEOUT": "120",
        }
        self.store = f"sqlite:{folder / 'shared.sqlite'}"
        self.processes: list[asyncio.subprocess.Process] = []
        (folder / "config.json").write_text('{"permissions": {"openapi": ["ocr.driverLicense"]}}')
        (folder / "worker.py").write_text(WORKER)

    async def hire(self, calls: list[str], **settings: str) -> asyncio.subprocess.Process:
        more = {f"OPENAPI_SHIM_{name.upper()}": value for name, value in settings.items()}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "worker.py", json.dumps(calls)),
            cwd=self.folder,
            env=self.environ | more,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self.processes.append(process)
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        return process

    async def work(self, calls: Callable[[int], list[str]], **settings: str) -> list[int]:
        """What the calls of all processes came to."""
        hired = await asyncio.gather(
            *(self.hire(calls(number), **settings) for number in range(PROCESSES))
        )
        done = await asyncio.gather(*(process.communicate(b"go\n") for process in hired))
        return [code for output, _ in done for code in json.loads(output)]


@pytest_asyncio.fixture
async def crew(tmp_path: Path, wechat: Recorder) -> AsyncIterator[Crew]:
    crew = Crew(tmp_path, wechat.url)
    yield crew
    for process in crew.processes:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("endpoint", ["stable_token", "token"])
async def test_processes_that_share_a_store_ask_for_one_token(
    crew: Crew, wechat: Recorder, endpoint: str
) -> None:
    codes = await crew.work(lambda _: ["a", "b"], token_endpoint=endpoint, store=crew.store)
    assert codes == [0] * 2 * PROCESSES
    assert len(wechat.token_requests()) == 1
    assert {seen.query["access_token"] for seen in wechat.calls()} == {"T1"}


async def test_control_without_the_store_each_asks(crew: Crew, wechat: Recorder) -> None:
    await crew.work(lambda _: ["a", "b"])
    assert len(wechat.token_requests()) == PROCESSES


async def test_a_process_killed_while_it_asks_is_taken_over_from(
    crew: Crew, wechat: Recorder
) -> None:
    asked, over = asyncio.Event(), asyncio.Event()

    async def first_never_answers(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if request.path.startswith("/cgi-bin/") and not asked.is_set():
            asked.set()
            await over.wait()
        return await handler(request)

    wechat.before = first_never_answers
    first = await crew.hire(["a"], store=crew.store)
    second = await crew.hire(["b"], store=crew.store)
    assert first.stdin is not None
    first.stdin.write(b"go\n")
    await asked.wait()
    first.kill()
    output, _ = await second.communicate(b"go\n")
    over.set()
    assert json.loads(output) == [0]


async def test_one_photo_is_charged_once(crew: Crew, wechat: Recorder) -> None:
    codes = await crew.work(lambda _: ["same", "same"], store=crew.store, idempotency="600")
    assert codes == [0] * 2 * PROCESSES
    assert len(wechat.calls()) == 1


@pytest.mark.parametrize("settings", [{}, {"idempotency": "600"}])
async def test_control_without_the_store_each_process_is_charged(
    crew: Crew, wechat: Recorder, settings: dict[str, Any]
) -> None:
    await crew.work(lambda _: ["same", "same"], **settings)
    assert len(wechat.calls()) == (PROCESSES if settings else 2 * PROCESSES)


async def test_a_day_has_its_number_of_calls_over_all_processes(
    crew: Crew, wechat: Recorder
) -> None:
    def photos(number: int) -> list[str]:
        return [f"{number}-{photo}" for photo in range(4)]

    codes = await crew.work(photos, store=crew.store, calls_per_day="5")
    assert sorted(codes) == [0] * 5 + [101003] * (4 * PROCESSES - 5)
    assert len(wechat.calls()) == 5
    codes = await crew.work(photos, calls_per_day="5")  # the control: each counts for itself
    assert codes == [0] * 4 * PROCESSES
