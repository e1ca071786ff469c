from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from openapi_shim.emulator.functions import worker
from openapi_shim.emulator.functions.frames import pack, receive


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def answer(loop: asyncio.AbstractEventLoop, main: Any, event: str = "{}") -> dict[str, Any]:
    return worker.run(loop, main, event, {"request_id": "1"})


def test_main_may_be_either_kind(loop: asyncio.AbstractEventLoop) -> None:
    async def later(event: Any, context: Any) -> Any:
        await asyncio.sleep(0)
        return [event, context]

    for main in (later, lambda event, context: [event, context]):
        got = answer(loop, main, '{"名": "张三"}')
        assert json.loads(got["result"]) == [{"名": "张三"}, {"request_id": "1"}]


def test_a_synchronous_main_may_run_a_loop_of_its_own(loop: asyncio.AbstractEventLoop) -> None:
    async def inner() -> int:
        return 7

    assert answer(loop, lambda *_: asyncio.run(inner()))["result"] == "7"


def test_the_loop_lives_on_between_calls(loop: asyncio.AbstractEventLoop) -> None:
    seen = []

    async def main(*_: Any) -> None:
        seen.append(asyncio.get_running_loop())

    answer(loop, main)
    answer(loop, main)
    assert seen == [loop, loop]


def cycle() -> list[Any]:
    own: list[Any] = []
    own.append(own)
    return own


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        (float("nan"), "TypeError"),
        (b"bytes", "TypeError"),
        ({1, 2}, "TypeError"),
        (cycle(), "TypeError"),
        ("\ud800", "TypeError"),
        ("x" * (worker.RESULT_LIMIT + 1), "ValueError"),
    ],
)
def test_a_result_that_is_no_json(loop: asyncio.AbstractEventLoop, result: Any, kind: str) -> None:
    error = answer(loop, lambda *_: result)["error"]
    assert error["type"] == kind
    assert "main returned" in error["message"]


def test_exit_is_not_caught(loop: asyncio.AbstractEventLoop) -> None:
    with pytest.raises(SystemExit):
        answer(loop, lambda *_: sys.exit(1))


def test_frames_arrive_whole_and_the_end_is_none() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(pack({"a": "张"}) + pack({"b": 1})[:-1])
        theirs.close()
        assert receive(ours) == {"a": "张"}
        assert receive(ours) is None


def test_the_worker_loads_the_standard_library_alone() -> None:
    code = (
        "import sys, openapi_shim.emulator.functions.worker as w;"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('aiohttp', 'pydantic', 'numpy', 'typer')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
