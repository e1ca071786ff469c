"""A runner of functions without an emulator around it, and functions in both languages."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import textwrap
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from openapi_shim.emulator.functions.pool import Pool
from openapi_shim.emulator.functions.runner import ProcessRunner
from openapi_shim.errors import InvocationError
from openapi_shim.settings import Settings
from openapi_shim.wechat.tcb import Invocation

PYTHON, NODE = "index.py", "index.js"


async def until(condition: Callable[[], Any]) -> None:
    """Wait until *condition* holds."""
    while not condition():  # noqa: ASYNC110 - it is no event of this loop
        await asyncio.sleep(0.01)


def running(pid: int) -> bool:
    """Whether process *pid* runs, and is no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@dataclass
class Functions:
    """A folder of functions and what runs them."""

    root: Path
    runner: ProcessRunner
    caplog: pytest.LogCaptureFixture

    def write(self, name: str, code: str, config: Any = None, entry: str = PYTHON) -> Path:
        """Write the entry file of function *name*, and its config.json."""
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        if config is not None:
            (folder / "config.json").write_text(json.dumps(config))
        (folder / entry).write_text(textwrap.dedent(code), "utf-8")
        return folder

    async def call(self, name: str, event: Any = None, **invocation: Any) -> Any:
        """What the function returns."""
        text = json.dumps({} if event is None else event)
        return json.loads(await self.runner.invoke(Invocation(name, text, **invocation)))

    async def fail(self, name: str, event: Any = None) -> tuple[int, str]:
        """The code and the text of the error it ends with."""
        with pytest.raises(InvocationError) as caught:
            await self.call(name, event)
        return caught.value.errcode, str(caught.value)

    async def answers(self, name: str, result: Any, event: Any = None) -> None:
        """Wait until the function returns *result*."""
        while True:
            try:
                if await self.call(name, event) == result:
                    return
            except InvocationError:
                pass
            await asyncio.sleep(0.02)

    def pool(self, name: str) -> Pool:
        """The workers of function *name*."""
        return self.runner._pools[name]

    def log(self) -> str:
        """All that was logged."""
        return "\n".join(record.getMessage() for record in self.caplog.records)

    async def logged(self, text: str) -> None:
        """Wait until *text* is in the log."""
        await until(lambda: text in self.log())


Make = Callable[..., Functions]


@pytest_asyncio.fixture
async def make(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Make]:
    """Makes runners; they end with the test."""
    caplog.set_level(logging.INFO, "openapi_shim")
    runners = []
    numbers = itertools.count(1)

    def new(*, watch: bool = False, **settings: Any) -> Functions:
        root = tmp_path / "functions"
        root.mkdir(exist_ok=True)
        settings = {"function_timeout": 60, "functions_dir": root} | settings
        runner = ProcessRunner(
            Settings(**settings), new_request_id=lambda: f"{next(numbers):08d}-id"
        )
        runner.serve_at("http://127.0.0.1:9")
        if watch:
            runner.watch()
        runners.append(runner)
        return Functions(root, runner, caplog)

    yield new
    for runner in runners:
        await runner.close()


@pytest_asyncio.fixture
async def functions(make: Make) -> Functions:
    return make()
